"""Choice of the values that forms must have: the way in which a row satisfies each relation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.threat.relations.bound import Relations, Step
from genlabel_robust.threat.relations.moves import Moves

#: The margin of a strict comparison, in units of the tolerance for equality.
_STRICTLY = 8.0
#: The cost of a change that no step can make.
_NEVER = 1e30
#: Forms by number, each with its lower and upper limits (q,).
Limits: TypeAlias = list[tuple[int, FloatArray, FloatArray]]


@dataclass(frozen=True, eq=False)
class Wanted:
    """The limits ``low`` and ``high`` (q, f) of the forms of points."""

    low: FloatArray
    high: FloatArray

    def of(self, rows: IntArray) -> Wanted:
        """Return the limits for ``rows``."""
        return Wanted(self.low[rows], self.high[rows])


@dataclass(frozen=True, eq=False)
class Start:
    """The rows (q, d) from which points start, as relations see them.

    ``before``, ``slack`` (q, f): the forms' values, and the tolerance around 0; ``low``, ``high``
    (q, m): how far features may move; ``own`` (q, m): the categories of the rows.
    """

    raw: FloatArray
    before: FloatArray
    slack: FloatArray
    low: FloatArray
    high: FloatArray
    own: BoolArray

    def of(self, rows: IntArray) -> Start:
        """Return the entries for ``rows``."""
        return Start(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def chosen_ways(
    relations: Relations,
    moves: Moves,
    start: Start,
    values: FloatArray,
    *,
    home: bool,
) -> Wanted:
    """Return the limits of the forms for the nearest way of each relation to ``values`` (q, f).

    ``home``: choose only among the ways that the rows themselves satisfy.
    """
    q, f = values.shape
    low, high = np.full((q, f), -np.inf), np.full((q, f), np.inf)
    power = np.array([form.power for form in moves.forms])
    near = np.maximum(start.slack, 1e-12 * power)
    for ways in relations.ways:
        limits = [_limits(way, near) for way in ways]
        kept = [_holds(part, start.before, start.slack) for part in limits]
        broken: BoolArray = ~np.any(kept, axis=0)
        limits.append(_unchanged(ways, start.before))
        costs = [_cost(part, values, power) for part in limits]
        for number, own in enumerate(kept):
            costs[number] = np.where(own | (not home), costs[number], np.inf)
        costs[-1] = np.where(broken, costs[-1] * (1 + 1e-9), np.inf)
        best = np.argmin(costs, axis=0)
        for number, part in enumerate(limits):
            rows = best == number
            for form, least, most in part:
                low[rows, form] = np.maximum(low[rows, form], least[rows])
                high[rows, form] = np.minimum(high[rows, form], most[rows])
    return Wanted(low, high)


def _limits(way: Sequence[Step], near: FloatArray) -> Limits:
    """Return the forms of ``way`` with their lower and upper limits."""
    zero, far = np.zeros(len(near)), np.full(len(near), np.inf)
    found = []
    for step in way:
        margin = _STRICTLY * near[:, step.form]
        low = {"==": zero, ">=": zero, ">": margin}.get(step.kind, -far)
        high = {"==": zero, "<=": zero, "<": -margin}.get(step.kind, far)
        found.append((step.form, low, high))
    return found


def _unchanged(ways: Sequence[Sequence[Step]], before: FloatArray) -> Limits:
    """Return limits by which no comparison is violated more than in ``before`` (q, f)."""
    far = np.full(len(before), np.inf)
    found = []
    for step in (step for way in ways for step in way):
        own = before[:, step.form]
        low = np.minimum(own, 0.0) if step.kind in (">=", ">", "==") else -far
        high = np.maximum(own, 0.0) if step.kind in ("<=", "<", "==") else far
        found.append((step.form, low, high))
    return found


def _holds(limits: Limits, values: FloatArray, slack: FloatArray) -> BoolArray:
    holds = np.ones(len(values), dtype=bool)
    with np.errstate(invalid="ignore"):
        for form, low, high in limits:
            near = slack[:, form]
            holds &= ~((values[:, form] < low - near) | (values[:, form] > high + near))
    return holds


def _cost(limits: Limits, values: FloatArray, power: FloatArray) -> FloatArray:
    """Return the approximate distance (q,) of ``values`` (q, f) from ``limits`` in attack space."""
    total = np.zeros(len(values))
    with np.errstate(invalid="ignore"):
        for form, low, high in limits:
            value = values[:, form]
            gap = np.maximum(np.maximum(low - value, value - high), 0.0)
            total += np.where(gap > 0, gap / power[form] if power[form] else _NEVER, 0.0)
    return total
