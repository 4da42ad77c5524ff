from __future__ import annotations

import time

import numpy as np
import pytest

from genlabel_robust.model_files.checked_values import DEEPEST_TREE, UnfitError, check_tree


def chain(levels: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the children of a tree that only continues to the left."""
    n = 2 * levels + 1
    left, right = np.full(n, -1), np.full(n, -1)
    inner = np.arange(levels) * 2
    left[inner], right[inner] = inner + 2, inner + 1
    return left, right


def test_the_depth_of_each_node_is_found() -> None:
    left, right = np.array([2, -1, 3, -1, -1, -1]), np.array([1, -1, 4, -1, -1, -1])
    assert check_tree(left, right, "a tree").tolist() == [0, 1, 1, 2, 2, -1]
    assert check_tree(*chain(DEEPEST_TREE), "a tree").max() == DEEPEST_TREE
    assert check_tree(np.array([-1]), np.array([-1]), "a tree").tolist() == [0]


@pytest.mark.parametrize("levels", [DEEPEST_TREE + 1, 10**6])
def test_a_tree_that_is_too_deep_is_refused_soon(levels: int) -> None:
    left, right = chain(levels)
    began = time.monotonic()
    with pytest.raises(UnfitError, match="tree 7 is more than 10,000 levels deep"):
        check_tree(left, right, "tree 7")
    assert time.monotonic() - began < 120


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ([1, -1], [1, -1]),
        ([1, 2, -1], [2, 2, -1]),
        ([1, 3, 3, -1, -1], [2, 4, 4, -1, -1]),
        ([1, 2, -1, -1], [3, 1, -1, -1]),
    ],
)
def test_two_paths_to_a_node_are_refused(left: list[int], right: list[int]) -> None:
    with pytest.raises(UnfitError, match="two paths lead"):
        check_tree(np.array(left), np.array(right), "a tree")
