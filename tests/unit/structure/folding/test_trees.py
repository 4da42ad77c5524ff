from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from genlabel_robust.core.arrays import FloatArray
from genlabel_robust.data.columns.number_or_category import Category, Number
from genlabel_robust.structure import core_trees as limits
from genlabel_robust.structure.columns import Column, Front, raw_front
from genlabel_robust.structure.core_trees import (
    CoreTrees,
    Nodes,
    Split,
    core_trees,
    gap_split,
    threshold_nodes,
)
from genlabel_robust.structure.folding.trees import folded
from genlabel_robust.structure.structure import UnreadError

LETTERS = ("a", "b", "c", "d")
#: A number, one that can be missing, a fixed category and a free one: 1 + 2 + 1 + 4 raw features.
PARTS = (
    Number("x"),
    Number("y", fill=0.5),
    Category("c", "text", LETTERS),
    Category("f", "text", LETTERS, free=True),
)


def _values(raw: FloatArray) -> FloatArray:
    """Return transformations of the four columns: monotone ones, and tables of categories."""
    missing = raw[:, 2] >= 0.5
    table, free = np.array([3.0, -1.0, np.nan, 0.5]), np.array([0.0, 2.0, 2.0, np.nan])
    return np.column_stack(
        [
            ((raw[:, 0] - 0.3) / 7.1).astype(np.float32).astype(np.float64),
            np.where(missing, 0.25, -raw[:, 1] * 3),
            np.where(missing, np.nan, np.cbrt(raw[:, 1])),
            table[np.clip(np.rint(raw[:, 3]), 0, 3).astype(int)],
            free[raw[:, 4:8].argmax(axis=1)],
            (np.abs(raw[:, 0]) <= 1).astype(np.float64),
            missing.astype(np.float64),
        ]
    )


@pytest.fixture
def front() -> Front:
    low, high = np.array([-5.0, -5, 0, 0, 0, 0, 0, 0]), np.array([5.0, 5, 1, 3, 1, 1, 1, 1])
    breaks = (float(np.nextafter(-1.0, -2.0)), 1.0)
    columns = (
        Column(0),
        Column(1, -1),
        Column(1, exact=False),
        Column(2, 0),
        Column(3, 0),
        Column(0, 0, breaks),
        Column(1, 0),
    )
    row = np.array([0.0, 0.5, 0, 0, 1, 0, 0, 0])
    return Front(PARTS, columns, _values, low, high, row)


def _rows(rng: np.random.Generator, thresholds: Callable[[int], FloatArray], n: int) -> FloatArray:
    """Return valid rows, many of them at thresholds and the neighbouring floats."""
    raw = np.zeros((n, 8))
    for column in (0, 1):
        near = rng.choice(thresholds(column), n)
        near = np.where(rng.random(n) < 0.5, np.nextafter(near, rng.choice([-9.0, 9.0], n)), near)
        raw[:, column] = np.where(rng.random(n) < 0.7, near, rng.uniform(-5, 5, n))
    raw[:, 2] = rng.integers(2, size=n)
    raw[:, 3] = rng.integers(4, size=n)
    raw[:, 4:8] = np.eye(4)[rng.integers(4, size=n)]
    return raw


def _scores(core: CoreTrees, values: FloatArray) -> FloatArray:
    """Compute scores by walking the original trees node by node."""
    scores = np.tile(core.base, (len(values), 1))
    for row, of in enumerate(values):
        for root in core.roots:
            at = int(root)
            while core.split[at] >= 0:
                split = core.splits[core.split[at]]
                left = split.goes_left(of[split.column : split.column + 1])[0]
                at = int((core.left if left else core.right)[at])
            scores[row] += core.value[at]
    return scores


def _random_trees(rng: np.random.Generator) -> CoreTrees:
    trees = []
    for _ in range(3):
        splits = []
        for _ in range(7):
            cuts = np.sort(rng.normal(size=int(rng.integers(1, 4)))).round(1)
            truth = tuple((rng.random(len(cuts) + 1) < 0.5).tolist())
            column = int(rng.integers(7))
            splits.append(Split(column, tuple(cuts.tolist()), truth, bool(rng.random() < 0.5)))
        nodes = np.arange(15)
        inner = nodes < 7
        trees.append(
            Nodes(
                np.where(inner, nodes, -1),
                tuple(splits),
                np.where(inner, 2 * nodes + 1, -1),
                np.where(inner, 2 * nodes + 2, -1),
                rng.normal(size=(15, 2)),
            )
        )
    return core_trees(trees, np.array([0.5, 0.0]), 2.0**-53)


