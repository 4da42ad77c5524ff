"""Integer columns, from the file to the stored rows, the notices and the gate."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from jsonschema import Draft202012Validator
from sklearn.linear_model import LogisticRegression

import genlabel_robust
from genlabel_robust.runs.results.schema import results_schema

if TYPE_CHECKING:
    from tests.cli.conftest import Call

EPS = 0.1
#: What the columns hold: whole numbers, few of them, floats that are whole, fractions, 0 and 1.
COLUMNS = ["age", "grade", "hours", "rate", "member"]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes that depend on integers: an age with range 60 or so, and a grade with range 7."""
    rng = np.random.default_rng(0)
    y = np.arange(160) % 2
    frame = pd.DataFrame(
        {
            "age": (rng.integers(20, 60, 160) + 20 * y).astype(str),
            "grade": (9 + rng.integers(0, 6, 160) + 2 * y).astype(str),
            "hours": rng.integers(20, 60, 160).astype(float).astype(str),
            "rate": rng.random(160).round(3).astype(str),
            "member": np.where(rng.random(160) < 0.5, "1", "0"),
            "paid": np.where(y == 1, "yes", "no"),
        }
    )
    folder = tmp_path_factory.mktemp("people")
    frame.to_csv(folder / "people.csv", index=False)
    return folder


def _evaluate(call: Callable[..., Call], data: Path, out: Path, *options: str) -> Any:
    done = call(
        "evaluate",
        "--dataset",
        f"{data}#paid",
        "--strategy",
        "vanilla",
        "--arch",
        "logistic",
        "--seeds",
        "1",
        "--suite",
        "quick",
        "--jobs",
        "1",
        "--set",
        "train.epochs=60",
        "--out",
        out,
        *options,
    )
    assert done.code == 0, done.stderr
    results = json.loads((out / "results.json").read_bytes())
    assert list(Draft202012Validator(results_schema()).iter_errors(results)) == []
    (cell,) = (out / "cells").glob("*.npz")
    with np.load(cell) as arrays:
        found = dict(arrays)
    kept = np.isfinite(found["adversarial"]).all(axis=2)
    clean = pd.read_csv(data)[COLUMNS].loc[found["ids"]].to_numpy(dtype=float)
    moved = found["adversarial"][kept] - np.broadcast_to(clean, found["adversarial"].shape)[kept]
    return results, found, pd.DataFrame(moved, columns=COLUMNS), done.stderr


def test_columns_written_without_a_decimal_point_are_whole_and_the_others_are_not(
    people: Path, call: Callable[..., Call], tmp_path: Path
) -> None:
    results, arrays, moved, said = _evaluate(call, people / "people.csv", tmp_path / "run")
    (about,) = results["datasets"].values()
    features = {feature["name"]: feature for feature in about["features"]}
    assert [f["name"] for f in about["features"] if f.get("moves") == "whole"] == [
        "age",
        "grade",
        "member",
    ]
    assert features["age"]["reach"] == [np.floor(features["age"]["raw_eps"][0])]
    assert features["grade"]["reach"] == [0.0]
    assert "reach" not in features["hours"]
    assert len(moved) > 8
    assert (moved[["age", "grade", "member"]] % 1 == 0).all(axis=None)
    assert (moved["age"] != 0).any()
    assert (moved[["grade", "member"]] == 0).all(axis=None)
    assert (moved["hours"] % 1 != 0).any()
    assert "The attacker changes 'age', 'grade', 'member' by whole numbers only, because" in said
    assert "no attacker can change 'grade' (0.7), 'member' (0.1): the budget" in said
    assert (
        "Attacks moved 'hours' by fractions, although the data contain only whole numbers" in said
    )
    # an affine model keeps its exact value
    exact = results["rows"][0]["exact_robust_accuracy"]["value"]
    assert exact == np.mean(arrays["exact"] > EPS)


def test_one_setting_makes_them_continuous_and_attacks_do_no_worse(
    people: Path, call: Callable[..., Call], tmp_path: Path
) -> None:
    data = people / "people.csv"
    whole, *_ = _evaluate(call, data, tmp_path / "whole")
    free, _, moved, said = _evaluate(call, data, tmp_path / "free", "--whole-numbers", "continuous")
    (about,) = free["datasets"].values()
    assert not any("moves" in feature for feature in about["features"])
    assert (moved["grade"] % 1 != 0).any()
    assert "Attacks moved 'age', 'grade', 'hours', 'member' by fractions" in said
    before, now = (r["rows"][0]["exact_robust_accuracy"]["value"] for r in (whole, free))
    assert now < before
    for results in (whole, free):
        row = results["rows"][0]
        assert row["robust_accuracy"]["value"] == row["exact_robust_accuracy"]["value"]


