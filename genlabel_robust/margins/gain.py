"""The shortest step inside a box that gains a given score along one linear direction.

A step δ gains Σ slope[j] |δ[j]| when each feature moves in its helpful direction, by
at most room[j]. In either norm the best step of "size" s moves feature j by
min(s · pace[j], room[j]): for L-inf pace = 1 and s is the length itself; for L2
pace = slope, from the Lagrangian of min ||δ||² subject to the gain (each unsaturated
δ[j] is in proportion to its slope). The gain is then concave and piecewise linear in
s, with a kink where feature j reaches its wall, at room[j]/pace[j]. Sorting the kinks
and summing from either side solves it exactly: with the features before kink m at
their walls,

    s = (gap - Σ_{before m} slope·room) / Σ_{from m on} slope·pace,

and the first m whose s does not pass its own kink is the solution.
"""

from __future__ import annotations

import numpy as np

from genlabel_robust.core.arrays import FloatArray


def linf_distance(slope: FloatArray, room: FloatArray, gap: FloatArray) -> FloatArray:
    """Return the least L-inf length that gains ``gap``; +inf if none does.

    ``slope`` >= 0, ``room`` >= 0: (..., d), ``room`` may be +inf; ``gap``: (...) -> (...).
    A gap of 0 or less costs nothing.
    """
    return _size(slope, room, gap, pace=np.ones_like(slope))


def l2_distance(slope: FloatArray, room: FloatArray, gap: FloatArray) -> FloatArray:
    """Return the least L2 length that gains ``gap``; arguments as in ``linf_distance``."""
    size = _size(slope, room, gap, pace=slope)
    reachable = np.isfinite(size)
    step = np.minimum(np.where(reachable, size, 0.0)[..., None] * slope, room)
    return np.where(reachable, np.linalg.norm(step, axis=-1), np.inf)


def _size(slope: FloatArray, room: FloatArray, gap: FloatArray, pace: FloatArray) -> FloatArray:
    """Return the size s (...) at which the step gains ``gap``; +inf where none does."""
    moves = slope > 0
    kink = np.full(slope.shape, np.inf)
    # a slope of 1e-300 has its kink past the largest double: infinity is the right answer
    with np.errstate(over="ignore"):
        np.divide(room, pace, out=kink, where=moves)
    # 0 times an infinite room is no gain
    at_wall = np.zeros(slope.shape)
    np.multiply(slope, room, out=at_wall, where=moves)

    order = np.argsort(kink, axis=-1)
    kink = np.take_along_axis(kink, order, axis=-1)
    at_wall = np.take_along_axis(at_wall, order, axis=-1)
    rise = np.take_along_axis(slope * pace, order, axis=-1)

    before = np.zeros(slope.shape)
    np.cumsum(at_wall[..., :-1], axis=-1, out=before[..., 1:])
    # summed from the far end: the total less a partial sum would cancel
    onward = np.cumsum(rise[..., ::-1], axis=-1)[..., ::-1]
    size = np.full(slope.shape, np.inf)
    with np.errstate(over="ignore"):
        np.divide(gap[..., None] - before, onward, out=size, where=onward > 0)

    solved = size <= kink
    first = np.argmax(solved, axis=-1)[..., None]
    found = np.take_along_axis(size, first, axis=-1)[..., 0]
    found = np.where(solved.any(axis=-1), found, np.inf)
    return np.where(gap <= 0, 0.0, found)
