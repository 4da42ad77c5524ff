"""``report``: a finished run becomes a page, a text, or an error with advice."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import pytest

from genlabel_robust.core.files.writing import sha256


@pytest.fixture
def copy(finished: Any, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished.path, tmp_path / "run"))


def test_evaluate_writes_the_page_that_report_writes(
    finished: Any, call: Callable[..., Any], tmp_path: Path
) -> None:
    out = tmp_path / "page.html"
    done = call("report", finished.path, "--out", out)
    assert done.code == 0, done.stderr
    assert done.stdout == ""
    assert out.read_bytes() == (finished.path / "report.html").read_bytes()
    assert out.stat().st_size < 300_000


def test_without_a_file_the_run_folder_gets_the_page_and_its_checksums_hold(
    copy: Path, call: Callable[..., Any], snapshot: Callable[[Path], dict[str, Any]]
) -> None:
    before = snapshot(copy)
    (copy / "report.html").unlink()
    assert call("report", copy).code == 0
    assert snapshot(copy) == before
    assert "  report.html\n" in (copy / "SHA256SUMS").read_text()
    assert "  inputs/" in (copy / "SHA256SUMS").read_text()


@pytest.mark.parametrize(("form", "file"), [("md", "report.md"), ("json", "results.json")])
def test_other_forms_are_printed_as_the_folder_holds_them(
    form: str, file: str, finished: Any, call: Callable[..., Any]
) -> None:
    done = call("report", finished.path, "--format", form)
    assert done.code == 0, done.stderr
    assert done.stdout == (finished.path / file).read_text(encoding="utf-8")


def test_sections_are_chosen_by_name_and_printed(finished: Any, call: Callable[..., Any]) -> None:
    done = call("report", finished.path, "--section", "limits", "--out", "-")
    assert done.code == 0, done.stderr
    assert done.stdout.count('<section id="') == 1


def test_open_shows_the_file(
    finished: Any, call: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr("webbrowser.open", shown.append)
    out = tmp_path / "a page.html"
    assert call("report", finished.path, "--out", out, "--open").code == 0
    (address,) = shown
    assert Path(unquote(urlparse(address).path)) == out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--format", "json", "--section", "limits"], "work only with --format html or pdf"),
        (["--format", "pdf", "--section", "limits"], "RUN/report.pdf must be the whole report"),
        (["--format", "pdf", "--out", "-"], "a PDF needs a file"),
        (["--section", "limits"], "give --out FILE"),
        (["--section", "limit", "--out", "-"], "did you mean 'limits'"),
        (["--out", "-", "--open"], "--open needs a file"),
        (["--format", "docx"], "docx"),
    ],
)
def test_what_cannot_be_done_is_an_error_that_says_what_can(
    options: list[str],
    told: str,
    copy: Path,
    call: Callable[..., Any],
    snapshot: Callable[[Path], dict[str, Any]],
) -> None:
    before = snapshot(copy)
    done = call("report", copy, *options)
    assert done.code == 2
    assert told in done.stderr
    assert snapshot(copy) == before


def test_a_file_that_cannot_be_written_is_an_error(
    finished: Any, call: Callable[..., Any], tmp_path: Path
) -> None:
    done = call("report", finished.path, "--out", tmp_path / "no folder" / "page.html")
    assert done.code == 2
    assert "give --out FILE" in done.stderr


def test_no_run_and_an_unfinished_run_are_told_apart(
    copy: Path, call: Callable[..., Any], tmp_path: Path
) -> None:
    assert call("report", tmp_path / "nothing").code == 2
    about = json.loads((copy / "manifest.json").read_bytes())
    (copy / "manifest.json").write_text(json.dumps(about | {"finished": None}))
    done = call("report", copy)
    assert done.code == 3
    assert "is not finished" in done.stderr


@pytest.fixture
def weasyprint() -> None:
    """Skip if no PDF can be made."""
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError) as error:
        pytest.skip(f"WeasyPrint cannot be imported: {error}")


@pytest.mark.nightly
@pytest.mark.usefixtures("weasyprint")
def test_the_same_run_gives_the_same_pdf_in_another_process(
    copy: Path, call: Callable[..., Any], quick_python: Path, tmp_path: Path
) -> None:
    done = call("report", copy, "--format", "pdf")
    assert done.code == 0, done.stderr
    assert done.stdout == ""
    content = (copy / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert len(content) < 300_000
    other = [quick_python / "python", "-m", "genlabel_robust", "report", copy, "--format", "pdf"]
    subprocess.run([*other, "--out", tmp_path / "other.pdf"], check=True, capture_output=True)
    assert (tmp_path / "other.pdf").read_bytes() == content
    sums = (copy / "SHA256SUMS").read_text()
    assert f"{sha256(content)}  report.pdf\n" in sums


@pytest.mark.usefixtures("weasyprint")
def test_a_pdf_of_some_sections_goes_to_a_file(
    copy: Path, call: Callable[..., Any], snapshot: Callable[[Path], Any], tmp_path: Path
) -> None:
    before = snapshot(copy)
    out = tmp_path / "limits.pdf"
    assert call("report", copy, "--format", "pdf", "--section", "limits", "--out", out).code == 0
    assert out.read_bytes().startswith(b"%PDF-")
    assert snapshot(copy) == before


@pytest.mark.parametrize(
    "module",
    ["import a_module_that_is_not_there", "print('advice'); raise OSError('no libpango-1.0-0')"],
)
def test_without_weasyprint_or_its_libraries_what_to_install_is_said(
    module: str,
    copy: Path,
    call: Callable[..., Any],
    snapshot: Callable[[Path], Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "weasyprint.py").write_text(module)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    before = snapshot(copy)
    done = call("report", copy, "--format", "pdf")
    assert done.code == 2
    assert done.stdout == ""
    assert "pip install 'genlabel-robust[pdf]'" in done.stderr
    assert "print" in done.stderr
    assert "a_module" in done.stderr or "no libpango" in done.stderr
    assert snapshot(copy) == before
