"""What rival classes have to gain on an affine model: the part that all distances share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from genlabel_robust.core.arrays import FloatArray, IntArray

#: Numbers in the largest array of one block of rows: 8 MB each.
_BLOCK = 1_000_000


@dataclass(frozen=True, eq=False)
class Rivals:
    """How each of k classes can come to score as high as the example's own.

    In attack space. ``toward`` (n, k, d): what a rival gains
    on the own class for each unit of a feature; ``gap`` (n, k): what it has to gain, +inf of
    the own class; ``down``, ``up`` (n, d): how far each feature can move, at least 0.
    """

    toward: FloatArray
    gap: FloatArray
    down: FloatArray
    up: FloatArray

    @property
    def slope(self) -> FloatArray:
        """What each feature gains (n, k, d) for a unit in the direction that helps."""
        return np.abs(self.toward)

    @property
    def room(self) -> FloatArray:
        """How far each feature can move (n, k, d) in the direction that helps."""
        return np.where(self.toward > 0, self.up[:, None, :], self.down[:, None, :])

    def demanding(self, gap: FloatArray) -> Rivals:
        """Return the same rivals, who have to gain another ``gap`` (n, k)."""
        return Rivals(self.toward, gap, self.down, self.up)


#: From rivals, of these rows, to the least distance (n, k) at which each gains its gap, +inf
#: where it never does.
Way: TypeAlias = Callable[[Rivals, slice], FloatArray]


def rivals(
    weight: FloatArray,
    bias: FloatArray,
    u: FloatArray,
    y: IntArray,
    low: FloatArray,
    high: FloatArray,
) -> Rivals:
    """Return the rivals of ``y`` (n,) on ``weight`` (k, d) · u + ``bias`` (k,), at ``u`` (n, d).

    ``low``, ``high`` (n, d): the boxes, which contain ``u``.
    """
    rows = np.arange(len(u))
    scores = u @ weight.T + bias
    gap = scores[rows, y][:, None] - scores
    gap[rows, y] = np.inf
    return Rivals(weight[None, :, :] - weight[y][:, None, :], gap, u - low, high - u)


def nearest(
    weight: FloatArray,
    bias: FloatArray,
    u: FloatArray,
    y: IntArray,
    low: FloatArray,
    high: FloatArray,
    way: Way,
) -> FloatArray:
    """Return the distance (n,) of the nearest rival, by ``way``; the arguments of ``rivals``."""
    n, distance = len(u), np.full(len(u), np.inf)
    for rows in blocks(n, weight.size):
        found = rivals(weight, bias, u[rows], y[rows], low[rows], high[rows])
        distance[rows] = way(found, rows).min(axis=1)
    return distance


def blocks(n: int, size: int) -> list[slice]:
    """Return the parts of n rows of which each has arrays of ``size`` numbers."""
    step = max(_BLOCK // max(size, 1), 1)
    return [slice(start, min(start + step, n)) for start in range(0, n, step)]
