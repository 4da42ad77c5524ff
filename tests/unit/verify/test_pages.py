"""Pages rendered by other versions are compared by their numbers, not their words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from genlabel_robust.runs.folder.manifest import environment
from genlabel_robust.verify.pages import Pages, check_pages

PAGE = "<html><style>p {width: 7px}</style><p>Robust: 81.5 % (74.2–87.1)</p></html>"
Check = Callable[..., Pages]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Return a function that compares a page with ``PAGE``."""

    def compare(page: str, name: str = "report.html", table: str = "\n", **changed: Any) -> Pages:
        (tmp_path / "results.json").write_text(json.dumps({"rows": [], "attacks": []}))
        (tmp_path / "results.csv").write_text(table)
        (tmp_path / name).write_text(page, encoding="utf-8")
        again: Mapping[str, bytes] = {name: PAGE.encode()}
        return check_pages(tmp_path, {"environment": environment() | changed}, lambda *_: again)

    return compare


def test_the_same_version_gives_the_same_bytes(check: Check) -> None:
    assert check(PAGE) == Pages((), both := ("report.html", "results.csv"), fit=both)
    (finding,) = check(PAGE.replace("81.5", "91.5")).findings
    assert finding.where == "report.html"
    assert "line 1" in finding.what
    assert "91.5 %" in finding.what.partition("should be")[0]
    assert len(check(PAGE.replace("7px", "8px")).findings) == 1


def test_of_another_version_the_numbers_that_are_read_are_compared(check: Check) -> None:
    reworded = PAGE.replace("Robust:", "Robust accuracy").replace("7px", "8px")
    found = check(reworded, genlabel_robust="0.0.9")
    assert found.findings == ()
    assert found.loosely == (
        "report.html: rendered by genlabel_robust 0.0.9, not compared byte for byte; the numbers "
        "in its text are those of the results.",
    )
    (finding,) = check(reworded.replace("74.2", "79.2"), genlabel_robust="0.0.9").findings
    assert str(finding) == (
        "report.html: number 2 of its text is 79.2, and should be 74.2; genlabel_robust 0.0.9 "
        "rendered it, and with that verify compares bytes"
    )
    (finding,) = check(reworded.replace("(74.2–87.1)", ""), genlabel_robust="0.0.9").findings
    assert "is missing, and should be 74.2" in finding.what


def test_another_pandas_writes_another_table_and_no_other_page(
    check: Check, tmp_path: Path
) -> None:
    packages = {**environment()["packages"], "pandas": "2.0"}
    assert check(PAGE + "\n", "figures.svg", packages=packages).findings
    table = (tmp_path / "results.csv").read_text(encoding="utf-8") + "\n"
    found = check(PAGE, packages=packages, table=table)
    assert found.findings == ()
    assert found.loosely == (
        "results.csv: rendered by pandas 2.0, not compared byte for byte; the numbers in its text "
        "are those of the results.",
    )


def test_what_cannot_be_rendered_is_a_finding_and_no_crash(tmp_path: Path) -> None:
    def broken(folder: Path, content: bytes | None) -> Mapping[str, bytes]:
        raise KeyError("rows")

    (finding,) = check_pages(tmp_path, {}, broken).findings
    assert str(finding) == "report.html: it cannot be made again: KeyError: 'rows'"


@pytest.mark.parametrize(
    ("page", "what", "against"),
    [
        ("true", None, ("report.html",)),
        ("altered", "it shows results.json as it is, and not what the cells give", ()),
        ("other", "it is not what the cells give; the first difference is in line 1", ()),
    ],
)
def test_a_page_is_held_to_what_the_cells_give_where_the_results_were_altered(
    page: str, what: str | None, against: tuple[str, ...], tmp_path: Path
) -> None:
    def made(folder: Path, content: bytes | None) -> Mapping[str, bytes]:
        return {"report.html": b"altered" if content is None else b"true", "figure.svg": b"same"}

    empty = json.dumps({"rows": [], "attacks": []})
    (tmp_path / "results.json").write_text(empty)
    (tmp_path / "results.csv").write_text("\n")
    (tmp_path / "report.html").write_text(page)
    (tmp_path / "figure.svg").write_text("same")
    about = {"environment": environment()}
    found = check_pages(tmp_path, about, made, empty.encode())
    assert [finding.what.startswith(what or "") for finding in found.findings] == [True] * bool(
        what
    )
    assert found.against == against
    assert found.odd == (("report.html",) if page == "altered" else ())
