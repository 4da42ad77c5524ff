"""The fewest features of an affine model that a rival needs, or those of the least price.

What a feature gains does not depend on the others: each is best at an end of its box, at the last
whole step before it, or at its best category. So where all prices are alike the rival needs the
features that gain most, as many as cover its gap; else they are a knapsack, see ``knapsack``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.affine.knapsack import Knapsack, solve
from genlabel_robust.certify.affine.rivals import Found, Rivals
from genlabel_robust.certify.affine.steps import Steps
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.threat.features import Features
from genlabel_robust.threat.lattice import ROUNDING


def fewest(rivals: Rivals, steps: Steps | None, features: Features, work: int) -> Found:
    """Return the nearest of ``rivals`` under L0, each row within ``work``.

    ``steps``: what of the same rows is not continuous, None if everything is; ``features``: what
    the d columns belong to, with the prices. What costs nothing is moved first.
    """
    best = _best_moves(rivals, steps)
    gains = _by_feature(best.gain, features)
    free = features.price == 0
    gap = rivals.gap - gains[..., free].sum(axis=-1)
    lower, upper, taken, spent = _cheapest(gap, np.where(free, 0.0, gains), features.price, work)
    taken |= free & (rivals.gap > 0)[..., None]
    rows, nearest = np.arange(len(lower)), upper.argmin(axis=1)
    step = best.step[rows, nearest] * taken[rows, nearest][:, features.owner]
    surplus = (best.gain[rows, nearest] * (step != 0)).sum(axis=1) - rivals.gap[rows, nearest]
    step = _no_farther(step, best, rows, nearest, surplus)
    return Found(lower.min(axis=1), upper[rows, nearest], step, spent)


@dataclass(frozen=True, eq=False)
class _Moves:
    """The move ``step`` (n, k, d) of each column that gains a rival most, and what it gains.

    The columns of a category move together, and what that gains stands at one of them. ``free``
    (d,): marks the columns that may be moved by any part of it.
    """

    step: FloatArray
    gain: FloatArray
    free: BoolArray


def _best_moves(rivals: Rivals, steps: Steps | None) -> _Moves:
    room = rivals.room
    if steps is None:
        free = np.ones(room.shape[-1], dtype=bool)
        return _Moves(np.sign(rivals.toward) * room, _gain(rivals, room), free)
    whole = steps.integer
    length = steps.step[whole]
    room[..., whole] = np.floor(room[..., whole] / length + ROUNDING) * length
    step, gain = np.sign(rivals.toward) * room, _gain(rivals, room)
    for group in steps.groups:
        gains, able, own = steps.switches(group, rivals)
        gains = np.where(able[:, None, :], gains, -np.inf)
        to = gains.argmax(axis=2)
        most = np.take_along_axis(gains, to[..., None], axis=2)[..., 0]
        helps = most > 0
        step[..., group], gain[..., group] = 0.0, 0.0
        at = np.nonzero(helps)
        old, new = group[own[at[0]]], group[to[at]]
        step[(*at, old)], step[(*at, new)] = -steps.step[old], steps.step[new]
        gain[(*at, new)] = most[at]
    return _Moves(step, gain, steps.free)


def _gain(rivals: Rivals, room: FloatArray) -> FloatArray:
    """Return what each column gains (n, k, d) at the end of its ``room`` (n, k, d)."""
    # 0 times an infinite room is no gain
    return np.multiply(rivals.slope, room, out=np.zeros(room.shape), where=rivals.slope > 0)


def _by_feature(gain: FloatArray, features: Features) -> FloatArray:
    """Return what each feature gains (n, k, f), of what its columns gain (n, k, d)."""
    total = np.zeros((*gain.shape[:2], len(features.price)))
    for column, owner in enumerate(features.owner.tolist()):
        total[..., owner] += gain[..., column]
    return total


def _cheapest(
    gap: FloatArray, gains: FloatArray, price: FloatArray, work: int
) -> tuple[FloatArray, FloatArray, BoolArray, IntArray]:
    """Return bounds (n, k) on the least price that gains ``gap`` (n, k), and the features taken.

    ``gains`` (n, k, f): of each feature; the marks (n, k, f) are of the upper bound. Last comes the
    work (n,).
    """
    paid = price[price > 0]
    if not len(paid) or (paid == paid[0]).all():
        each = float(paid[0]) if len(paid) else 1.0
        return most_gaining_first(gap, gains, each)
    n, k, f = gains.shape
    lower, upper = np.full((n, k), np.inf), np.full((n, k), np.inf)
    taken, spent = np.zeros((n, k, f), dtype=bool), np.zeros(n, dtype=np.int64)
    for row in range(n):
        for rival in np.argsort(gap[row], kind="stable"):
            if not np.isfinite(gap[row, rival]):
                continue
            useful = np.flatnonzero(gains[row, rival] > 0)
            problem = _knapsack(price[useful], gains[row, rival, useful])
            left = max(work - int(spent[row]), 0)
            found = solve(problem, float(gap[row, rival]), float(upper[row].min()), left)
            spent[row] += found.work
            lower[row, rival], upper[row, rival] = found.lower, found.upper
            if np.isfinite(found.upper):
                taken[row, rival, useful] = found.choices > 0
    return lower, upper, taken, spent


def most_gaining_first(
    gap: FloatArray, gains: FloatArray, price: float
) -> tuple[FloatArray, FloatArray, BoolArray, IntArray]:
    """Return what ``_cheapest`` does where each feature costs ``price``."""
    order = np.argsort(-gains, axis=-1, kind="stable")
    sums = np.cumsum(np.take_along_axis(gains, order, axis=-1), axis=-1)
    reached = np.concatenate([(gap <= 0)[..., None], sums >= gap[..., None]], axis=-1)
    count = np.where(reached.any(axis=-1), reached.argmax(axis=-1), -1)
    taken = np.zeros(gains.shape, dtype=bool)
    np.put_along_axis(taken, order, np.arange(gains.shape[-1]) < count[..., None], axis=-1)
    far = np.where(count >= 0, count * price, np.inf)
    return far, far, taken, np.ones(len(gap), dtype=np.int64)


def _knapsack(price: FloatArray, gains: FloatArray) -> Knapsack:
    """Return the problem whose units are features: to leave one, or to take it at its price."""
    none = np.zeros(0)
    return Knapsack(
        norm="l1",
        slope=none,
        room=none,
        gain=none,
        step=none,
        most=none,
        costs=[np.array([0.0, cost]) for cost in price],
        gains=[np.array([0.0, gain]) for gain in gains],
    )


def _no_farther(
    step: FloatArray, best: _Moves, rows: IntArray, rival: IntArray, surplus: FloatArray
) -> FloatArray:
    """Return the steps (n, d) without what a continuous move gains in ``surplus`` (n,).

    It is taken off the move that gains least, which keeps a part as no feature is needless.
    """
    gain = np.where((step != 0) & best.free, best.gain[rows, rival], np.inf)
    if not gain.shape[1]:
        return step
    least = gain.argmin(axis=1)
    most = gain[rows, least]
    shorter = np.isfinite(most) & (surplus > 0) & (surplus < most)
    share = np.where(shorter, 1 - surplus / np.where(shorter, most, 1.0), 1.0)
    step[rows, least] *= share
    return step
