"""``--by``: groups of test rows by a column that the model may use or not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from genlabel_robust.core.files.writing import write_checksums
from genlabel_robust.data.sources.files import read_frame

if TYPE_CHECKING:
    from tests.cli.by.conftest import Audited
    from tests.cli.conftest import Call


def _groups(results: Any) -> dict[str, dict[str, Any]]:
    (row,) = results["rows"]
    return {f"{one['column']}={one['group']}": one for one in row["subgroups"]}


def test_the_rows_of_a_group_are_those_of_the_table(audited: Audited) -> None:
    found, table = _groups(audited.results), audited.table
    for sex in ("f", "m"):
        assert found[f"sex={sex}"]["n_examples"] == (table.sex == sex).sum()
    assert found["age=(missing)"]["n_examples"] == table.age.isna().sum()
    bins = [one["n_examples"] for name, one in found.items() if name.startswith("age=")]
    assert sum(bins) == len(table)
    cell = next((audited.run / "cells").glob("*.npz"))
    with np.load(cell) as arrays:
        right = arrays["predictions"] == arrays["labels"]
        robust = right & (arrays["certified_upper"] > 0.05) & (arrays["distances"] > 0.05).all(0)
        rows = (table.sex == "f").to_numpy()
        assert (arrays["ids"] == np.arange(len(table))).all()
    group = found["sex=f"]
    assert group["clean_accuracy"]["value"] == pytest.approx(right[rows].mean())
    assert group["robust_accuracy"]["value"] == pytest.approx(robust[rows].mean())
    difference = robust[rows].mean() - robust[~rows].mean()
    assert group["robust_difference"]["value"] == pytest.approx(difference)
    assert group["robust_difference"]["high"] < -0.1
    assert group["robust_difference"]["p_adjusted"] < 0.01


def test_groups_change_no_other_number_and_no_cell(
    audited: Audited, audit_by: Callable[..., Call], tmp_path: Path
) -> None:
    drops = ("--drop", "age", "--drop", "id", "--drop", "sex")
    assert audit_by(audited.folder, tmp_path / "run", *drops).code == 0
    plain = json.loads((tmp_path / "run" / "results.json").read_text())
    grouped = audited.results
    for row in grouped["rows"]:
        del row["subgroups"]
    (about,) = grouped["datasets"].values()
    left_out = about["notices"].pop(0)
    assert left_out.endswith("'sex' only tells groups of rows apart: the model does not take it.")
    assert grouped == plain
    names = [
        {path.name for path in (run / "cells").iterdir()} for run in (audited.run, tmp_path / "run")
    ]
    assert names[0] == names[1]
    assert not (tmp_path / "run" / "subgroups.csv").exists()


def test_the_table_of_groups_has_a_line_for_each(audited: Audited) -> None:
    table = read_frame(audited.run / "subgroups.csv")
    found = _groups(audited.results)
    assert (table["column"] + "=" + table["group"]).tolist() == list(found)
    for line, one in zip(table.to_dict("records"), found.values(), strict=True):
        assert line["n_examples"] == one["n_examples"]
        if one["robust_difference"] is not None:
            assert line["robust_difference"] == one["robust_difference"]["value"]
            assert line["robust_difference_p_adjusted"] == one["robust_difference"]["p_adjusted"]


def test_a_run_that_goes_on_with_groups_keeps_its_cells(
    call: Callable[..., Call], tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(300, 2)), columns=["a", "b"])
    table["where"] = np.array(["x", "y"])[rng.integers(0, 2, 300)]
    table["y"] = np.where(table.a > 0, "yes", "no")
    table.to_csv(tmp_path / "t.csv", index=False)
    run = tmp_path / "run"
    command = (
        *("evaluate", "--dataset", f"{tmp_path / 't.csv'}#y", "--strategy", "vanilla"),
        *("--arch", "logistic", "--seeds", "2", "--suite", "quick", "--jobs", "1", "-q"),
        *("--set", "train.epochs=5", "--out", run),
    )
    assert call(*command).code == 0
    cells = {path: path.stat().st_mtime_ns for path in (run / "cells").iterdir()}
    assert call(*command, "--by", "where").code == 0
    assert {path: path.stat().st_mtime_ns for path in (run / "cells").iterdir()} == cells
    grouped = _groups(json.loads((run / "results.json").read_text()))
    ids = json.loads(next((run / "inputs").glob("*.by.json")).read_text())["ids"]
    assert grouped["where=x"]["n_examples"] == (table["where"].iloc[ids] == "x").sum()
    assert call("verify", run, "--reattack", "0").code == 0
    assert call(*command).code == 0
    assert not (run / "subgroups.csv").exists()
    assert not list((run / "inputs").glob("*.by.json"))


@pytest.mark.parametrize(
    ("options", "fragments"),
    [
        (("--by", "sexe"), ("test.csv has no column 'sexe' to group by", "did you mean 'sex'")),
        (("--by", ""), ("no column '' to group by", "known: a, age, b, id, sex")),
        (("--by", "y"), ("column 'y'", "is the target")),
        (("--drop", "sex", "--by", "id"), ("'id' has 160 different values", "at most 50 groups")),
    ],
)
def test_a_column_that_makes_no_groups_is_one_message(
    options: tuple[str, ...],
    fragments: tuple[str, ...],
    audited: Audited,
    audit_by: Callable[..., Call],
    tmp_path: Path,
) -> None:
    done = audit_by(audited.folder, tmp_path / "run", "--drop", "age", "--drop", "id", *options)
    assert done.code == 2
    assert done.stderr.count("\n") == 1
    for fragment in fragments:
        assert fragment in done.stderr
    assert not (tmp_path / "run").exists()


def test_a_column_that_evaluate_does_not_find_is_one_message(
    call: Callable[..., Call], tmp_path: Path
) -> None:
    done = call("evaluate", "--dataset", "iris", "--by", "petal", "--out", tmp_path / "run", "-q")
    assert done.code == 2
    assert "iris has no column 'petal' to group by" in done.stderr
    assert not (tmp_path / "run").exists()


def _damaged(audited: Audited, folder: Path, name: str, change: Callable[[Any], None]) -> Path:
    shutil.copytree(audited.run, folder)
    (path,) = folder.glob(name)
    stored = json.loads(path.read_text())
    change(stored)
    path.write_text(json.dumps(stored))
    write_checksums(folder)
    return folder


def _move_a_row(stored: Any) -> None:
    stored["columns"][0]["codes"][0] = 1 - stored["columns"][0]["codes"][0]


def _flatter(stored: Any) -> None:
    stored["rows"][0]["subgroups"][0]["robust_accuracy"]["value"] += 0.01


def test_verify_holds_the_groups_to_the_data(
    audited: Audited, call: Callable[..., Call], tmp_path: Path
) -> None:
    assert call("verify", audited.run, "--reattack", "0").code == 0
    moved = _damaged(audited, tmp_path / "moved", "inputs/*.by.json", _move_a_row)
    done = call("verify", moved, "--reattack", "0")
    assert done.code == 1
    assert "the stored values of 'sex' are not the data's" in done.stdout
    flattered = _damaged(audited, tmp_path / "flattered", "results.json", _flatter)
    done = call("verify", flattered, "--reattack", "0")
    assert done.code == 1
    assert "subgroups" in done.stdout
    lost = tmp_path / "lost"
    shutil.copytree(audited.run, lost)
    next((lost / "inputs").glob("*.by.json")).unlink()
    write_checksums(lost)
    done = call("verify", lost, "--reattack", "0")
    assert done.code == 1
    assert "the columns that group its rows are not the run's: none" in done.stdout
    table = tmp_path / "table"
    shutil.copytree(audited.run, table)
    text = (table / "subgroups.csv").read_text()
    (table / "subgroups.csv").write_text(text.replace(",f,", ",g,", 1))
    write_checksums(table)
    assert "subgroups.csv" in call("verify", table, "--reattack", "0").stdout


def test_every_report_says_which_group_is_weaker(
    audited: Audited, audit_by: Callable[..., Call], call: Callable[..., Call], tmp_path: Path
) -> None:
    found = _groups(audited.results)["sex=f"]
    value = f"{-100 * found['robust_difference']['value']:.1f}"
    rows = len(audited.table) - found["n_examples"]
    said = f"Group sex=f ({found['n_examples']} rows) is {value} points less robust than the "
    said += f"{rows} other rows"
    shown = audit_by(
        audited.folder, tmp_path / "run", "--drop", "age", "--drop", "id", "--by", "sex"
    )
    assert said in " ".join(shown.stdout.split())
    assert said in (audited.run / "report.md").read_text()
    page = (audited.run / "report.html").read_text()
    assert page.count(said) == 2  # in the verdict and in the section
    assert "Groups of test rows" in page
    assert "Too few rows to compare, at least 20 are needed: age=(missing)" in page
