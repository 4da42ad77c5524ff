"""``--title`` and ``--purpose``: the name of a run, and its purpose."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from genlabel_robust import compare, open_run
from genlabel_robust.side_by_side.comparison import schema

Call = Callable[..., Any]
RUN = (
    *("evaluate", "--dataset", "iris", "--strategy", "vanilla", "--arch", "logistic"),
    *("--seeds", "1", "--suite", "quick", "--set", "train.epochs=5", "--jobs", "1", "-q"),
)
TITLE, PURPOSE = "Loans <b>2026</b> & more", "For the board | second quarter"
SHOWN = "Loans &lt;b&gt;2026&lt;/b&gt; &amp; more"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, call: Call) -> tuple[Path, Path]:
    """The same run without and with a title."""
    folder = tmp_path_factory.mktemp("titles")
    plain, named = folder / "plain", folder / "named"
    said = ("--title", TITLE, "--purpose", PURPOSE)
    for done in (call(*RUN, "--out", plain), call(*RUN, *said, "--out", named)):
        assert done.code == 0, done.stderr
    return plain, named


def test_the_page_has_them_escaped_as_heading_and_line(runs: tuple[Path, Path]) -> None:
    page = (runs[1] / "report.html").read_text()
    assert f"<h1><bdi>{SHOWN}</bdi></h1><p><bdi>{PURPOSE}</bdi></p>" in page
    assert f"<title>{SHOWN}: iris</title>" in page
    assert "<b>2026" not in page
    without = (runs[0] / "report.html").read_text()
    assert "<h1>Robustness report</h1><p>" in without
    assert "<title>Robustness report: iris</title>" in without


def test_markdown_and_a_notebook_have_them(runs: tuple[Path, Path], call: Call) -> None:
    text = (runs[1] / "report.md").read_text()
    assert text.startswith("# Loans \\<b>2026\\</b> & more\n\nFor the board \\| second quarter\n\n")
    assert call("report", runs[1], "--format", "md").stdout == text
    shown = open_run(runs[1])._repr_html_()
    assert f"<strong><bdi>{SHOWN}</bdi></strong>" in shown
    assert f"<bdi>{PURPOSE}</bdi>" in shown


def test_results_cells_and_folder_names_do_not_depend_on_them(runs: tuple[Path, Path]) -> None:
    plain, named = runs
    for name in ("results.json", "results.csv"):
        assert (plain / name).read_bytes() == (named / name).read_bytes()
    assert sorted(p.name for p in (plain / "cells").iterdir()) == sorted(
        p.name for p in (named / "cells").iterdir()
    )


def test_another_title_computes_nothing_and_verify_holds(
    runs: tuple[Path, Path], call: Call, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    assert call(*RUN, "--out", out).code == 0
    written = {p.name: p.stat().st_mtime_ns for p in (out / "cells").iterdir()}
    assert call(*RUN, "--title", "Another", "--out", out).code == 0
    assert {p.name: p.stat().st_mtime_ns for p in (out / "cells").iterdir()} == written
    assert "<h1><bdi>Another</bdi></h1>" in (out / "report.html").read_text()
    done = call("verify", out, "-q", "--reattack", "0")
    assert done.code == 0, done.stdout


def test_compare_calls_a_run_by_its_title(runs: tuple[Path, Path]) -> None:
    found = compare(*runs)
    document = json.loads(json.dumps(found.as_dict()))
    jsonschema.validate(document, schema())
    assert [run.get("title") for run in document["runs"]] == [None, TITLE]
    assert f"B  {TITLE} ({runs[1]})" in str(found).replace("\n", " ")
    assert SHOWN in found.to_html()
    assert "title" not in [one["name"] for one in document["settings"]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "title is empty"),
        ("  ", "title is empty"),
        ("a\nb", "control character U+000A"),
        ("a\u2028b", "control character U+2028"),
        ("a\u202eb", "control character U+202E"),
        ("\x1b[31mred", "control character U+001B"),
        ("x" * 201, "has 201 characters; it must have 200 at most"),
    ],
)
def test_what_is_no_line_is_refused_in_one_sentence(
    text: str, said: str, call: Call, tmp_path: Path
) -> None:
    done = call(*RUN, "--title", text, "--out", tmp_path / "run")
    assert done.code == 2
    assert said in done.stderr
    assert not (tmp_path / "run").exists()
