"""Project files besides code are correct: workflows, citation, security policy, image."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from genlabel_robust.core.version import __version__

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
YAML = sorted(
    path
    for folder in (".github", "docs/examples")
    for path in (ROOT / folder).rglob("*.yml")
    if ".github" in path.parts or path.parent.name == "examples"
)


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def step(workflow: str, job: str, name: str) -> str:
    """The commands of a step of a workflow."""
    steps = yaml.safe_load(read(f".github/workflows/{workflow}"))["jobs"][job]["steps"]
    (script,) = (one["run"] for one in steps if one.get("name") == name)
    assert isinstance(script, str)
    return script


@pytest.mark.parametrize("path", YAML, ids=[str(p.relative_to(ROOT)) for p in YAML])
def test_every_yaml_file_is_one(path: Path) -> None:
    assert isinstance(yaml.safe_load(path.read_text("utf-8")), dict)


def test_workflows_may_write_nothing_unless_a_job_says_so() -> None:
    for path in (ROOT / ".github/workflows").iterdir():
        assert yaml.safe_load(path.read_text("utf-8"))["permissions"] == {"contents": "read"}


def test_tests_run_on_the_pythons_that_are_named() -> None:
    jobs = yaml.safe_load(read(".github/workflows/tests.yml"))["jobs"]
    pythons = jobs["tests"]["strategy"]["matrix"]["python"]
    prefix = "Programming Language :: Python :: "
    assert pythons == [c.removeprefix(prefix) for c in PROJECT["classifiers"] if prefix in c]
    assert PROJECT["requires-python"] == f">={pythons[0]}"


@pytest.mark.parametrize(("tag", "code"), [(f"v{__version__}", 0), ("v9.9.9", 1)])
def test_a_release_is_made_only_of_the_version_that_the_tag_names(tag: str, code: int) -> None:
    script = step("release.yml", "build", "Compare the tag with the version")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env={"TAG": tag, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == code
    assert (f"the version {__version__}" in done.stdout) == bool(code)


def test_the_image_installs_extras_and_calls_a_command_that_there_are() -> None:
    text = read("Dockerfile")
    (extras,) = re.findall(r"\.whl\)\[([a-z,]+)\]", text)
    assert set(extras.split(",")) <= set(PROJECT["optional-dependencies"])
    (entry,) = re.findall(r'ENTRYPOINT \["(.*)"\]', text)
    assert entry in PROJECT["scripts"]
    # so that `uvx NAME` needs no second name
    assert entry == PROJECT["name"]


def test_the_citation_is_of_this_project_and_of_the_paper() -> None:
    cited = yaml.safe_load(read("CITATION.cff"))
    assert cited["license"] == PROJECT["license"]
    paper = cited["preferred-citation"]
    assert paper["title"] in re.sub(r"\s+", " ", read("README.md"))
    assert paper["url"] == PROJECT["urls"]["Paper"]
    names = [author["family-names"] for author in paper["authors"]]
    assert ", ".join(names) in re.sub(r"\s+", " ", read("README.md"))


def test_every_hook_runs_a_tool_that_the_tests_bring() -> None:
    hooks = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"][0]["hooks"]
    tools = {"ruff": "ruff", "lint-imports": "import-linter"}
    brought = " ".join(PROJECT["optional-dependencies"]["test"])
    for hook in hooks:
        assert tools[hook["entry"].split()[0]] in brought
