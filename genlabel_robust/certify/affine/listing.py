"""The sums of choices of a knapsack that can be part of its best solution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genlabel_robust.certify.affine.dual import steps_for
from genlabel_robust.core import FloatArray, IntArray

if TYPE_CHECKING:
    from genlabel_robust.certify.affine.dual import Dual
    from genlabel_robust.certify.affine.knapsack import Knapsack

#: How many whole steps around the dual's choice the search for a first solution covers.
_NEAR = 4
#: The slack, as a share of the lowest cost, that tells which whole number has the most choices.
_TELLING = 1e-6
#: The rounding error of a cost, as a share of the largest.
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Sums:
    """The p combinations of choices that remain, as sums of costs and gains.

    ``cost``, ``gain`` (p,); ``chosen`` (p, groups + w): the choice of each group, and the number
    of steps of each whole number in ``whole`` (w,). Of the other whole numbers, ``last`` is chosen
    later for each sum (None if there are none), and ``finer`` are treated as continuous. ``work``:
    how many sums were examined.
    """

    cost: FloatArray
    gain: FloatArray
    chosen: IntArray
    whole: IntArray
    last: int | None
    finer: IntArray
    work: int


@dataclass(frozen=True, eq=False)
class _Unit:
    """The o remaining choices of a unit: their ``labels`` and their reduced costs."""

    labels: IntArray
    costs: FloatArray
    gains: FloatArray
    reduced: FloatArray


def listed(
    problem: Knapsack, dual: Dual, slack: float, most: int, beam: int | None, work: int | None
) -> Sums | None:
    """Return the sums that cost at most ``slack`` more than the dual; None beyond ``work``.

    ``most``: whole numbers with more choices are not listed. ``beam``: how many sums are kept
    after each unit, None for all.
    """
    groups = [
        _reduced(np.arange(len(costs)), costs, gains, dual, slack)
        for costs, gains in zip(problem.costs, problem.gains, strict=True)
    ]
    low, high = _range(problem, dual, slack if beam is None else _TELLING * dual.value)
    number = high - low + 1
    last = int(number.argmax()) if len(number) and problem.most.any() else None
    if beam is not None:
        low, high = _near(problem, dual)
        number = high - low + 1
    others = np.array([i for i in range(len(number)) if i != last], dtype=np.int64)
    whole, finer = others[number[others] <= most], others[number[others] > most]
    units = groups
    for i in whole:
        counts = np.arange(low[i], high[i] + 1)
        costs = (problem.step[i] * counts) ** problem.power
        units.append(_reduced(counts, costs, problem.gain[i] * counts, dual, slack))
    sums = _sums(units, slack, beam, work)
    return None if sums is None else Sums(*sums[:3], whole, last, finer, sums[3])


def _sums(
    units: list[_Unit], slack: float, beam: int | None, work: int | None
) -> tuple[FloatArray, FloatArray, IntArray, int] | None:
    cost, gain, excess = np.zeros(1), np.zeros(1), np.zeros(1)
    chosen, spent = np.zeros((1, 0), dtype=np.int64), 1
    for unit in units:
        spent += len(cost) * len(unit.labels)
        if work is not None and spent > work:
            return None
        own, at = np.divmod(np.arange(len(cost) * len(unit.labels)), len(unit.labels))
        sums = excess[own] + unit.reduced[at]
        keep = np.flatnonzero(sums <= slack)
        if beam is not None:
            keep = keep[np.argsort(sums[keep], kind="stable")[:beam]]
        own, at = own[keep], at[keep]
        kept = _undominated(cost[own] + unit.costs[at], gain[own] + unit.gains[at])
        own, at = own[kept], at[kept]
        cost, gain = cost[own] + unit.costs[at], gain[own] + unit.gains[at]
        excess, chosen = sums[keep[kept]], np.column_stack([chosen[own], unit.labels[at]])
    return cost, gain, chosen, spent


def _undominated(cost: FloatArray, gain: FloatArray) -> IntArray:
    """Return the indices of the sums that no other sum of the same or lower cost dominates.

    Costs that differ only by rounding count as equal, as sums of equal steps often do.
    """
    alike = np.rint(cost / max(_ROUNDING * cost.max(initial=0.0), 1e-300))
    order = np.lexsort((-gain, alike))
    best = np.maximum.accumulate(gain[order])
    first = np.ones(len(order), dtype=bool)
    first[1:] = gain[order][1:] > best[:-1]
    return np.asarray(order[first])


def _reduced(
    labels: IntArray, costs: FloatArray, gains: FloatArray, dual: Dual, slack: float
) -> _Unit:
    reduced = costs - dual.multiplier * gains
    reduced -= reduced.min()
    keep = reduced <= slack
    return _Unit(labels[keep], costs[keep], gains[keep], reduced[keep])


def _near(problem: Knapsack, dual: Dual) -> tuple[IntArray, IntArray]:
    """Return the range of step numbers (i,) close to the dual's choice, both ends included."""
    best = steps_for(problem, dual.enough)
    low, high = np.maximum(best - _NEAR, 0), np.minimum(best + _NEAR, problem.most)
    return low.astype(np.int64), high.astype(np.int64)


def _range(problem: Knapsack, dual: Dual, slack: float) -> tuple[IntArray, IntArray]:
    """Return the range of step numbers (i,) whose reduced cost is within ``slack``."""
    step, most, worth = problem.step, problem.most, dual.multiplier * problem.gain
    if problem.power == 1:
        # the reduced cost is linear in the steps
        dearer = step - worth
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            few = np.abs(slack / dearer)
        low = np.where(dearer < 0, np.ceil(np.maximum(most - few - 1, 0)), 0.0)
        high = np.where(dearer > 0, np.floor(np.minimum(few + 1, most)), most)
    else:
        # a parabola around worth / 2 step²
        best = steps_for(problem, dual.multiplier)
        middle = worth / (2 * step)
        half = np.sqrt(max(slack, 0.0) + (step * best - middle) ** 2) / step
        low = np.ceil(np.maximum(middle / step - half - 1, 0))
        high = np.floor(np.minimum(middle / step + half + 1, most))
        low = np.minimum(low, high)
    return low.astype(np.int64), high.astype(np.int64)
