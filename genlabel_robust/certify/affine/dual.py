"""The Lagrangian dual of a knapsack: a lower bound on the cost, and reduced costs of choices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genlabel_robust.core import FloatArray

if TYPE_CHECKING:
    from genlabel_robust.certify.affine.knapsack import Knapsack

#: Doublings to find a multiplier that gains enough, and bisections after that.
_DOUBLINGS, _HALVINGS = 2000, 48
#: Bisections between checks whether the bound already exceeds the ceiling.
_LOOK = 6
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Dual:
    """The dual bound: no solution costs less than ``value``, reached at ``multiplier`` λ.

    ``enough``: a λ close to ``multiplier`` whose best choices do close the gap.
    """

    value: float
    multiplier: float
    enough: float


def best_dual(problem: Knapsack, gap: float, ceiling: float) -> Dual | None:
    """Return the best dual bound, or the first above ``ceiling``; None if ``gap`` is infeasible."""
    if _most(problem) < gap:
        return None
    high = gap / max(_rise(problem), 1e-300)
    for _ in range(_DOUBLINGS):
        if _gained(problem, high) >= gap:
            break
        high *= 2.0
    low = 0.0
    for at in range(_HALVINGS):
        middle = (low + high) / 2
        if _gained(problem, middle) >= gap:
            high = middle
        else:
            low = middle
        if at % _LOOK == 0 and (value := _value(problem, middle, gap)) > ceiling:
            return Dual(value, middle, high)
    value, best = max((_value(problem, end, gap), end) for end in (low, high))
    return Dual(max(value, 0.0), best if value > 0 else 0.0, high)


def _most(problem: Knapsack) -> float:
    """Return the largest gain that any solution has."""
    gained = (problem.slope * problem.room).sum() + (problem.gain * problem.most).sum()
    return float(gained + sum(float(gains.max()) for gains in problem.gains))


def _rise(problem: Knapsack) -> float:
    """Estimate the gain per unit of λ while no variable is at its limit."""
    slopes = np.concatenate(
        [problem.slope, problem.gain / problem.step, *(np.abs(g) for g in problem.gains)]
    )
    most = float(slopes.max(initial=0.0))
    return most * most * len(slopes)


def _value(problem: Knapsack, multiplier: float, gap: float) -> float:
    """Return φ(λ) minus the rounding error that it may contain."""
    slope, moved = problem.slope, _moves(problem, multiplier)
    length = problem.step * steps_for(problem, multiplier)
    parts = [
        moved**problem.power - multiplier * slope * moved,
        length**problem.power - multiplier * problem.gain * steps_for(problem, multiplier),
        np.array(
            [
                (costs - multiplier * gains).min()
                for costs, gains in zip(problem.costs, problem.gains, strict=True)
            ]
        ),
    ]
    whole = multiplier * gap
    size = whole + sum(float(np.abs(part).sum()) for part in parts)
    return whole + sum(float(part.sum()) for part in parts) - _ROUNDING * size


def _gained(problem: Knapsack, multiplier: float) -> float:
    """Return the gain of the choices that are best for λ."""
    gained = (problem.slope * _moves(problem, multiplier)).sum()
    gained += (problem.gain * steps_for(problem, multiplier)).sum()
    for costs, gains in zip(problem.costs, problem.gains, strict=True):
        gained += gains[(costs - multiplier * gains).argmin()]
    return float(gained)


def _moves(problem: Knapsack, multiplier: float) -> FloatArray:
    worth = multiplier * problem.slope
    if problem.power == 1:
        return np.where(worth > 1, problem.room, 0.0)
    return np.minimum(worth / 2, problem.room)


def steps_for(problem: Knapsack, multiplier: float) -> FloatArray:
    """Return the number of steps (i,) of each whole number that is best for λ."""
    worth = multiplier * problem.gain
    if problem.power == 1:
        return np.where(worth > problem.step, problem.most, 0.0)
    return np.minimum(np.rint(worth / (2 * problem.step**2)), problem.most)
