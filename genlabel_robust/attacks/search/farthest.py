"""The point of a ball, inside a box, that goes furthest in a given direction."""

from __future__ import annotations

import numpy as np

from genlabel_robust.core.arrays import FloatArray
from genlabel_robust.threat.threat_model import Norm


def farthest(
    direction: FloatArray, low: FloatArray, high: FloatArray, radius: FloatArray, norm: Norm
) -> FloatArray:
    """Return the points (q, m) with the largest product with ``direction`` (q, m).

    They lie between ``low`` <= 0 and ``high`` >= 0 (q, m), and within ``radius`` (q,) of 0 in
    ``norm``, "linf" or "l2". In L∞ that is a vertex of the cube, clipped; in L2 a multiple of
    the direction, clipped, which is found as in ``threat.shortest_step``: features meet their
    walls in turn, and between two of these the square of the length is a constant plus one of
    the multiple's.
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
    # what rounding takes off must not lead back before a wall that has been met
    size[:, 1:] = np.maximum(size[:, 1:], np.minimum(kink[:, :-1], 1e300))
    solved = size <= kink
    first = np.where(solved.any(axis=1), solved.argmax(axis=1), -1)
    size = size[np.arange(len(size)), first][:, None]
    return np.asarray(np.clip(size * unit, low, high))
