"""The published part of a run, and the content of the published folders."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from genlabel_robust.core.files.writing import sha256
from genlabel_robust.reports.text.markdown import markdown_report
from genlabel_robust.reports.words.wording import median_margin
from genlabel_robust.runs.results.results import Results

ROOT = Path(__file__).parent.parent
DEFAULT = ROOT / "reports" / "default-run"


@pytest.fixture
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("publish", ROOT / "docs" / "publish.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """What a run folder holds, as far as publishing looks at it."""
    run = tmp_path / "run"
    (run / "figures").mkdir(parents=True)
    environment = {"genlabel_robust": "1.0", "python": "3.11", "packages": {"numpy": "2.0"}}
    (run / "manifest.json").write_text(json.dumps({"environment": environment}))
    for name in ("results.json", "report.md", "report.html", "report.pdf", "figures/margins.svg"):
        (run / name).write_text(json.dumps({"this is": name}))
    return run


def sums(folder: Path) -> dict[str, str]:
    lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def present(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS"
    }


def test_the_page_is_published_with_checksums_of_all(
    script: ModuleType, made: Path, tmp_path: Path
) -> None:
    script.publish(made, "one", "the command", tmp_path)
    folder = tmp_path / "one"
    assert sorted(present(folder)) == [
        "README.md",
        "figures/margins.svg",
        "report.html",
        "report.md",
        "results.json",
    ]
    assert (folder / "report.html").read_bytes() == (made / "report.html").read_bytes()
    assert "the command" in (folder / "README.md").read_text()
    assert sums(folder) == present(folder)


def test_a_page_that_is_too_large_is_not_published(
    script: ModuleType, made: Path, tmp_path: Path
) -> None:
    (made / "report.html").write_bytes(bytes(script.LARGEST_PAGE + 1))
    with pytest.raises(SystemExit, match="1,000,001 bytes; at most 1,000,000 are published"):
        script.publish(made, "one", "the command", tmp_path)
    assert not (tmp_path / "one").exists()


def test_a_reproduction_of_the_paper_has_no_page_and_every_other_run_must(
    script: ModuleType, made: Path, tmp_path: Path
) -> None:
    (made / "report.html").unlink()
    with pytest.raises(SystemExit, match=r"report\.html is missing; write it with: .* report "):
        script.publish(made, "one", "the command", tmp_path)
    assert not (tmp_path / "one").exists()
    (made / "results.json").write_text(json.dumps({"paper": "a paper"}))
    script.publish(made, "one", "the command", tmp_path)
    assert sorted(present(tmp_path / "one")) == [
        "README.md",
        "figures/margins.svg",
        "report.md",
        "results.json",
    ]
    assert sums(tmp_path / "one") == present(tmp_path / "one")


def test_the_default_run_is_what_its_checksums_say() -> None:
    assert {"README.md", "report.md", "results.json"} <= set(sums(DEFAULT))
    assert sums(DEFAULT) == present(DEFAULT)


def test_the_default_runs_reports_have_the_figures_of_its_results() -> None:
    """The words may be those of the day on which it was published."""

    def tables(report: str) -> list[str]:
        return [line for line in report.splitlines() if line.startswith("|")]

    document = json.loads((DEFAULT / "results.json").read_text(encoding="utf-8"))
    report = (DEFAULT / "report.md").read_text(encoding="utf-8")
    assert tables(report) == tables(markdown_report(document))
    page = (DEFAULT / "report.html").read_text(encoding="utf-8")
    for row in Results(document).rows:
        median, ends = median_margin(row.margin)
        assert f"{median} <small>{ends}</small>" in page
