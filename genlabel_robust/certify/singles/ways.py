"""The rows that can result from changing one column of the table: single points, and lines."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.threat import TOLERANCE, AttackSpace, Ball, Norm, distance
from genlabel_robust.threat.table_columns import TableColumn


@dataclass(frozen=True, eq=False)
class Points:
    """Changes of a column's w features to ``values`` (p, w), for the examples ``rows`` (p,)."""

    rows: IntArray
    values: FloatArray

    @classmethod
    def join(cls, parts: list[Points], features: int) -> Points:
        """Concatenate the points of all parts."""
        nothing = cls(np.zeros(0, dtype=np.int64), np.zeros((0, features)))
        parts = [nothing, *parts]
        return cls(
            np.concatenate([part.rows for part in parts]),
            np.concatenate([part.values for part in parts]),
        )


@dataclass(frozen=True, eq=False)
class Lines:
    """Changes of one number, the first of w features, to any value from ``low`` to ``high`` (l,).

    ``rows`` (l,): the examples; ``values`` (l, w): the features at the start of a line; ``cost``
    (l,): the distance of that start from the example, in attack space. The attacker's exact limits,
    ``least`` and ``most`` (l,), lie slightly inside, as ``low`` and ``high`` allow for rounding.
    """

    rows: IntArray
    values: FloatArray
    low: FloatArray
    high: FloatArray
    cost: FloatArray
    least: FloatArray
    most: FloatArray

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, which: Any) -> Lines:
        """Return some of the lines."""
        return Lines(*(getattr(self, field.name)[which] for field in fields(self)))

    def at(self, lines: IntArray, numbers: FloatArray) -> Points:
        """Return the points of the ``lines`` (p,) at the ``numbers`` (p,)."""
        values = self.values[lines].copy()
        values[:, 0] = numbers
        return Points(self.rows[lines], values)


@dataclass(frozen=True, eq=False)
class Ways:
    """All changes of a column: ``points`` and ``lines``; ``whole``: at whole steps only.

    ``all_``: whether the changes are complete; False where a missing-value flag may change by
    fractions.
    """

    points: Points
    lines: Lines
    whole: bool
    all_: bool = True


def ways_of(
    column: TableColumn, space: AttackSpace, raw: FloatArray, norm: Norm, eps: float
) -> Ways:
    """Return the changes of ``column`` in the rows ``raw`` (n, d) within ``eps``.

    They can include slightly more than the attacker may do, so each point must be checked.
    """
    w = len(column.features)
    if column.levels:
        return Ways(_levels(column, space, raw), _no_lines(w), whole=True)
    number, flag = column.features[0], column.flag
    everyone, own = np.arange(len(raw)), raw[:, column.features]
    gone = np.zeros(len(raw), dtype=bool) if flag is None else raw[:, flag] >= 0.5
    points, starts = [], []
    if space.mutable[number]:
        starts.append((everyone[~gone], own[~gone], np.zeros((~gone).sum())))
    if flag is not None and space.mutable[flag]:
        switched = own.copy()
        switched[:, 1] = np.where(gone, 0.0, 1.0)
        points.append(Points(everyone, switched))
        if space.mutable[number]:
            cost = np.abs(switched[gone, 1] - own[gone, 1]) / space.scale[flag]
            starts.append((everyone[gone], switched[gone], cost))
    parts = [_no_lines(w), *(_lines(number, space, raw, (norm, eps), *start) for start in starts)]
    all_ = flag is None or not space.mutable[flag] or flag in space.rules.integer
    return Ways(Points.join(points, w), _joined(parts), number in space.rules.integer, all_)


def _levels(column: TableColumn, space: AttackSpace, raw: FloatArray) -> Points:
    """Return the switches of a one-hot group to each other level."""
    group = list(column.features)
    parts = []
    for place, feature in enumerate(group):
        if not space.mutable[feature]:
            continue
        rows = np.flatnonzero(raw[:, feature] != 1)
        values = np.zeros((len(rows), len(group)))
        values[:, place] = 1.0
        parts.append(Points(rows, values))
    return Points.join(parts, len(group))


def _lines(
    number: int,
    space: AttackSpace,
    raw: FloatArray,
    ball: Ball,
    rows: IntArray,
    values: FloatArray,
    cost: FloatArray,
) -> Lines:
    """Return the lines from ``values`` (l, w) of ``rows`` (l,), inside box and ball."""
    norm, eps = ball
    scale, here = space.scale[number], values[:, 0]
    u = space.enter(raw[rows])
    low, high = (scale * (edge - u)[:, number] for edge in space.box(u))
    outer = scale * room(cost, eps * (1 + 2 * TOLERANCE), norm)
    inner = scale * room(cost, eps * (1 + TOLERANCE / 2), norm)
    # more than the tolerance with which ``violations`` accepts a row outside its box
    size = np.abs(here) + np.maximum(np.abs(low), np.abs(high)) + np.abs(space.offset[number])
    slack = 8 * np.spacing(size)
    lines = Lines(
        rows,
        values,
        here + np.maximum(low - slack, -outer),
        here + np.minimum(high + slack, outer),
        cost,
        here + np.maximum(low, -inner),
        here + np.minimum(high, inner),
    )
    return lines.take(cost <= eps * (1 + 2 * TOLERANCE))


def room(cost: FloatArray, radius: float, norm: Norm) -> FloatArray:
    """Return how far (l,) one more feature may move in a ball of ``radius`` after ``cost``."""
    if norm == "l1":
        return np.maximum(radius - cost, 0.0)
    if norm == "l2":
        return np.sqrt(np.maximum(radius**2 - cost**2, 0.0))
    return np.where(cost <= radius, radius, 0.0)


def length(moves: FloatArray, cost: FloatArray, norm: Norm) -> FloatArray:
    """Return the lengths (l,) of moving one feature by ``moves`` (l,) in addition to ``cost``."""
    return distance(np.stack([moves, cost], axis=-1), norm)


def _no_lines(features: int) -> Lines:
    nothing = np.zeros(0)
    rows, values = np.zeros(0, dtype=np.int64), np.zeros((0, features))
    return Lines(rows, values, *([nothing] * 5))


def _joined(parts: list[Lines]) -> Lines:
    names = [field.name for field in fields(Lines)]
    return Lines(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
