"""The shortest step in a box that gains a required score along one linear direction.

A step δ gains Σ slope[j] |δ[j]| when each feature moves in its helpful direction, by
at most room[j]. For L-inf and L2 the best step of "size" s moves feature j by
min(s · pace[j], room[j]): for L-inf pace = 1 and s is the length itself; for L2
pace = slope, from the Lagrangian of min ||δ||² subject to the gain (each unsaturated
δ[j] is in proportion to its slope). The gain is then concave and piecewise linear in
s, with a kink where feature j reaches its wall, at room[j]/pace[j]. Sorting the kinks
and summing from either side solves it exactly: with the features before kink m at
their walls,

    s = (gap - Σ_{before m} slope·room) / Σ_{from m on} slope·pace,

and the first m whose s does not pass its own kink is the solution. For L1 a unit of
length gains most where the slope is largest: feature after feature goes to its wall, the
steepest first, until the rest of the gap is covered on the way (the fractional knapsack,
Dantzig 1957).
"""

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray
from genlabel_robust.threat.norms import Norm
from genlabel_robust.threat.threat_model import distance


def least_distance(slope: FloatArray, room: FloatArray, gap: FloatArray, norm: Norm) -> FloatArray:
    """Return the least length in ``norm`` that gains ``gap``; +inf if no step does.

    ``slope`` >= 0, ``room`` >= 0: (..., d), ``room`` may be +inf; ``gap``: (...) -> (...). A gap of
    0 or less needs no step.
    """
    step, reached = shortest_step(slope, room, gap, norm)
    return np.where(reached, distance(np.where(reached[..., None], step, 0.0), norm), np.inf)


def least_step(slope: FloatArray, room: FloatArray, gap: FloatArray, norm: Norm) -> FloatArray:
    """Return the moves (..., d) >= 0 of the shortest step that gains ``gap``.

    For arguments see ``least_distance``. If no step gains as much, returns the step that gains
    most: every feature with a slope above 0 moves to its wall.
    """
    return shortest_step(slope, room, gap, norm)[0]


def shortest_step(
    slope: FloatArray, room: FloatArray, gap: FloatArray, norm: Norm
) -> tuple[FloatArray, BoolArray]:
    """Return the step of ``least_step``, (..., d), and whether it gains the gap (...).

    L0 has no step of this kind: raises ``ValueError`` for it.
    """
    if norm == "l0":
        raise ValueError("under L0 the shortest step is that of the fewest features")
    if norm == "l1":
        return _steepest_first(slope, room, gap)
    pace = slope if norm == "l2" else np.sign(slope)
    size = _size(slope, room, gap, pace)
    reached = np.isfinite(size)
    step = np.minimum(np.where(reached, size, 0.0)[..., None] * pace, room)
    return np.where(reached[..., None] | (slope == 0), step, room), reached


def _steepest_first(
    slope: FloatArray, room: FloatArray, gap: FloatArray
) -> tuple[FloatArray, BoolArray]:
    order = np.argsort(-slope, axis=-1)
    slope = np.take_along_axis(slope, order, axis=-1)
    moves = slope > 0
    # 0 times an infinite room is no gain
    room = np.where(moves, np.take_along_axis(room, order, axis=-1), 0.0)
    at_wall = slope * room
    rest = gap[..., None] - _before(at_wall)
    reached = (moves & (rest <= at_wall)).any(axis=-1) | (gap <= 0)
    alone = np.zeros(slope.shape)
    with np.errstate(over="ignore"):
        np.divide(np.maximum(rest, 0.0), slope, out=alone, where=moves)
    step = np.empty(slope.shape)
    np.put_along_axis(step, order, np.minimum(alone, room), axis=-1)
    return step, reached


def _before(part: FloatArray) -> FloatArray:
    """Return for each feature the sum (..., d) of ``part`` (..., d) over the preceding features."""
    before = np.zeros(part.shape)
    np.cumsum(part[..., :-1], axis=-1, out=before[..., 1:])
    return before


def _size(slope: FloatArray, room: FloatArray, gap: FloatArray, pace: FloatArray) -> FloatArray:
    """Return the size s (...) of the step that gains ``gap``; +inf if none does."""
    moves = slope > 0
    kink = np.full(slope.shape, np.inf)
    # with a slope of 1e-300, the kink is beyond the largest double: infinity is correct
    with np.errstate(over="ignore"):
        np.divide(room, pace, out=kink, where=moves)
    # 0 times an infinite room is no gain
    at_wall = np.zeros(slope.shape)
    np.multiply(slope, room, out=at_wall, where=moves)

    order = np.argsort(kink, axis=-1)
    kink = np.take_along_axis(kink, order, axis=-1)
    at_wall = np.take_along_axis(at_wall, order, axis=-1)
    rise = np.take_along_axis(slope * pace, order, axis=-1)

    # summed from the far end: total minus partial sum would lose precision by cancellation
    onward = np.cumsum(rise[..., ::-1], axis=-1)[..., ::-1]
    size = np.full(slope.shape, np.inf)
    with np.errstate(over="ignore"):
        np.divide(gap[..., None] - _before(at_wall), onward, out=size, where=onward > 0)

    solved = size <= kink
    first = np.argmax(solved, axis=-1)[..., None]
    found = np.take_along_axis(size, first, axis=-1)[..., 0]
    found = np.where(solved.any(axis=-1), found, np.inf)
    return np.where(gap <= 0, 0.0, found)


def farthest(
    direction: FloatArray, low: FloatArray, high: FloatArray, radius: FloatArray, norm: Norm
) -> FloatArray:
    """Return the points (q, m) with the largest product with ``direction`` (q, m).

    They lie between ``low`` <= 0 and ``high`` >= 0 (q, m), and within ``radius`` (q,) of 0 in
    ``norm``, "linf" or "l2". In L∞ the point is a clipped vertex of the cube; in L2 it is a clipped
    multiple of the direction. The multiple is found as for the shortest step: features reach their
    walls in turn, and between two of these events the squared length is a constant plus a constant
    times the square of the multiple.
    """
    if norm == "linf":
        return np.asarray(np.clip(np.sign(direction) * radius[:, None], low, high))
    largest = np.abs(direction).max(axis=1, keepdims=True)
    unit = direction / np.where(largest > 0, largest, 1.0)
    pace, room = np.abs(unit), np.where(unit > 0, high, -low)
    kink = np.full(pace.shape, np.inf)
    with np.errstate(over="ignore"):
        np.divide(room, pace, out=kink, where=pace > 0)
    order = np.argsort(kink, axis=1)
    kink, pace, room = (np.take_along_axis(part, order, axis=1) for part in (kink, pace, room))
    walls = np.zeros(room.shape)
    np.cumsum(room[:, :-1] ** 2, axis=1, out=walls[:, 1:])
    free = np.cumsum(pace[:, ::-1] ** 2, axis=1)[:, ::-1]
    rest = np.maximum(radius[:, None] ** 2 - walls, 0.0)
    size = np.sqrt(rest / np.maximum(free, 1e-150))
    # rounding must not lead back before a wall that has already been reached
    size[:, 1:] = np.maximum(size[:, 1:], np.minimum(kink[:, :-1], 1e300))
    solved = size <= kink
    first = np.where(solved.any(axis=1), solved.argmax(axis=1), -1)
    size = size[np.arange(len(size)), first][:, None]
    return np.asarray(np.clip(size * unit, low, high))
