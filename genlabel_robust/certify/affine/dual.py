"""The Lagrangian dual of a knapsack: a lower bound, and what it costs to choose otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genlabel_robust.core import FloatArray

if TYPE_CHECKING:
    from genlabel_robust.certify.affine.knapsack import Knapsack

#: Doublings until a multiplier is found with which enough is gained, and halvings after it.
_DOUBLINGS, _HALVINGS = 2000, 48
#: How often it is looked whether the bound is already beyond what is asked.
_LOOK = 6
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Dual:
    """``value``: no solution costs less, by the ``multiplier`` λ of the gap.

    The choices that are best for ``enough``, a λ next to it, do gain the gap.
    """

    value: float
    multiplier: float
    enough: float


def best_dual(problem: Knapsack, gap: float, ceiling: float) -> Dual | None:
    """Return the largest bound, or one above ``ceiling``; None if no solution gains ``gap``."""
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
    """Return what is gained at most."""
    gained = (problem.slope * problem.room).sum() + (problem.gain * problem.most).sum()
    return float(gained + sum(float(gains.max()) for gains in problem.gains))


def _rise(problem: Knapsack) -> float:
    """Return the gain for a unit of λ, or so, as long as nothing is at its wall."""
    slopes = np.concatenate(
        [problem.slope, problem.gain / problem.step, *(np.abs(g) for g in problem.gains)]
    )
    most = float(slopes.max(initial=0.0))
    return most * most * len(slopes)


def _value(problem: Knapsack, multiplier: float, gap: float) -> float:
    """Return φ(λ), less what rounding can have added to it."""
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
    """Return what the choices that are best for λ gain."""
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
    """Return how many steps (i,) of each whole number are best for λ."""
    worth = multiplier * problem.gain
    if problem.power == 1:
        return np.where(worth > problem.step, problem.most, 0.0)
    return np.minimum(np.rint(worth / (2 * problem.step**2)), problem.most)
