from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.tree import DecisionTreeClassifier
from torch import nn

from genlabel_robust.core.errors import OutputError, UnknownNameError
from genlabel_robust.runs.audit import audit, evaluate_in_memory
from genlabel_robust.runs.folder.stored_run import read_run
from genlabel_robust.runs.plan.audit_plan import Called
from genlabel_robust.runs.results.schema import results_schema

pytestmark = pytest.mark.usefixtures("known_canaries")

X = np.random.default_rng(0).uniform(-5, 5, (40, 2))
Y = (X[:, 0] > 0).astype(int)


def affine() -> nn.Linear:
    """A model with its decision boundary at x0 = 0, so a row has the distance |x0|."""
    module = nn.Linear(2, 2)
    with torch.no_grad():
        module.weight.copy_(torch.tensor([[-1.0, 0.0], [1.0, 0.0]]))
        module.bias.zero_()
    return module


def test_robust_accuracy_is_the_share_of_rows_farther_than_eps(tmp_path: Path) -> None:
    for unit, reach in (("raw", 1.0), ("range", 20.0)):
        reference = np.array([[-10.0, -10.0], [10.0, 10.0]])
        run = audit(
            affine(),
            X,
            Y,
            out=tmp_path / unit,
            reference=reference,
            unit=unit,
            suite="quick",
            eps=0.1,
        )
        (row,) = run.results["rows"]
        share = float((np.abs(X[:, 0]) > 0.1 * reach).mean())
        assert row["robust_accuracy"]["value"] == pytest.approx(share)
        assert row["clean_accuracy"]["value"] == 1.0


def test_a_constant_column_is_attacked_in_the_box_that_the_threat_gives_it(tmp_path: Path) -> None:
    reference = np.column_stack([np.full(20, 1.0), np.arange(20.0)])
    box = {"x0": {"low": -6.0, "high": 6.0}}
    run = audit(
        affine(),
        X,
        Y,
        out=tmp_path,
        reference=reference,
        constraints={"bounds": box, "units": {"x0": "raw"}, "weights": {"x0": 10.0}},
        suite="quick",
        eps=0.1,
    )
    (row,) = run.results["rows"]
    share = float((np.abs(X[:, 0]) > 1.0).mean())
    assert row["robust_accuracy"]["value"] == pytest.approx(share)
    assert row["certified_accuracy"]["value"] == pytest.approx(share)
    assert any(
        "nevertheless change 1 constant feature: 'x0'" in n
        for n in run.results.datasets["data"].notices
    )


@pytest.mark.parametrize("norm", ["linf", "l1", "l2", "l0"])
def test_a_value_that_only_test_rows_lack_is_filled_in_where_the_threat_frees_it(
    tmp_path: Path, norm: str
) -> None:
    # with e the sign of e decides; without it, the label is 1
    whole = pd.DataFrame({"e": [-2.0, -1.0, -1.0, 1.0, 2.0], "a": [0.0, 1.0, 2.0, 3.0, 4.0]})
    gone = pd.DataFrame({"e": [np.nan] * 3, "a": [1.0, 2.0, 3.0]})
    both = pd.concat([whole] * 8 + [gone] * 8)
    tree = DecisionTreeClassifier().fit(both, ~(both["e"] < 0))
    rows = pd.concat([gone, whole[4:]])
    flag, few = "e is missing", norm == "l0"
    freed = {"own_eps": {flag: 1.0}} if few else {"weights": {flag: 20.0}, "units": {flag: "raw"}}
    for limits, broken in ({}, 0), (freed, 3):
        run = audit(
            tree,
            rows,
            [True] * 4,
            out=tmp_path / str(broken),
            reference=whole,
            constraints=limits,
            norm=norm,
            suite="standard",
            eps=1.0 if few else 0.05,
            checks="off",
        )
        (row,) = run.results["rows"]
        # of a row with e one change is enough, if it may go as far as the box
        assert row["certification"]["outcomes"]["broken"] == broken + few


@pytest.mark.parametrize("reference", [None, X[:1]])
def test_a_run_of_a_single_row_is_read_back(tmp_path: Path, reference: np.ndarray | None) -> None:
    # a row that is alone has no range: nothing may change, and that is a result like any other
    run = audit(
        affine(), X[:1], Y[:1], classes=[0, 1], out=tmp_path, reference=reference, suite="quick"
    )
    about = read_run(run.path).results.datasets["data"]
    assert (about.n_train, about.n_test) == (1, 1)


def test_a_run_in_memory_is_read_back_without_weights(tmp_path: Path) -> None:
    run, asked = evaluate_in_memory(
        affine(), X, Y, out=tmp_path / "run", suite="quick", called=Called("mine")
    )
    stored = read_run(run.path)
    assert list(stored.panels) == [("mine", "model", "given")]
    assert not list((run.path / "models").iterdir())
    assert len(stored.manifest["identity"]["given"]) == 64
    assert (stored.panels["mine", "model", "given"].results[0].predictions == Y).all()
    assert (asked.predict(X) == Y).all()
    results = json.loads((run.path / "results.json").read_text(encoding="utf-8"))
    jsonschema.validate(results, results_schema())
    assert "No reference rows were given" in results["datasets"]["mine"]["notices"][0]


def test_two_functions_never_share_a_run_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    how = {"attacks": ["sign-bisect"], "eps": 0.1, "checks": "off"}

    def right(x: np.ndarray) -> np.ndarray:
        return (x[:, 0] > 0).astype(int)

    def wrong(x: np.ndarray) -> np.ndarray:
        return (x[:, 0] < 0).astype(int)

    audit(right, X, Y, out="mine", **how)
    kept = Path("mine/results.json").read_bytes()
    with pytest.raises(OutputError, match="mine contains the run of a model in memory"):
        audit(wrong, X, Y, out="mine", **how)
    assert Path("mine/results.json").read_bytes() == kept
    first, second = audit(right, X, Y, **how), audit(wrong, X, Y, **how)
    assert second.path.name == f"{first.path.name}-2"
    clean = [run.results["rows"][0]["clean_accuracy"]["value"] for run in (first, second)]
    assert clean == [1.0, 0.0]


def test_an_audit_that_is_refused_leaves_the_folder_of_the_other_one_alone(tmp_path: Path) -> None:
    out = tmp_path / "run"
    audit(affine(), X, Y, out=out, suite="quick", eps=0.1, checks="off")
    kept = (out / "results.json").read_bytes()
    with pytest.raises(OutputError, match="it differs in the model"):
        audit(nn.Linear(2, 2), X, Y, out=out, suite="quick", eps=0.1, checks="off")
    assert (out / "results.json").read_bytes() == kept


def test_constraints_hold(tmp_path: Path) -> None:
    run = audit(
        affine(),
        X,
        Y,
        out=tmp_path / "run",
        suite="quick",
        eps=0.5,
        constraints={"immutable": ["x0"]},
    )
    assert run.results["rows"][0]["robust_accuracy"]["value"] == 1.0


@pytest.mark.parametrize("wrong", [{"suite": "quikc"}, {"norm": "linff", "suite": "quick"}])
def test_a_mistake_is_told_before_anything_is_computed(tmp_path: Path, wrong: Any) -> None:
    with pytest.raises(Exception, match=r"quick|linf") as told:
        audit(affine(), X, Y, out=tmp_path / "run", **wrong)
    assert told.value.exit_code == 2
    assert not (tmp_path / "run").exists()


def test_a_constraint_on_no_feature_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError):
        audit(affine(), X, Y, out=tmp_path / "run", constraints={"immutable": ["age"]})
