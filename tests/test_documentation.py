"""The examples in the documents run, and the numbers come from result files."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import click
import pytest

from genlabel_robust.cli.main import commands

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
Run = Callable[[list[str], Path], str]


def pages() -> list[Path]:
    """The pages of the documentation, without decisions and the example package's own page."""
    return sorted(
        page
        for page in DOCS.rglob("*.md")
        if page.relative_to(DOCS).parts[0] not in ("decisions", "examples")
    )


def block_id(page: Path, number: int) -> str:
    return f"{page.relative_to(ROOT)}-{number}"


def blocks(path: Path, language: str) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.S | re.M)


#: Of the pages' blocks, those that an ordinary run of the tests runs, by what they hold.
QUICK = ("--config run.toml", "config show", "runs/audited")


@pytest.fixture
def run(quick_python: Path) -> Callable[[list[str], Path], str]:
    """Return a function that runs a command in a folder, and gives what it prints."""
    path = [str(quick_python), str(Path(sys.executable).parent), os.environ["PATH"]]
    environ = {**os.environ, "PATH": os.pathsep.join(path)}

    def run(command: list[str], folder: Path) -> str:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environ)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def bash_blocks() -> list[pytest.ParameterSet]:
    """The pages' blocks, all but a few of them nightly."""
    return [
        pytest.param(
            block,
            id=block_id(page, number),
            marks=() if any(part in block for part in QUICK) else pytest.mark.nightly,
        )
        for page in pages()
        for number, block in enumerate(blocks(page, "bash"))
    ]


@pytest.mark.parametrize("block", bash_blocks())
def test_the_commands_of_the_documentation_run(block: str, run: Run, tmp_path: Path) -> None:
    assert run(["bash", "-euo", "pipefail", "-c", block], tmp_path)


def shown_commands() -> list[str]:
    """Every command line of the documents, without what a shell does with it."""
    texts = [
        text for path in (ROOT / "README.md", *pages()) for text in blocks(path, "(?:bash|sh)")
    ]
    lines = "\n".join(texts).replace("\\\n", " ").splitlines()
    found = (line.partition("python -m genlabel_robust ") for line in lines)
    return list(dict.fromkeys(" ".join(after.split()) for _, here, after in found if here))


@pytest.mark.parametrize("line", shown_commands())
def test_the_commands_that_are_shown_have_the_options_that_they_name(line: str) -> None:
    command, arguments = commands, shlex.split(line)
    context = click.Context(command, info_name="genlabel_robust")
    while isinstance(command, click.Group):
        name, command, arguments = command.resolve_command(context, arguments)
        assert command is not None
        context = command.make_context(name, arguments, parent=context)


#: Its Python needs a cluster of jobs.
NEEDS_MACHINES = DOCS / "clusters.md"


def python_blocks() -> list[pytest.ParameterSet]:
    """Every Python block: those of the README are nightly."""
    return [
        pytest.param(
            path,
            number,
            id=block_id(path, number),
            marks=() if path.is_relative_to(DOCS) else pytest.mark.nightly,
        )
        for path in (ROOT / "README.md", *pages())
        if path != NEEDS_MACHINES
        for number in range(len(blocks(path, "python")))
    ]


@pytest.mark.parametrize(("path", "number"), python_blocks())
def test_the_python_snippets_run(path: Path, number: int, run: Run, tmp_path: Path) -> None:
    assert run(["python", "-c", blocks(path, "python")[number]], tmp_path)


def test_the_readme_has_the_two_commands_that_ci_runs() -> None:
    main, tests = blocks(ROOT / "README.md", "bash")
    assert main == "pip install . && python -m genlabel_robust evaluate --eps 0.1\n"
    assert "pytest" in tests


@pytest.mark.nightly
def test_the_readmes_example_for_ci_runs_as_it_stands(run: Run, tmp_path: Path) -> None:
    (commands,) = blocks(ROOT / "README.md", "sh")
    assert "gate: pass" in run(["bash", "-euo", "pipefail", "-c", commands], tmp_path)


@pytest.mark.nightly
def test_the_readmes_test_makes_a_baseline_and_holds_to_it(run: Run, tmp_path: Path) -> None:
    (example,) = blocks(ROOT / "README.md", "py")
    (tmp_path / "test_robustness.py").write_text(example, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_robustness.py"]
    assert "1 passed" in run([*command, "--robustness-update"], tmp_path)
    (baseline,) = (tmp_path / "robustness-baselines").iterdir()
    saved = baseline.read_bytes()
    assert "1 passed" in run(command, tmp_path)
    assert baseline.read_bytes() == saved


def script(name: str) -> ModuleType:
    """Return a script of docs/ as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_of_attacks_is_what_the_benchmarks_measured() -> None:
    page = (ROOT / "docs" / "attacks.md").read_text(encoding="utf-8")
    assert page == script("attack_table").page()


def test_no_suite_reports_less_than_the_exact_robust_accuracy() -> None:
    table = script("attack_table")
    records = json.loads((ROOT / "docs" / "results" / "trees-gap.json").read_text("utf-8"))
    cells = table.with_exact(records["records"])
    assert len(cells) >= 100
    assert all(table.gap(cell) > -1e-9 for cell in cells)


def test_the_table_of_certificates_is_what_the_benchmark_measured() -> None:
    page = (ROOT / "docs" / "certified.md").read_text(encoding="utf-8")
    assert page == script("certified_table").page()


def test_the_page_of_the_short_search_is_what_the_benchmark_measured_and_it_chooses_as_well() -> (
    None
):
    page = (ROOT / "docs" / "short-search.md").read_text(encoding="utf-8")
    assert page == script("short_search_table").page()
    assert page.count("| yes |") == 3


def test_the_table_of_checks_is_their_registry() -> None:
    page = (DOCS / "concepts" / "checks.md").read_text(encoding="utf-8")
    assert "| check | what it asks |\n" in page
    assert page == script("check_table").page()


def test_the_page_of_settings_is_what_is_declared() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page == script("setting_table").page()


def test_the_page_of_file_schemas_is_what_the_schemas_say() -> None:
    page = (DOCS / "reference" / "schemas.md").read_text(encoding="utf-8")
    assert page == script("schema_table").page()


def test_the_page_of_formats_is_their_registry() -> None:
    page = (DOCS / "reference" / "formats.md").read_text(encoding="utf-8")
    assert page == script("format_table").page()


def test_the_readmes_picture_shows_the_published_results() -> None:
    picture = script("picture")

    def texts(svg: str) -> list[str]:
        return [node.text for node in ElementTree.fromstring(svg).iter() if node.text]  # noqa: S314

    assert texts(picture.draw()) == texts(picture.PICTURE.read_text(encoding="utf-8"))


def test_messages_point_at_pages_that_there_are() -> None:
    sources = (ROOT / "genlabel_robust").rglob("*.py")
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    found = re.findall(r"""\bpointer\(['"](.+?)/['"]\)""", text)
    assert found
    assert [page for page in found if not (DOCS / f"{page}.md").exists()] == []


@pytest.mark.parametrize(
    "path", sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("attacks/*.md")])
)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [t for t in targets if not (path.parent / t).exists()] == []
