"""The box of each leaf of an ensemble, as ranges of cells between thresholds."""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from genlabel_robust.core import ConfigurationError, FloatArray, IntArray
from genlabel_robust.structure import TreeEnsemble

#: The most numbers in the table of all boxes: 256 MB.
_LARGEST = 2**27

#: Indices of cells or places, in the smallest type that fits.
CellArray: TypeAlias = NDArray[np.signedinteger[Any]]


@dataclass(frozen=True, eq=False)
class LeafBoxes:
    """Every path of every tree, tree by tree, as a box of cells.

    ``thresholds``: for each of d features its thresholds, ascending. Cell i of a feature reaches
    from threshold i - 1 (excluded) to threshold i (included). ``low``, ``high`` (d, p): the first
    and last cell of each path; ``tree``, ``value`` (p,), (p, k): its tree and scores.
    """

    thresholds: list[FloatArray]
    low: CellArray
    high: CellArray
    tree: IntArray
    value: FloatArray
    base: FloatArray
    rounding: float


def leaf_boxes(ensemble: TreeEnsemble, d: int) -> LeafBoxes:
    """Return the boxes of all paths of ``ensemble`` over ``d`` features.

    Paths with contradictory conditions are left out. Raises ``ConfigurationError`` if there are
    too many paths for memory, or if a threshold or a score is not a finite number.
    """
    inner = ensemble.feature >= 0
    for what, numbers in (
        ("threshold", ensemble.threshold[inner]),
        ("score of a leaf", ensemble.value),
        ("base score", ensemble.base),
    ):
        if np.isnan(numbers).any() or (what != "threshold" and np.isinf(numbers).any()):
            raise ConfigurationError(f"a {what} of the trees is not a finite number")
    thresholds = [
        np.unique(ensemble.threshold[ensemble.feature == feature]) for feature in range(d)
    ]
    place = np.zeros(len(inner), dtype=np.int64)
    for feature in range(d):
        own = ensemble.feature == feature
        place[own] = np.searchsorted(thresholds[feature], ensemble.threshold[own])
    cells = np.array([len(t) for t in thresholds], dtype=np.int64)
    kind = np.int16 if cells.max(initial=0) < 2**15 - 2 else np.int32

    tree = np.arange(len(ensemble.roots))
    at = ensemble.roots.copy()
    low = np.zeros((len(at), d), dtype=kind)
    high = np.broadcast_to(cells.astype(kind), (len(at), d)).copy()
    ended: list[tuple[IntArray, IntArray, CellArray, CellArray]] = []
    while len(at):
        leaf = ensemble.feature[at] < 0
        ended.append((tree[leaf], at[leaf], low[leaf], high[leaf]))
        tree, at, low, high = tree[~leaf], at[~leaf], low[~leaf], high[~leaf]
        split, rows = ensemble.feature[at], np.arange(len(at))
        left, right = high.copy(), low.copy()
        left[rows, split] = np.minimum(high[rows, split], place[at])
        right[rows, split] = np.maximum(low[rows, split], place[at] + 1)
        goes_left = left[rows, split] >= low[rows, split]
        goes_right = right[rows, split] <= high[rows, split]
        tree = np.concatenate([tree[goes_left], tree[goes_right]])
        low = np.concatenate([low[goes_left], right[goes_right]])
        high = np.concatenate([left[goes_left], high[goes_right]])
        at = np.concatenate([ensemble.left[at[goes_left]], ensemble.right[at[goes_right]]])
        if low.size > _LARGEST:
            raise ConfigurationError(
                f"the trees have more than {len(at):,} paths over {d} features; that is wider "
                "than can be certified"
            )
    trees, leaves, lows, highs = (np.concatenate(part) for part in zip(*ended, strict=True))
    order = np.argsort(trees, kind="stable")
    return LeafBoxes(
        thresholds,
        np.ascontiguousarray(lows[order].T),
        np.ascontiguousarray(highs[order].T),
        trees[order],
        ensemble.value[leaves[order]],
        ensemble.base,
        ensemble.rounding,
    )
