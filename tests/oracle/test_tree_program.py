"""Verdicts on forests and boosted trees, against a mixed-integer program solved by HiGHS."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from sklearn.datasets import load_wine
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier

from genlabel_robust.certify.trees import certify_trees
from genlabel_robust.certify.trees.boxes import LeafBoxes, leaf_boxes
from genlabel_robust.data.rows import rows_of
from genlabel_robust.models.as_model import as_model
from genlabel_robust.models.structures.structure_of import structure_of
from genlabel_robust.structure import TreeEnsemble
from genlabel_robust.threat.space import AttackSpace


def largest_lead(boxes: LeafBoxes, rival: int, y: int, low: np.ndarray, high: np.ndarray) -> float:
    """Return the largest lead of ``rival`` over ``y`` in a box (d,), (d,).

    One variable for each threshold, 1 below it, and one for each leaf, which is at most the
    variable of its upper threshold and 1 less that of its lower one (Kantchelian et al. 2016).
    """
    first = [int(np.searchsorted(t, a)) for t, a in zip(boxes.thresholds, low, strict=True)]
    last = [int(np.searchsorted(t, b)) for t, b in zip(boxes.thresholds, high, strict=True)]
    begin = np.cumsum([0, *(len(t) for t in boxes.thresholds)])
    splits, leaves = int(begin[-1]), boxes.low.shape[1]
    rows, ends = [], []

    def add(terms: dict[int, float], least: float, most: float) -> None:
        row = np.zeros(splits + leaves)
        row[list(terms)] = list(terms.values())
        rows.append(row)
        ends.append((least, most))

    below = np.zeros(splits)
    fixed = np.zeros(splits, dtype=bool)
    for f, thresholds in enumerate(boxes.thresholds):
        for i in range(len(thresholds)):
            at = int(begin[f]) + i
            fixed[at] = i < first[f] or i >= last[f]
            below[at] = float(i >= last[f])
            if i:
                add({at - 1: 1.0, at: -1.0}, -np.inf, 0.0)
        for leaf in range(leaves):
            if boxes.high[f, leaf] < len(thresholds):
                add({splits + leaf: 1.0, int(begin[f] + boxes.high[f, leaf]): -1.0}, -np.inf, 0.0)
            if boxes.low[f, leaf] > 0:
                add({splits + leaf: 1.0, int(begin[f] + boxes.low[f, leaf]) - 1: 1.0}, -np.inf, 1.0)
    for tree in np.unique(boxes.tree):
        add({splits + int(leaf): 1.0 for leaf in np.flatnonzero(boxes.tree == tree)}, 1.0, 1.0)
    least, most = np.array(ends).T
    free = np.ones(leaves)
    solved = milp(
        -np.concatenate([np.zeros(splits), boxes.value[:, rival] - boxes.value[:, y]]),
        integrality=np.arange(splits + leaves) < splits,
        bounds=Bounds(
            np.concatenate([np.where(fixed, below, 0.0), 0 * free]),
            np.concatenate([np.where(fixed, below, 1.0), free]),
        ),
        constraints=LinearConstraint(np.array(rows), least, most),
        options={"mip_rel_gap": 1e-9},
    )
    assert solved.status == 0
    return float(-solved.fun + boxes.base[rival] - boxes.base[y])


@pytest.mark.parametrize(
    "estimator",
    [
        RandomForestClassifier(9, max_depth=4, random_state=0),
        GradientBoostingClassifier(n_estimators=6, random_state=0),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_wine_is_decided_as_the_program_decides_it(estimator: Any) -> None:
    x, y = load_wine(return_X_y=True)
    fitted = estimator.fit(x[::2], y[::2])
    rows, labels = x[1::2][::9], y[1::2][::9]
    model = as_model(fitted, rows_of(rows), [0, 1, 2])
    correct = model.predict(rows) == labels
    rows, labels = rows[correct], labels[correct]
    scale = np.ptp(x, axis=0)
    space = AttackSpace(
        np.zeros(13), scale, x.min(axis=0) / scale, x.max(axis=0) / scale, np.ones(13, dtype=bool)
    )
    trees = structure_of(model, space, rows)
    assert isinstance(trees, TreeEnsemble)
    boxes = leaf_boxes(trees, 13)
    low, high = (edge * scale for edge in space.box(space.enter(rows)))
    broken = 0
    for eps in (0.05, 0.15):
        proved = certify_trees(trees, model, space, rows, labels, "linf", (eps,))
        for i, (row, label) in enumerate(zip(rows, labels.tolist(), strict=True)):
            radius = eps * (1 + 1e-5) * scale
            box = np.maximum(low[i], row - radius), np.minimum(high[i], row + radius)
            lead = max(largest_lead(boxes, k, label, *box) for k in range(3) if k != label)
            is_broken = proved.upper[i] <= eps * (1 + 1e-5)
            assert is_broken or proved.lower[i] > eps * (1 + 1e-5)
            # a tie is the library's to break
            assert is_broken == (lead > 0) or abs(lead) < 1e-6
            broken += is_broken
    assert 2 <= broken <= 2 * len(rows) - 2
