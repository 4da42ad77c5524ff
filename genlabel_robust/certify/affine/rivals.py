"""The gains that rival classes need on an affine model: the basis of all distances."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from genlabel_robust.core import FloatArray, IntArray

#: Numbers in the largest array of one block of rows: 8 MB each.
_BLOCK = 1_000_000


@dataclass(frozen=True, eq=False)
class Rivals:
    """The gains with which each of k classes can score as high as the example's own.

    In attack space. ``toward`` (n, k, d): the gain of a rival on the true class per unit of a
    feature; ``gap`` (n, k): the gain that it needs, +inf for the true class; ``down``, ``up``
    (n, d): how far each feature can move, at least 0.
    """

    toward: FloatArray
    gap: FloatArray
    down: FloatArray
    up: FloatArray

    @property
    def slope(self) -> FloatArray:
        """The gain (n, k, d) of each feature per unit in the direction that helps the rival."""
        return np.abs(self.toward)

    @property
    def room(self) -> FloatArray:
        """How far each feature can move (n, k, d) in the direction that helps the rival."""
        return np.where(self.toward > 0, self.up[:, None, :], self.down[:, None, :])

    def counting(self, counts: FloatArray) -> Rivals:
        """Return the same rivals with the gains of each feature multiplied by ``counts`` (n, d)."""
        return Rivals(self.toward * counts[:, None, :], self.gap, self.down, self.up)

    def demanding(self, gap: FloatArray) -> Rivals:
        """Return the same rivals with another ``gap`` (n, k)."""
        return Rivals(self.toward, gap, self.down, self.up)


@dataclass(frozen=True, eq=False)
class Found:
    """The nearest rival of each of n examples: ``lower`` and ``upper`` (n,) bound its distance.

    They are equal where the distance is known, and +inf where no valid point closes a gap.
    ``step`` (n, d): the step of length ``upper``; ``work`` (n,): the number of bound steps.
    """

    lower: FloatArray
    upper: FloatArray
    step: FloatArray
    work: IntArray

    @classmethod
    def of_rivals(cls, distance: FloatArray, step: FloatArray) -> Found:
        """Return the nearest of k rivals with known distances (n, k) and steps (n, k, d)."""
        rows, nearest = np.arange(len(distance)), distance.argmin(axis=1)
        least = distance[rows, nearest]
        return cls(least, least, step[rows, nearest], np.ones(len(rows), dtype=np.int64))

    @classmethod
    def joined(cls, parts: Sequence[Found]) -> Found:
        """Concatenate the results of one or more ``parts``, in their order."""
        return cls(
            np.concatenate([part.lower for part in parts]),
            np.concatenate([part.upper for part in parts]),
            np.concatenate([part.step for part in parts]),
            np.concatenate([part.work for part in parts]),
        )


#: Computes the smallest distance (n, k) at which each rival closes its gap, +inf where it never
#: does. Arguments: the rivals of some rows, and these rows.
Way: TypeAlias = Callable[[Rivals, slice], FloatArray]


def rivals(
    weight: FloatArray,
    scores: FloatArray,
    u: FloatArray,
    y: IntArray,
    low: FloatArray,
    high: FloatArray,
) -> Rivals:
    """Return the rivals of ``y`` (n,) at ``u`` (n, d), where the scores are ``scores`` (n, k).

    ``weight`` (k, d): the gain of each score per unit of a feature; ``low``, ``high`` (n, d): the
    boxes, which contain ``u``.
    """
    rows = np.arange(len(u))
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
    """Return the distance (n,) of the nearest rival on ``weight`` · u + ``bias``.

    ``weight`` (k, d), ``bias`` (k,); ``way`` computes the distances; the other arguments are those
    of ``rivals``.
    """
    distance = np.full(len(u), np.inf)
    for rows in blocks(len(u), weight.size):
        scores = u[rows] @ weight.T + bias
        found = rivals(weight, scores, u[rows], y[rows], low[rows], high[rows])
        distance[rows] = way(found, rows).min(axis=1)
    return distance


def blocks(n: int, size: int) -> list[slice]:
    """Split n rows into one or more blocks; each row needs arrays of ``size`` numbers."""
    step = max(_BLOCK // max(size, 1), 1)
    return [slice(start, min(start + step, n)) for start in range(0, n, step)] or [slice(0, 0)]
