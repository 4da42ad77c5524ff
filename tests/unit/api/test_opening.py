"""Opening a finished run; other folders are refused with the same errors as in the commands."""

from __future__ import annotations

import ast
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import genlabel_robust
from genlabel_robust.api.run import Run
from genlabel_robust.cli.main import run as run_command
from genlabel_robust.core.errors import OutputError, UnfinishedRunError, UsageError
from genlabel_robust.core.files.writing import json_text


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return genlabel_robust.evaluate(
        datasets="iris",
        strategies=["vanilla", "mixup"],
        architectures="logistic",
        seeds=1,
        suite="quick",
        checks="off",
        train={"epochs": 2},
        jobs=1,
        out=str(tmp_path_factory.mktemp("open") / "run"),
    )


def test_an_opened_run_is_the_one_that_was_made(run: Run) -> None:
    again = genlabel_robust.open_run(str(run.path))
    assert type(again) is genlabel_robust.Run
    assert again.path == run.path
    assert json_text(again.results) == json_text(run.results)
    assert again.to_frame().equals(run.to_frame())
    assert again.differences().equals(run.differences())
    assert repr(again) == repr(run)


def test_what_a_run_calls_itself_opens_it(run: Run) -> None:
    called = re.match(r"genlabel_robust\.open_run\((.+?)\): ", repr(run))
    assert called is not None
    assert genlabel_robust.open_run(ast.literal_eval(called[1])).path == run.path


def test_exact_margins_of_the_opened_run_differ_by_their_median_row(run: Run) -> None:
    opened = genlabel_robust.open_run(run.path)
    table = opened.margins().pivot(index="row", columns="strategy", values="at_least")
    measures = opened.differences("mixup").set_index("measure")
    difference = (table["mixup"] - table["vanilla"]).median()
    assert measures.loc["margin", "difference"] == pytest.approx(difference)
    assert measures.loc["margin", "note"] == ""


def unfinished(run: Path) -> None:
    stored = json.loads((run / "manifest.json").read_text())
    (run / "manifest.json").write_text(json.dumps(stored | {"finished": None}))


def of_another_version(run: Path) -> None:
    stored = json.loads((run / "results.json").read_text())
    (run / "results.json").write_text(json.dumps(stored | {"schema_version": "99.0"}))


def without_manifest(run: Path) -> None:
    (run / "manifest.json").unlink()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (unfinished, UnfinishedRunError),
        (of_another_version, OutputError),
        (without_manifest, OutputError),
        (shutil.rmtree, OutputError),
    ],
)
def test_what_is_no_finished_run_is_told_in_the_words_of_the_commands(
    change: Callable[[Path], None],
    error: type[UsageError],
    run: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = shutil.copytree(run.path, tmp_path / "copy")
    change(folder)
    with pytest.raises(error) as caught:
        genlabel_robust.open_run(folder)
    assert "\n" not in str(caught.value)
    assert run_command(["compare", str(folder), str(folder)]) == caught.value.exit_code
    assert capsys.readouterr().err == f"error: {caught.value}\n"
