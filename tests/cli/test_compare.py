"""``compare``: finished runs compared as a table, Markdown, JSON and a page."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import genlabel_robust
from genlabel_robust.core.files.json_schema import mismatch
from genlabel_robust.side_by_side.comparison import schema

Call = Callable[..., Any]


@pytest.fixture(scope="module")
def later(call: Call, small: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small run with more epochs."""
    out = tmp_path_factory.mktemp("later") / "later"
    done = call(*small, "--set", "train.epochs=9", "--out", out, "-q")
    assert done.code == 0, done.stderr
    return out


def test_the_table_names_what_differs_before_the_numbers(
    finished: Any, later: Path, call: Call
) -> None:
    done = call("compare", finished.path, later)
    assert done.code == 0, done.stderr
    assert done.stdout.index("set: train.epochs") < done.stdout.index("median margin")
    said = " ".join(done.stdout.split())
    assert "the same rows as A, so differences are paired" in said
    assert "iris · vanilla (logistic)" in done.stdout
    assert "iris · mixup (logistic)" in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines() if "/" not in line)


def test_the_json_is_what_its_schema_says_and_what_python_returns(
    finished: Any, later: Path, call: Call
) -> None:
    done = call("compare", finished.path, later, "--format", "json", "--level", "0.9")
    document = json.loads(done.stdout)
    assert mismatch(document, schema()) is None
    assert document == genlabel_robust.compare(finished.path, later, level=0.9).as_dict()
    digests = [run["digest"] for run in document["runs"]]
    assert len(set(digests)) == 2


def test_a_run_beside_itself_does_not_differ(finished: Any, call: Call) -> None:
    document = json.loads(call("compare", finished.path, finished.path, "--format", "json").stdout)
    assert document["settings"] == document["notes"] == []
    for subject in document["subjects"]:
        assert subject["models"]["B"]["same"]
        for measure in subject["measures"]:
            (found,) = measure["differences"]
            assert found.get("accuracy", found.get("median"))["value"] == 0
            assert not found.get("turned", {}).get("worse")


@pytest.mark.parametrize(("form", "begin"), [("html", "<!DOCTYPE html>"), ("md", "# Runs side by")])
def test_a_file_is_written_where_it_is_asked_for(
    form: str, begin: str, finished: Any, later: Path, call: Call, tmp_path: Path
) -> None:
    out = tmp_path / "file"
    done = call("compare", finished.path, later, later, "--format", form, "--out", out)
    assert done.code == 0, done.stderr
    text = out.read_text(encoding="utf-8")
    assert text.startswith(begin)
    assert "C − A" in text
    assert str(out) in done.stderr
    assert not done.stdout


def test_the_page_loads_nothing_and_is_the_same_again(finished: Any, later: Path) -> None:
    found = genlabel_robust.compare(finished.path, later)
    page = found.to_html()
    assert page == genlabel_robust.compare(finished.path, later).to_html()
    assert 'content="default-src &#x27;none&#x27;' in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")


def test_runs_that_share_nothing_end_with_4_and_their_names(
    finished: Any, call: Call, small: tuple[str, ...], tmp_path: Path
) -> None:
    out = tmp_path / "wine"
    arguments = ["wine" if one == "iris" else one for one in small]
    assert call(*arguments, "--out", out, "-q").code == 0
    done = call("compare", finished.path, out)
    assert done.code == 4
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "share no data set" in done.stderr
    assert f"{finished.path} has iris; {out} has wine\n" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{run}"], "takes 2 to 26 runs, but got 1"),
        (["{run}", "{none}"], "nothing-here"),
        (["{run}", "{run}", "--level", "2"], "level is 2.0; it must lie between 0 and 1"),
        (["{run}", "{run}", "--open"], "--open needs --format html and --out FILE"),
        (["{run}", "{run}", "--out", "{run}"], "cannot write"),
    ],
)
def test_what_cannot_be_compared_is_said_in_one_sentence(
    arguments: list[str], words: str, finished: Any, call: Call, tmp_path: Path
) -> None:
    places = {"run": finished.path, "none": tmp_path / "nothing-here"}
    done = call("compare", *(one.format(**places) for one in arguments))
    assert done.code == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_whose_cells_were_changed_is_refused(
    finished: Any, later: Path, call: Call, tmp_path: Path
) -> None:
    import shutil

    copy = Path(shutil.copytree(later, tmp_path / "copy"))
    cell = next((copy / "cells").glob("*.json"))
    cell.write_bytes(cell.read_bytes() + b" ")
    done = call("compare", finished.path, copy)
    assert done.code == 2
    assert "does not match SHA256SUMS" in done.stderr
