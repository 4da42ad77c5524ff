"""What a run stores is recomputed independently: scaling, forward pass and distances.

Only the data and the files of the run are used, nothing of the package.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import genlabel_robust
from genlabel_robust.data import SplitConfig, load_task

EPS = {"range": 0.1, "std": 0.4, "raw": 0.3, "global-range": 0.1}
CASES = [
    ("range", "range", "linf"),
    ("range", "standard", "l2"),
    ("std", "range", "l2"),
    ("std", "paper", "linf"),
    ("raw", "range", "linf"),
    ("raw", "standard", "l2"),
    ("global-range", "paper", "l2"),
    ("global-range", "range", "linf"),
]


class ByHand:
    """The scaling, the unit and the box of one case, from the raw rows alone."""

    def __init__(self, task, unit: str, scaling: str) -> None:
        train = task.x_train
        low, high = train.min(axis=0), train.max(axis=0)
        everything = np.concatenate([train, task.x_test])
        self.offset, self.scale = {
            "range": (low, high - low),
            "standard": (train.mean(axis=0), train.std(axis=0)),
            "paper": (everything.mean(axis=0), everything.std(axis=0)),
        }[scaling]
        seen = (train - self.offset) / self.scale
        whole = seen.max() - seen.min()
        self.unit = {
            "range": high - low,
            "std": train.std(axis=0),
            "raw": np.ones(train.shape[1]),
            "global-range": self.scale * whole,
        }[unit]
        if unit == "global-range":
            low, high = (self.offset + self.scale * edge for edge in (seen.min(), seen.max()))
        self.low, self.high = np.minimum(low, task.x_test), np.maximum(high, task.x_test)

    def logits(self, weights, raw):
        hidden = ((raw - self.offset) / self.scale).astype(np.float32)
        names = sorted(name for name in weights if name.endswith("weight"))
        for index, name in enumerate(names):
            hidden = hidden @ weights[name].T + weights[name.replace("weight", "bias")]
            if index < len(names) - 1:
                hidden = np.maximum(hidden, 0)
        return hidden


def length(delta, norm: str):
    return np.abs(delta).max(axis=-1) if norm == "linf" else np.linalg.norm(delta, axis=-1)


@pytest.mark.nightly(but=["std-paper-linf"])
@pytest.mark.parametrize(("unit", "scaling", "norm"), CASES)
def test_every_stored_number_stands_up_to_recomputation(unit, scaling, norm, tmp_path) -> None:
    run = genlabel_robust.evaluate(
        datasets="iris",
        strategies="vanilla",
        architectures=["mlp", "logistic"],
        eps=EPS[unit],
        seeds=1,
        unit=unit,
        scaling=scaling,
        norm=norm,
        out=tmp_path / "run",
        jobs=1,
        settings={"train": {"epochs": 40}},
    )
    task = load_task("iris", SplitConfig(), scaling)
    hand = ByHand(task, unit, scaling)
    robust = {}
    for arrays in sorted((run.path / "cells").glob("*.npz")):
        architecture, correct = check_cell(arrays, task, hand, EPS[unit], norm)
        robust[architecture] = correct.mean()
    stated = {row["architecture"]: row["robust_accuracy"]["value"] for row in run.results["rows"]}
    assert stated == pytest.approx(robust)


def check_cell(arrays: Path, task, hand: ByHand, eps: float, norm: str):
    cell = np.load(arrays)
    weights = load_file(arrays.parent.parent / "models" / f"{arrays.stem}.safetensors")
    labels, clean = task.y_test, cell["predictions"] == task.y_test
    assert (hand.logits(weights, task.x_test).argmax(axis=1) == cell["predictions"]).all()
    assert (cell["distances"][:, ~clean] == 0).all()
    # three that search, three that are kept for models without gradients, and random points
    found_by = (clean & np.isfinite(cell["distances"])).any(axis=1)
    assert len(found_by) == 7
    assert found_by[:3].all()
    assert not found_by[3:6].any()
    for distances, rows in zip(cell["distances"], cell["adversarial"], strict=True):
        found = clean & np.isfinite(distances)
        assert np.isnan(rows[~found]).all()
        moved = rows[found]
        delta = (moved - task.x_test[found]) / hand.unit
        assert length(delta, norm) == pytest.approx(distances[found], abs=1e-9)
        assert (moved >= hand.low[found] - 1e-9).all()
        assert (moved <= hand.high[found] + 1e-9).all()
        logits = np.sort(hand.logits(weights, moved), axis=1)
        decided = logits[:, -1] - logits[:, -2] > 1e-5 * np.abs(logits).max(initial=0)
        wrong = hand.logits(weights, moved).argmax(axis=1) != labels[found]
        # on the boundary itself another order of additions may decide otherwise
        assert wrong[decided].all()
    robust = clean & (cell["distances"].min(axis=0) > eps * (1 + 1e-5))
    rng = np.random.default_rng(0)
    for row in np.flatnonzero(robust):
        direction = rng.normal(size=(1000, task.n_features))
        if norm == "linf":
            direction = np.concatenate([np.sign(direction), rng.uniform(-1, 1, direction.shape)])
        else:
            direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        points = task.x_test[row] + eps * hand.unit * direction
        points = np.clip(points, hand.low[row], hand.high[row])
        assert (hand.logits(weights, points).argmax(axis=1) == labels[row]).all()
    architecture = "mlp" if "2.weight" in weights else "logistic"
    return architecture, robust
