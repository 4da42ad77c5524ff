"""The documentation site: it builds, every page is in the navigation, and every link works."""

from __future__ import annotations

import os
import re
import subprocess
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner

import genlabel_robust
from genlabel_robust import parts
from genlabel_robust.cli.main import PROGRAM, commands
from genlabel_robust.parts import contracts
from tests.test_documentation import script

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SETTINGS: dict[str, Any] = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))
PAGES = sorted(page for page in DOCS.rglob("*.md") if "examples" not in page.parts)


def named(nav: Any) -> Iterator[str]:
    """Yield the pages that a part of the navigation names."""
    if isinstance(nav, str):
        yield nav
    else:
        for one in nav.values() if isinstance(nav, dict) else nav:
            yield from named(one)


def test_every_page_but_single_decisions_has_one_place_in_the_navigation() -> None:
    pages = [str(page.relative_to(DOCS)) for page in PAGES]
    assert sorted(named(SETTINGS["nav"])) == [
        page for page in pages if not page.startswith("decisions/0")
    ]


def test_the_list_of_decisions_leads_to_every_decision() -> None:
    listed = re.findall(r"\]\((.+?)\)", (DOCS / "decisions/README.md").read_text("utf-8"))
    assert listed == sorted(page.name for page in (DOCS / "decisions").glob("0*.md"))


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as Markdown makes them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.S | re.M)
    heads = re.findall(r"^#+ (.+)$", text, flags=re.M)
    plain = (unicodedata.normalize("NFKD", h).encode("ascii", "ignore").decode() for h in heads)
    return {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", h).strip().lower()) for h in plain}


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(DOCS)) for page in PAGES])
def test_links_to_headings_find_them(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^):]*)#([^)]+)\)", page.read_text("utf-8")):
        aim = page.parent / target if target else page
        assert anchor in anchors(aim), f"{target}#{anchor}"


def test_the_reference_of_python_has_every_name_of_the_package() -> None:
    text = (DOCS / "reference/python.md").read_text("utf-8")
    headings = set(re.findall(r"heading: genlabel_robust\.(\w+)", text))
    assert headings == set(genlabel_robust.__all__) - {"__version__"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built by the command of the workflow."""
    jobs = yaml.safe_load((ROOT / ".github/workflows/site.yml").read_text("utf-8"))["jobs"]
    (command,) = (s["run"] for s in jobs["build"]["steps"] if s.get("name") == "Build")
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=ROOT,
        env={**os.environ, "SITE": str(folder)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.nightly(first=True)
def test_the_site_builds_strictly_and_has_every_page(site: Path) -> None:
    for page in PAGES:
        at = page.relative_to(DOCS).with_suffix("")
        where = at.parent if at.name in ("index", "README") else at
        assert (site / where / "index.html").exists(), where
    assert "Usage: genlabel-robust audit " in (site / "reference/commands/index.html").read_text()


def test_the_page_of_the_example_package_shows_every_file_and_leads_to_it() -> None:
    hook = script("example_sources")
    text = hook.sources()
    known = hook.files()
    assert [name for name in known if name.endswith("strategy.py")] == ["outside_parts/strategy.py"]
    assert "tests/test_parts.py" in known
    assert next(iter(known)) == "pyproject.toml"
    for name, path in known.items():
        assert f"## [{name}]({name})\n" in text
        assert f"\n{path.read_text('utf-8')}```\n" in text
    page = (DOCS / hook.PAGE).read_text("utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", page):
        assert (DOCS / hook.PAGE).parent.joinpath(target).is_file(), target


@pytest.mark.nightly(first=True)
def test_the_site_has_the_files_of_the_example_package(site: Path) -> None:
    folder = site / "examples/outside-parts"
    for name, path in script("example_sources").files().items():
        assert (folder / name).read_bytes() == path.read_bytes()
        assert name in (folder / "index.html").read_text("utf-8")
    assert not list(folder.rglob("__pycache__"))


def test_the_reference_of_parts_says_what_each_base_class_asks_for() -> None:
    text = (DOCS / "reference/parts.md").read_text("utf-8")
    headings = set(re.findall(r"heading: genlabel_robust\.parts\.(\w+)$", text, re.M))
    assert headings <= set(parts.__all__)
    for name in headings:
        base = getattr(parts, name)
        (about,) = re.findall(
            rf"heading: genlabel_robust\.parts\.{name}$(.*?)(?=\n:::|\n## |\Z)", text, re.M | re.S
        )
        for method in getattr(base, "__abstractmethods__", ()):
            assert method in about, f"{name}.{method}"
            assert getattr(base, method).__doc__
    checks = set(re.findall(r"heading: genlabel_robust\.parts\.contracts\.(\w+)", text))
    assert checks == set(contracts.__all__)


@pytest.mark.nightly(first=True)
def test_the_page_of_parts_has_shapes_and_types(site: Path) -> None:
    text = (site / "reference/parts/index.html").read_text("utf-8")
    told = " ".join(re.sub("<[^>]+>", "", text).split())
    for words in (
        "_soften",
        "x (b, d), floating-point",
        "how much each row counts",
        "check_strategy",
    ):
        assert words in told


@pytest.mark.parametrize("words", [[], ["audit"], ["baseline", "save"]], ids=" ".join)
def test_the_reference_of_commands_is_what_help_prints(words: list[str]) -> None:
    asked = {"prog_name": PROGRAM, "terminal_width": 80}
    printed = CliRunner().invoke(commands, [*words, "--help"], **asked).stdout
    heading = " ".join([PROGRAM, *words])
    assert f"## {heading}\n\n```text\n{printed}```\n" in script("command_reference").reference()


def test_the_reference_of_commands_has_every_option() -> None:
    text = script("command_reference").reference()
    for name, command in commands.commands.items():
        assert f"## genlabel-robust {name}\n" in text
        for option in command.get_params(click.Context(command)):
            if isinstance(option, click.Option) and not option.hidden:
                assert option.opts[0] in text, f"{name} {option.opts[0]}"


@pytest.mark.nightly(first=True)
def test_the_reference_of_python_says_what_the_docstrings_say(site: Path) -> None:
    text = (site / "reference/python/index.html").read_text("utf-8")
    for name in set(genlabel_robust.__all__) - {"__version__"}:
        assert f"genlabel_robust.{name}" in text
        first = (getattr(genlabel_robust, name).__doc__ or "").partition(".")[0]
        assert first.split("`")[0].strip() in re.sub(r"\s+", " ", text), name


@pytest.mark.nightly(first=True)
def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    text = (site / "index.html").read_text("utf-8")
    assert not re.findall(
        r"""<(?:script|img|link rel="stylesheet")[^>]+(?:src|href)="https?:""", text
    )
