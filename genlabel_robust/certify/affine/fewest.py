"""L0 distances of affine models: the fewest features, or the lowest price, to reach a rival.

The gain of a feature does not depend on the other features: each is best at an end of its box, at
the last whole step before that end, or at its best category. With equal prices the best set
consists of the features with the largest gains, as many as close the gap. With different prices
the problem is a knapsack, see ``knapsack``.
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
    """Return the nearest of ``rivals`` under L0, with at most ``work`` sums per row.

    ``steps``: the whole-number and categorical features of the same rows, None without any;
    ``features``: the feature of each of the d columns, and its price. Features with price 0 are
    moved first.
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
    """The ``step`` (n, k, d) of each column that gains a rival the most, and its ``gain``.

    The columns of a categorical feature move together; one of them carries the gain of the move.
    ``free`` (d,): marks the continuous columns, which can also move by a part of their step.
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
    """Return the gain (n, k, d) of moving each column by all of its ``room`` (n, k, d)."""
    # avoids 0 * inf where a column gains nothing but has no limit
    return np.multiply(rivals.slope, room, out=np.zeros(room.shape), where=rivals.slope > 0)


def _by_feature(gain: FloatArray, features: Features) -> FloatArray:
    """Sum the gains of columns (n, k, d) to gains of features (n, k, f)."""
    total = np.zeros((*gain.shape[:2], len(features.price)))
    for column, owner in enumerate(features.owner.tolist()):
        total[..., owner] += gain[..., column]
    return total


def _cheapest(
    gap: FloatArray, gains: FloatArray, price: FloatArray, work: int
) -> tuple[FloatArray, FloatArray, BoolArray, IntArray]:
    """Return the lowest price that gains ``gap`` (n, k), and the features that it pays for.

    ``gains`` (n, k, f): the gain of each feature. Returns a lower and an upper bound (n, k) on the
    price, marks (n, k, f) of the features that the upper bound takes, and the work (n,).
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
    """Return the result of ``_cheapest`` where all features have the same ``price``."""
    order = np.argsort(-gains, axis=-1, kind="stable")
    sums = np.cumsum(np.take_along_axis(gains, order, axis=-1), axis=-1)
    reached = np.concatenate([(gap <= 0)[..., None], sums >= gap[..., None]], axis=-1)
    count = np.where(reached.any(axis=-1), reached.argmax(axis=-1), -1)
    taken = np.zeros(gains.shape, dtype=bool)
    np.put_along_axis(taken, order, np.arange(gains.shape[-1]) < count[..., None], axis=-1)
    far = np.where(count >= 0, count * price, np.inf)
    return far, far, taken, np.ones(len(gap), dtype=np.int64)


def _knapsack(price: FloatArray, gains: FloatArray) -> Knapsack:
    """Return the knapsack in which each feature is either left alone or taken at its price."""
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
    """Shorten a continuous move of each step (n, d) so that it no longer gains ``surplus`` (n,).

    The move with the smallest gain is shortened. It keeps a positive length, because every feature
    of the step is needed.
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