@pytest.mark.parametrize("seed", range(10))
def test_folded_trees_score_rows_as_the_trees_behind_the_pipeline_do(
    front: Front, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    core = _random_trees(rng)

    found = folded(core, front)

    def thresholds(column: int) -> FloatArray:
        own = found.threshold[found.feature == column]
        return own if len(own) else np.zeros(1)

    raw = _rows(rng, thresholds, 200)
    assert found.scores(raw) == pytest.approx(_scores(core, _values(raw)), abs=1e-12)


def test_a_plain_column_keeps_its_threshold_to_the_last_bit() -> None:
    cut = np.array([0.1 + 0.2, 0.0, 0.0])
    nodes = threshold_nodes(
        np.zeros(3, dtype=np.int64),
        cut,
        np.zeros(3, dtype=bool),
        np.array([1, -1, -1]),
        np.array([2, -1, -1]),
        np.array([[0.0, 0], [1, 0], [0, 1]]),
    )
    raw = np.array([[0.3]])

    found = folded(core_trees([nodes], np.zeros(2), 0.0), raw_front(raw, raw[0], raw[0] + 1))

    assert found.threshold[0] == 0.1 + 0.2
    assert found.scores(np.array([[0.1 + 0.2], [0.30000000000000010]])).argmax(axis=1).tolist() == [
        0,
        1,
    ]


def test_a_single_leaf_is_a_tree(front: Front) -> None:
    none = np.full(1, -1)
    nodes = Nodes(none, (), none, none, np.array([[2.0, 1.0]]))

    found = folded(core_trees([nodes], np.array([0.0, 0.5]), 0.0), front)

    assert found.scores(front.row[None]).tolist() == [[2.0, 1.5]]


def test_a_split_that_tells_no_rows_apart_leaves_no_node(front: Front) -> None:
    split = Split(0, (1e6,), (True, False), missing=True)
    nodes = Nodes(
        np.array([0, -1, -1]), (split,), np.array([1, -1, -1]), np.array([2, -1, -1]), np.eye(3, 2)
    )

    found = folded(core_trees([nodes], np.zeros(2), 0.0), front)

    assert found.feature.tolist() == [-1]
    assert found.scores(front.row[None]).tolist() == [[0.0, 1.0]]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_leaves_that_are_not_finite_are_no_structure(bad: float) -> None:
    none = np.full(1, -1)
    with pytest.raises(UnreadError, match="not finite"):
        core_trees([Nodes(none, (), none, none, np.array([[bad]]))], np.zeros(1), 0.0)


def test_more_nodes_than_can_be_held_are_no_structure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_NODES", 2)
    nodes = threshold_nodes(
        np.zeros(3, dtype=np.int64),
        np.zeros(3),
        np.zeros(3, dtype=bool),
        np.array([1, -1, -1]),
        np.array([2, -1, -1]),
        np.zeros((3, 2)),
    )
    with pytest.raises(UnreadError, match=r"3 nodes .* at most 2 nodes"):
        core_trees([nodes], np.zeros(2), 0.0)


def test_a_circle_of_nodes_is_no_structure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_LEVELS", 50)
    nodes = threshold_nodes(
        np.zeros(3, dtype=np.int64),
        np.zeros(3),
        np.zeros(3, dtype=bool),
        np.array([1, 0, -1]),
        np.array([2, 2, -1]),
        np.zeros((3, 2)),
    )
    with pytest.raises(UnreadError, match="more than 50 levels"):
        core_trees([nodes], np.zeros(2), 0.0)


def test_a_column_that_is_not_there_is_no_structure(front: Front) -> None:
    split = Split(-1, (0.0,), (True, False), missing=True)
    nodes = Nodes(
        np.array([0, -1, -1]), (split,), np.array([1, -1, -1]), np.array([2, -1, -1]), np.eye(3, 2)
    )
    with pytest.raises(UnreadError, match="column -1 of 7"):
        folded(core_trees([nodes], np.zeros(2), 0.0), front)


def test_a_gap_in_a_split_goes_its_own_way() -> None:
    split = gap_split(Split(0, (2.0,), (True, False), missing=False), -1.0, 1.0, left=False)

    values = np.array([-2.0, -1.0, -0.5, 1.0, 1.5, 2.0, 2.5, np.nan])
    assert split.goes_left(values).tolist() == [True, True, False, False, True, True, False, False]


@pytest.mark.parametrize(
    ("show", "reason"),
    [
        (lambda raw: 2 - raw, "not monotone"),
        (lambda raw: raw * np.nan, "makes NaN"),
        (lambda raw: raw.reshape(-1), "shape"),
        (lambda raw: raw[:, 9], "does not answer"),
    ],
)
def test_a_pipeline_that_cannot_be_followed_is_no_structure(
    show: Callable[[Any], Any], reason: str
) -> None:
    low, high = np.array([0.0]), np.array([4.0])
    front = Front((Number("x"),), (Column(0),), show, low, high, low)
    nodes = threshold_nodes(
        np.zeros(3, dtype=np.int64),
        np.full(3, 0.5),
        np.zeros(3, dtype=bool),
        np.array([1, -1, -1]),
        np.array([2, -1, -1]),
        np.zeros((3, 2)),
    )
    with pytest.raises(UnreadError, match=reason):
        folded(core_trees([nodes], np.zeros(2), 0.0), front)
