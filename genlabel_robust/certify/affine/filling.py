"""The rest of a gap, closed by continuous features and one whole number.

Once all other units are fixed, the remaining cost is a convex function of the number of steps of
one whole number, because a smaller gap costs the continuous features less and less. So the best
number of steps is next to the optimum in which that number is continuous too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.threat import distance
from genlabel_robust.threat.shortest_step import shortest_step

if TYPE_CHECKING:
    from genlabel_robust.certify.affine.knapsack import Knapsack
    from genlabel_robust.certify.affine.listing import Sums

#: Numbers in the largest array of one block of sums.
_BLOCK = 1_000_000
#: The rounding error of a number of whole steps.
_STEP = 1e-9
#: How many of the cheapest sums get their finer whole numbers rounded.
_ROUNDED = 64


@dataclass(frozen=True, eq=False)
class Filled:
    """The cheapest sum, at index ``at``, with the moves that close its rest: bounds on its cost.

    ``lower``: no solution costs less; ``upper``: the cost of this one. ``moves`` (c,): of the
    continuous features; ``counts``: the steps of the whole numbers ``whole`` that the sum left
    open.
    """

    lower: float
    upper: float
    at: int
    moves: FloatArray
    whole: IntArray
    counts: FloatArray


def fill(problem: Knapsack, sums: Sums, gap: float) -> Filled:
    """Return the cheapest of ``sums`` (which may be empty) once its rest of ``gap`` is closed."""
    left = list(sums.finer) + ([] if sums.last is None else [sums.last])
    whole = np.array(left, dtype=np.int64)
    nothing = Filled(np.inf, np.inf, 0, np.zeros(len(problem.slope)), whole, np.zeros(len(whole)))
    if not len(sums.cost):
        return nothing
    rest = gap - sums.gain
    total, taken = _with_last(problem, rest, sums.last, sums.finer)
    total = total + sums.cost
    at = int(total.argmin())
    if not np.isfinite(total[at]):
        return nothing
    lower = float(total[at])
    if not len(sums.finer):
        moves, counts = np.split(taken[at], [len(problem.slope)])
        return Filled(lower, lower, at, moves, whole, counts)
    return _rounded(problem, sums, rest, total, taken, replace(nothing, lower=lower))


def _rounded(
    problem: Knapsack,
    sums: Sums,
    rest: FloatArray,
    total: FloatArray,
    taken: FloatArray,
    best: Filled,
) -> Filled:
    """Return the best solution after rounding the finer whole numbers of the cheapest sums."""
    c, finer = len(problem.slope), sums.finer
    order = np.argsort(total, kind="stable")[:_ROUNDED]
    order = order[np.isfinite(total[order])]
    share = taken[order][:, c : c + len(finer)]
    for counts in (np.floor(share + _STEP), np.rint(share), np.ceil(share - _STEP)):
        gained = (counts * problem.gain[finer]).sum(axis=1)
        price = ((counts * problem.step[finer]) ** problem.power).sum(axis=1)
        none = np.zeros(0, dtype=np.int64)
        more, filled = _with_last(problem, rest[order] - gained, sums.last, none)
        more = more + price + sums.cost[order]
        i = int(more.argmin())
        if more[i] < best.upper:
            moves, last = np.split(filled[i], [c])
            best = Filled(
                best.lower,
                float(more[i]),
                int(order[i]),
                moves,
                best.whole,
                np.concatenate([counts[i], last]),
            )
    return best


def _with_last(
    problem: Knapsack, rest: FloatArray, last: int | None, finer: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return the lowest cost (p,) of gaining ``rest`` (p,), and the solution.

    The cost is +inf where the rest cannot be gained. The solution (p, c + f + 1) holds the moves
    of the continuous features, the fractional steps of the ``finer`` whole numbers, and the whole
    steps of ``last`` if it is not None.
    """
    c, f = len(problem.slope), len(finer)
    slope = np.concatenate([problem.slope, problem.gain[finer] / problem.step[finer]])
    room = np.concatenate([problem.room, problem.most[finer] * problem.step[finer]])
    if last is None:
        cost, moved = _continuous(problem, slope, room, rest)
        moved[:, c:] /= problem.step[finer]
        return cost, moved
    gain, step, most = problem.gain[last], problem.step[last], problem.most[last]
    _, together = _continuous(
        problem, np.append(slope, gain / step), np.append(room, most * step), rest
    )
    share = together[:, -1] / step
    best, taken = np.full(len(rest), np.inf), np.zeros((len(rest), c + f + 1))
    for near in (np.floor(share + _STEP), np.ceil(share - _STEP)):
        counts = np.clip(near, 0, most)
        cost, moved = _continuous(problem, slope, room, rest - gain * counts)
        cost = cost + (step * counts) ** problem.power
        better = cost < best
        moved[:, c:] /= problem.step[finer]
        best[better] = cost[better]
        taken[better] = np.column_stack([moved, counts])[better]
    return best, taken


def _continuous(
    problem: Knapsack, slope: FloatArray, room: FloatArray, rest: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the lowest cost (p,) of gaining ``rest`` (p,), inf if infeasible, and the moves."""
    n, d = len(rest), len(slope)
    cost, moved = np.full(n, np.inf), np.zeros((n, d))
    if not d:
        cost[rest <= 0] = 0.0
        return cost, moved
    block = max(_BLOCK // d, 1)
    for start in range(0, n, block):
        rows = slice(start, start + block)
        shape = (len(rest[rows]), d)
        step, reached = shortest_step(
            np.broadcast_to(slope, shape), np.broadcast_to(room, shape), rest[rows], problem.norm
        )
        moved[rows] = step
        cost[rows] = np.where(reached, distance(step, problem.norm) ** problem.power, np.inf)
    return cost, moved
