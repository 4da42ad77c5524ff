from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from genlabel_robust.certify.trees import boxes
from genlabel_robust.certify.trees.boxes import leaf_boxes
from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.structure import TreeEnsemble

#: Two trees over two features; in the first both sides of the second split share a leaf.
TREES = TreeEnsemble(
    roots=np.array([0, 5]),
    feature=np.array([0, 1, 0, -1, -1, 1, -1, -1]),
    threshold=np.array([0.0, 0.5, -1.0, 0.0, 0.0, 0.5, 0.0, 0.0]),
    left=np.array([1, 3, 3, 3, 4, 6, 6, 7]),
    right=np.array([2, 4, 4, 3, 4, 7, 6, 7]),
    value=np.array([[0, 0], [0, 0], [0, 0], [1, 0], [0, 1], [0, 0], [2, 0], [0, 2]], dtype=float),
    base=np.zeros(2),
    rounding=0.0,
)


def test_every_row_lies_in_one_box_of_each_tree_that_has_its_scores() -> None:
    found = leaf_boxes(TREES, 2)
    rows = np.random.default_rng(0).uniform(-2, 2, (200, 2))
    rows[:3] = [[0.0, 0.5], [-1.0, 0.5], [np.nextafter(0, 1), np.nextafter(0.5, 1)]]
    cells = np.stack([np.searchsorted(found.thresholds[f], rows[:, f]) for f in range(2)])
    inside = (found.low[:, None] <= cells[:, :, None]) & (cells[:, :, None] <= found.high[:, None])
    inside = inside.all(axis=0)
    for tree in range(2):
        assert (inside[:, found.tree == tree].sum(axis=1) == 1).all()
    np.testing.assert_array_equal(inside @ found.value, TREES.scores(rows))


def test_a_path_that_contradicts_itself_has_no_box() -> None:
    # right of 0, the split at -1 leads right only
    assert (leaf_boxes(TREES, 2).tree == 0).sum() == 3


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        (replace(TREES, value=np.full((8, 2), np.nan)), "score of a leaf"),
        (replace(TREES, value=np.full((8, 2), np.inf)), "score of a leaf"),
        (replace(TREES, base=np.array([0.0, np.inf])), "base score"),
        (replace(TREES, threshold=np.full(8, np.nan)), "threshold"),
    ],
)
def test_numbers_that_are_not_finite_are_refused(broken: TreeEnsemble, what: str) -> None:
    with pytest.raises(ConfigurationError, match=what):
        leaf_boxes(broken, 2)


def test_more_paths_than_can_be_held_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boxes, "_LARGEST", 5)
    with pytest.raises(ConfigurationError, match="wider than can be certified"):
        leaf_boxes(TREES, 2)