def test_a_threat_file_frees_one_column(
    people: Path, call: Callable[..., Call], tmp_path: Path
) -> None:
    threat = tmp_path / "threat.toml"
    threat.write_text("eps = 0.1\n[features.grade]\ninteger = false\n", encoding="utf-8")
    results, _, moved, _ = _evaluate(
        call, people / "people.csv", tmp_path / "run", "--threat", str(threat)
    )
    assert results["threat"]["constraints"] == {"continuous": ["grade"]}
    assert (moved["grade"] % 1 != 0).any()
    assert (moved["age"] % 1 == 0).all()


@pytest.fixture(scope="module")
def audited(people: Path) -> Path:
    """A scikit-learn pipeline, and tables in which a blank makes pandas read integers as floats."""
    frame = pd.read_csv(people / "people.csv")
    columns = ["age", "grade", "rate"]
    model = LogisticRegression(max_iter=1000).fit(frame[columns], frame["paid"])
    skops.io.dump(model, people / "model.skops")
    frame[[*columns, "paid"]][:80].to_csv(people / "test.csv", index=False)
    frame[[*columns, "paid"]][80:].to_csv(people / "train.csv", index=False)
    frame[[*columns, "paid"]][80:].astype({"age": float}).to_csv(people / "floats.csv", index=False)
    return people


def _audit(call: Callable[..., Call], folder: Path, reference: str, out: Path, *more: str) -> Any:
    done = call(
        "audit",
        folder / "model.skops",
        "--data",
        folder / "test.csv",
        "--target",
        "paid",
        "--reference",
        folder / reference,
        "--attack",
        "sign-bisect",
        "--out",
        out,
        *more,
    )
    assert done.code == 0, done.stderr
    results = json.loads((out / "results.json").read_bytes())
    (about,) = results["datasets"].values()
    return [f["name"] for f in about["features"] if f.get("moves") == "whole"]


def test_a_column_is_whole_if_test_rows_and_reference_are(
    audited: Path, call: Callable[..., Call], tmp_path: Path
) -> None:
    assert _audit(call, audited, "train.csv", tmp_path / "a") == ["age", "grade"]
    assert _audit(call, audited, "floats.csv", tmp_path / "b") == ["grade"]
    assert call("verify", tmp_path / "a").code == 0


def test_a_gate_over_an_older_baseline_goes_on_as_that_was_made(
    people: Path, call: Callable[..., Call], tmp_path: Path
) -> None:
    """And a run that was made anew is told which setting makes it comparable."""
    data, asked = people / "people.csv", ("--whole-numbers", "continuous")
    _evaluate(call, data, tmp_path / "old", *asked)
    manifest = tmp_path / "old" / "manifest.json"
    content = json.loads(manifest.read_bytes())
    del content["config"]["whole_numbers"]
    manifest.write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "old" / "SHA256SUMS").unlink()
    done = call("baseline", "save", tmp_path / "old", "--out", tmp_path / "b.zip")
    assert done.code == 0, done.stderr
    gate = ("gate", "--baseline", tmp_path / "b.zip")
    done = call(*gate, "--jobs", "1", "--out", tmp_path / "again")
    assert done.code == 0, done.stdout + done.stderr

    _evaluate(call, data, tmp_path / "new")
    done = call("gate", tmp_path / "new", "--baseline", tmp_path / "b.zip")
    assert done.code == 4, done.stdout
    assert "whole numbers: 'age', 'grade', 'member' changed by whole numbers only now" in (
        done.stdout
    )
    assert "--set whole_numbers=continuous" in done.stdout
    done = call(*gate, "--jobs", "1", "--whole-numbers", "whole", "--out", tmp_path / "whole")
    assert done.code == 4, done.stdout


def test_an_array_of_integers_is_of_whole_numbers(tmp_path: Path) -> None:
    """Of any type of integers, and one of floats is not."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 30, (60, 2))
    y = (x.sum(axis=1) > 30).astype(int)
    model = LogisticRegression(max_iter=1000).fit(x, y)
    for rows, whole in ((x.astype(np.int16), True), (x.astype(float), False)):
        out = tmp_path / str(whole)
        run = genlabel_robust.audit(
            model, rows, y, attacks="sign-bisect", checks="off", out=str(out)
        )
        (about,) = run.results["datasets"].values()
        assert all(("moves" in feature) == whole for feature in about["features"])
        fractions = any("Attacks moved" in notice for notice in about["notices"])
        assert fractions != whole
