"""The lowest cost at which whole steps, switches and continuous moves together close a gap.

Under L2 and L1 all features share one budget. The problem is min Σ cost_j(x_j) subject to
Σ gain_j(x_j) >= gap: a knapsack with several choices for each *unit* (a whole number or a one-hot
group) and a convex continuous part. Costs add up: they are lengths under L1 and squared lengths
under L2. It is solved in three steps.

1. The Lagrangian dual φ(λ) = λ gap + Σ min_x (cost_j(x) - λ gain_j(x)) is a lower bound for
   each λ >= 0 (Fisher 1981). The best λ is found by bisection on the gain of its choices.
2. Any solution of cost U excludes every choice whose *reduced* cost, cost - λ gain above its
   unit's least, exceeds U - φ(λ). Few choices of each unit remain.
3. The sums of the remaining choices are listed unit by unit. Dominated sums, which cost no less
   and gain no more than another, are dropped (Nemhauser & Ullmann 1969), and so are those that
   the dual excludes. The whole number with the most choices is set last: see ``filling``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from genlabel_robust.certify.affine.dual import best_dual
from genlabel_robust.certify.affine.filling import fill
from genlabel_robust.certify.affine.listing import listed
from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.threat import Norm

if TYPE_CHECKING:
    from genlabel_robust.certify.affine.dual import Dual

#: The rounding error of a cost, as a share of it.
_ROUNDING = 1e-9
#: How many sums are kept after each unit while a first solution is searched for.
_BEAM = 64
#: The most choices of a whole number that each try lists. A whole number with more choices is
#: treated as continuous for the lower bound, and rounded for the upper one.
_TRIES = (4096, 64, 1)
#: The cost limits of the listings, as shares of the way from the best lower bound to the best
#: solution. Lists grow steeply with the limit; the first that contains a solution decides.
_SHARES = (1 / 64, 1 / 8, 1 / 2, 1.0)


@dataclass(frozen=True, eq=False)
class Knapsack:
    """The moves with which one rival of one example can gain on the true class.

    ``slope``, ``room`` (c,): of the continuous features, the gain per unit of length and the
    longest move. ``gain``, ``step``, ``most`` (i,): of the whole numbers, the gain of a step, its
    length, and the number of steps. ``costs``, ``gains``: of each group, those of its choices
    (g,); the first choice is to stay, with cost 0 and gain 0.
    """

    norm: Norm
    slope: FloatArray
    room: FloatArray
    gain: FloatArray
    step: FloatArray
    most: FloatArray
    costs: Sequence[FloatArray]
    gains: Sequence[FloatArray]

    @property
    def power(self) -> int:
        """The power to which lengths are raised so that they add up."""
        return 2 if self.norm == "l2" else 1


@dataclass(frozen=True, eq=False)
class Solution:
    """Bounds ``lower`` and ``upper`` on the lowest cost; equal if it is known, inf if infeasible.

    The solution of cost ``upper`` moves the continuous features by ``moves`` (c,) and the whole
    numbers by ``counts`` (i,) steps, and takes the ``choices`` of the groups. ``work``: the number
    of sums listed.
    """

    lower: float
    upper: float = np.inf
    moves: FloatArray = field(default_factory=lambda: np.zeros(0))
    counts: FloatArray = field(default_factory=lambda: np.zeros(0))
    choices: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    work: int = 1


def solve(problem: Knapsack, gap: float, ceiling: float, work: int) -> Solution:
    """Return the lowest cost that gains ``gap``, or bounds on it, listing at most ``work`` sums.

    If the cost exceeds ``ceiling``, the bounds may stay loose.
    """
    if gap <= 0:
        nothing = np.zeros(len(problem.costs), dtype=np.int64)
        return Solution(
            0.0, 0.0, np.zeros(len(problem.slope)), np.zeros(len(problem.gain)), nothing
        )
    dual = best_dual(problem, gap, ceiling)
    if dual is None:
        return Solution(np.inf)
    if dual.value > ceiling:
        return Solution(dual.value)
    best = _attempt(problem, gap, dual, np.inf, _BEAM, _BEAM) or Solution(dual.value)
    best, spent = replace(best, lower=min(dual.value, best.upper)), best.work
    if best.lower >= best.upper * (1 - _ROUNDING):
        return best
    for tries, most in enumerate(_TRIES):
        for share in _SHARES:
            limit = min(best.lower + share * (best.upper - best.lower), ceiling)
            left = max(work - spent, 0) // (len(_TRIES) - tries)
            found = _attempt(problem, gap, dual, limit, most, None, left)
            if found is None:
                spent += left
                break
            spent += found.work
            # every sum that was not listed costs more than the limit
            lower = max(best.lower, min(found.lower, limit))
            best = found if found.upper <= best.upper else best
            best = replace(best, lower=min(lower, best.upper), work=spent)
            if lower >= best.upper * (1 - _ROUNDING) or limit >= ceiling:
                return replace(best, lower=min(lower, best.upper))
    return replace(best, work=spent)


def _attempt(
    problem: Knapsack,
    gap: float,
    dual: Dual,
    limit: float,
    most: int,
    beam: int | None,
    work: int | None = None,
) -> Solution | None:
    """Return the best solution of cost at most ``limit``; None if ``work`` does not suffice.

    ``most``: the most choices of a whole number that are listed; ``beam``: how many sums are kept
    after each unit, None for all.
    """
    slack = (limit - dual.value) + _ROUNDING * max(limit, dual.value)
    sums = listed(problem, dual, slack, most, beam, work)
    if sums is None:
        return None
    filled = fill(problem, sums, gap)
    groups = len(problem.costs)
    counts = np.zeros(len(problem.gain))
    counts[sums.whole] = sums.chosen[filled.at, groups:]
    counts[filled.whole] = filled.counts
    return Solution(
        filled.lower, filled.upper, filled.moves, counts, sums.chosen[filled.at, :groups], sums.work
    )
