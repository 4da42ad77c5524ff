"""The rivals of a label, each with the root of its search."""

from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.trees.node import Node
from genlabel_robust.certify.trees.region import Region
from genlabel_robust.core import BoolArray, FloatArray, IntArray

#: The rounding error of float64 sums, in any order, as a share of the largest score.
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Rival:
    """A label that may win: the ``root`` of its search, and the largest lead that is a ``tie``."""

    root: Node
    tie: float
    bound: float


def rivals(region: Region, y: int, rounding: float) -> list[Rival]:
    """Return the labels that may win in ``region`` against ``y``, the most promising first.

    ``rounding``: how much the library's scores can differ from those of the trees.
    """
    starts = np.flatnonzero(np.diff(region.tree, prepend=-1))
    sizes = np.diff(starts, append=len(region.tree))
    ours = region.value[:, y]
    found = []
    for rival in range(len(region.base)):
        if rival == y:
            continue
        theirs = region.value[:, rival]
        gain = theirs - ours
        most = np.maximum.reduceat(gain, starts)
        base = float(region.base[rival] - region.base[y])
        size = float(np.maximum.reduceat(np.abs(gain), starts).sum()) + abs(base)
        tie = 2 * rounding + _ROUNDING * size
        bound = float(most.sum()) + base
        if bound < -tie:
            continue
        # only trees in which neither score changes: if both change by the same amount, near ties
        # can still be rounded differently
        inert = _constant(ours, starts) & _constant(theirs, starts)
        root = Node(
            region.low,
            region.high,
            gain,
            sizes,
            np.zeros(len(region.last), dtype=np.int64),
            region.last,
            base + float(most[inert].sum()),
            region.leaf_cost,
            np.arange(len(region.last)),
        )
        root.drop_groups(inert)
        found.append(Rival(root, tie, bound))
    # a stable sort: the first label comes first among equals
    return sorted(found, key=lambda rival: -rival.bound)


def _constant(numbers: FloatArray, starts: IntArray) -> BoolArray:
    """Mark the groups (g,), which begin at ``starts``, with constant ``numbers`` (l,)."""
    most = np.maximum.reduceat(numbers, starts)
    return np.asarray(most == np.minimum.reduceat(numbers, starts))
