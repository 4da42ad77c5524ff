"""Trees as tables predict like trees walked from node to node."""

from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.structure import TreeEnsemble
from genlabel_robust.structure.quick_trees import quick_trees


def ensemble(seed: int, trees: int, inner: int, k: int, d: int = 4) -> TreeEnsemble:
    """Draw trees whose nodes may have several parents, with few, repeated thresholds."""
    rng = np.random.default_rng(seed)
    nodes: list[tuple[int, float, int, int, np.ndarray]] = []
    roots = []
    for _ in range(trees):
        start, count = len(nodes), int(rng.integers(0, inner + 1))
        leaves = count + 1
        total = count + leaves
        for i in range(count):
            # each node's first way leads to the next, so that all of them are reached
            after = [i + 1, int(rng.integers(max(i + 1, count), total))]
            left, right = (start + int(j) for j in rng.permutation(after))
            cut = float(rng.choice([-1.0, -0.5, 0.0, 0.25, 1.0]))
            nodes.append((int(rng.integers(d)), cut, left, right, np.zeros(k)))
        for i in range(count, total):
            value = rng.normal(size=k) * (rng.random(k) < 0.6)
            nodes.append((-1, 0.0, start + i, start + i, value))
        roots.append(start)
    feature, threshold, left, right, value = (list(part) for part in zip(*nodes, strict=True))
    return TreeEnsemble(
        np.array(roots),
        np.array(feature),
        np.array(threshold),
        np.array(left),
        np.array(right),
        np.array(value),
        rng.normal(size=k),
        1e-12,
    )


def rows_of(seed: int, d: int = 4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    cuts = np.array([-1.0, -0.5, 0.0, 0.25, 1.0])
    near = np.concatenate([cuts, np.nextafter(cuts, -9), np.nextafter(cuts, 9)])
    return np.concatenate([rng.choice(near, (200, d)), rng.normal(size=(200, d))])


@pytest.mark.parametrize("inner", [0, 3, 7, 15, 31, 63])
def test_the_scores_are_those_of_the_walked_trees(inner: int) -> None:
    for seed in range(6):
        drawn = ensemble(seed, trees=seed + 1, inner=inner, k=2 + seed % 2)
        tables, raw = quick_trees(drawn), rows_of(seed)
        assert tables is not None
        np.testing.assert_allclose(tables.scores(raw), drawn.scores(raw), rtol=0, atol=1e-12)


def test_a_row_gets_the_same_bits_in_any_company() -> None:
    drawn = ensemble(1, trees=90, inner=7, k=3)
    tables, raw = quick_trees(drawn), np.tile(rows_of(1), (20, 1))
    assert tables is not None
    together = tables.scores(raw)
    for some in (slice(0, 1), slice(0, 7), slice(3, 400)):
        np.testing.assert_array_equal(tables.scores(raw[some]), together[some])
    assert tables.scores(raw[:0]).shape == (0, 3)


def test_there_are_no_tables_of_trees_with_too_many_paths() -> None:
    chain = ensemble(0, trees=1, inner=7, k=2)
    wide = np.arange(1100)
    feature = np.concatenate([np.zeros(1100, dtype=int), np.full(1101, -1)])
    left = np.concatenate([1100 + wide, np.arange(1100, 2201)])
    right = np.concatenate([np.append(wide[1:], 2200), np.arange(1100, 2201)])
    threshold = np.concatenate([wide.astype(float), np.zeros(1101)])
    value = np.random.default_rng(0).normal(size=(2201, 2))
    long = TreeEnsemble(np.array([0]), feature, threshold, left, right, value, np.zeros(2), 0.0)
    assert quick_trees(long) is None
    assert quick_trees(chain) is not None
