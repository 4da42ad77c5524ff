"""L2 and L1 distances to the boundary of an affine model with whole numbers and categories."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.affine.knapsack import Knapsack, Solution, solve
from genlabel_robust.certify.affine.rivals import Found, Rivals
from genlabel_robust.certify.affine.steps import Steps
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.threat import Norm
from genlabel_robust.threat.lattice import ROUNDING


def in_shared_budget(rivals: Rivals, steps: Steps, norm: Norm, work: int) -> Found:
    """Return the nearest of ``rivals`` under L2 or L1, with at most ``work`` sums per row.

    ``steps``: the whole-number and categorical features of the same rows.
    """
    n, _, d = rivals.toward.shape
    lower, upper = np.full(n, np.inf), np.full(n, np.inf)
    step, spent = np.zeros((n, d)), np.zeros(n, dtype=np.int64)
    switches = [steps.switches(group, rivals) for group in steps.groups]
    free = np.flatnonzero(steps.free)
    for row in range(n):
        order = np.argsort(rivals.gap[row], kind="stable")
        for rival in order[np.isfinite(rivals.gap[row][order])]:
            options = [
                _options(steps, group, switch, row, int(rival), norm)
                for group, switch in zip(steps.groups, switches, strict=True)
            ]
            problem = _problem(rivals, steps, free, row, int(rival), norm, options)
            left = max(work - int(spent[row]), 0)
            ceiling = upper[row] ** problem.power
            found = solve(problem, float(rivals.gap[row, rival]), ceiling, left)
            spent[row] += found.work
            root = 1 / problem.power
            lower[row] = min(lower[row], found.lower**root)
            if found.upper**root < upper[row]:
                upper[row] = found.upper**root
                step[row] = _step(rivals, steps, free, row, int(rival), found, options)
    return Found(lower, upper, step, spent)


@dataclass(frozen=True, eq=False)
class _Options:
    """The choices of a group: stay, or switch to one of the columns ``to`` with a gain."""

    costs: FloatArray
    gains: FloatArray
    own: int
    to: IntArray


def _options(
    steps: Steps,
    group: IntArray,
    switch: tuple[FloatArray, BoolArray, IntArray],
    row: int,
    rival: int,
    norm: Norm,
) -> _Options:
    gains, able, own = switch[0][row, rival], switch[1][row], int(switch[2][row])
    chosen = np.flatnonzero(able & (gains > 0))
    power = 2 if norm == "l2" else 1
    lengths = steps.step[group] ** power
    return _Options(
        np.concatenate([[0.0], lengths[own] + lengths[chosen]]),
        np.concatenate([[0.0], gains[chosen]]),
        int(group[own]),
        group[chosen],
    )


def _problem(
    rivals: Rivals,
    steps: Steps,
    free: IntArray,
    row: int,
    rival: int,
    norm: Norm,
    options: Sequence[_Options],
) -> Knapsack:
    toward = rivals.toward[row, rival]
    room = np.where(toward > 0, rivals.up[row], rivals.down[row])
    slope, whole = np.abs(toward), steps.integer
    return Knapsack(
        norm=norm,
        slope=slope[free],
        room=room[free],
        gain=slope[whole] * steps.step[whole],
        step=steps.step[whole],
        most=np.floor(room[whole] / steps.step[whole] + ROUNDING),
        costs=[option.costs for option in options],
        gains=[option.gains for option in options],
    )


def _step(
    rivals: Rivals,
    steps: Steps,
    free: IntArray,
    row: int,
    rival: int,
    found: Solution,
    options: Sequence[_Options],
) -> FloatArray:
    """Return the step (d,) in attack space that a solution of the knapsack stands for."""
    direction, whole = np.sign(rivals.toward[row, rival]), steps.integer
    step = np.zeros(len(direction))
    step[free] = direction[free] * found.moves
    step[whole] = direction[whole] * found.counts * steps.step[whole]
    for option, choice in zip(options, found.choices, strict=True):
        if choice:
            step[option.own] = -steps.step[option.own]
            step[option.to[choice - 1]] = steps.step[option.to[choice - 1]]
    return step
