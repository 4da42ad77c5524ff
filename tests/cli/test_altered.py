"""No command shows a run with edited results and matching checksums as if it were valid."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from genlabel_robust.core.files.writing import json_text, write_checksums

if TYPE_CHECKING:
    from tests.cli.conftest import Call, Finished

COMMANDS = {
    "compare": ("compare", "{genuine}", "{run}"),
    "compare first": ("compare", "{run}", "{genuine}"),
    "report": ("report", "{run}"),
    "report elsewhere": ("report", "{run}", "--format", "md"),
    "bundle": ("report", "{run}", "--bundle", "{out}.zip"),
    "examples": ("examples", "{run}", "--out", "{out}.csv"),
    "gate": ("gate", "{run}", "--min-robust", "0.0"),
    "baseline": ("baseline", "save", "{run}", "--out", "{out}.zip"),
}


def edited(run: Path, change: Callable[[dict[str, object]], None]) -> None:
    """Change the first row of the results of ``run``."""
    path = run / "results.json"
    results = json.loads(path.read_text(encoding="utf-8"))
    change(results["rows"][0])
    path.write_text(json_text(results), encoding="utf-8")


def better(row: dict[str, object]) -> None:
    row["robust_accuracy"]["value"] += 0.05  # type: ignore[index]


def better_class(row: dict[str, object]) -> None:
    row["per_class"][0]["robust_accuracy"]["value"] += 0.05  # type: ignore[index]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("change", "fitting", "words"),
    [
        (better, True, "robust_accuracy is"),
        (better_class, True, "per_class[0].robust_accuracy is"),
        (better, False, "run is damaged: results.json does not match SHA256SUMS"),
    ],
)
def test_every_command_that_reads_a_run_refuses_edited_results(
    command: str,
    change: Callable[[dict[str, object]], None],
    fitting: bool,
    words: str,
    finished: Finished,
    call: Callable[..., Call],
    tmp_path: Path,
) -> None:
    run = Path(shutil.copytree(finished.path, tmp_path / "run"))
    edited(run, change)
    if fitting:
        write_checksums(run)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    places = {"genuine": finished.path, "run": run, "out": tmp_path / "out"}
    done = call(*(one.format(**places) for one in COMMANDS[command]))
    assert (done.code, done.stdout) == (2, ""), done.stdout
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    if fitting:
        assert "and the cells give" in done.stderr
        assert "`verify` says which" in done.stderr
    # no report, and no checksums, are made of what was edited
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_compare_says_that_it_asked_no_model_again(
    finished: Finished, call: Callable[..., Call]
) -> None:
    for form in ("table", "md", "html"):
        done = call("compare", finished.path, finished.path, "--format", form)
        said = " ".join(done.stdout.replace("<code>", "`").replace("</code>", "`").split())
        assert "no model was asked again, which `verify RUN` does" in said
