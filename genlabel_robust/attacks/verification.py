"""Verification of attack results: project, clip, predict again, measure."""

import numpy as np

from genlabel_robust.attacks.attack import Attack, AttackResult
from genlabel_robust.attacks.search.bisect import bisect
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.models.mislabelled import leads_decisively, mislabelled
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat import Norm
from genlabel_robust.threat.violations import violations

#: How far a point on the boundary is pushed past it, relative to its distance: its prediction must
#: not depend on the last bit, which changes with the batch size.
_PUSHES = (1e-5, 1e-4, 1e-3, 1e-2)

#: Examples verified at once, which keeps a dozen arrays of their features in memory.
_EXAMPLES = 4096


def verify(
    target: AttackTarget, attack: Attack, result: AttackResult, norm: Norm, eps: float
) -> tuple[FloatArray, FloatArray]:
    """Return the verified distance (n,), inf if none, and adversarial rows (n, d), NaN if none.

    A point is first projected into the ball (of a fixed-ε attack) and the box, and written as raw
    features. It counts if it violates no constraint and the model mislabels it both in a batch
    and alone. A point on the boundary is pushed outward until it counts. Each point that counts is
    then moved back toward the example, and the nearer point is kept if it counts too.
    """
    n, d = target.raw.shape
    distances, raw = np.full(n, np.inf), np.full((n, d), np.nan)
    for begin in range(0, n, _EXAMPLES):
        rows = np.arange(begin, min(begin + _EXAMPLES, n))
        part = target.subset(rows)
        distances[rows], raw[rows] = _verify(part, attack, result.points[rows], norm, eps)
    return distances, raw


def _verify(
    target: AttackTarget, attack: Attack, points: FloatArray, norm: Norm, eps: float
) -> tuple[FloatArray, FloatArray]:
    """Return the result of ``verify`` for all examples of ``target`` at once."""
    points = np.clip(np.where(np.isfinite(points), points, target.x), *target.box)
    everyone = np.arange(len(points))
    if attack.kind == "fixed":
        target.ball = (norm, eps)
        points = target.space.project(points, target.x, *target.box, eps, norm)
        pushes: tuple[float, ...] = (0.0,)
    else:
        pushes = (0.0, *_PUSHES)
    distances, raw = _nearest_confirmed(target, points, everyone, norm, pushes, decisive=True)
    # a point that wins only by rounding still counts if no decisive point is near
    open_ = np.flatnonzero(np.isinf(distances))
    distances[open_], raw[open_] = _nearest_confirmed(target, points[open_], open_, norm, pushes)
    rows = np.flatnonzero(np.isfinite(distances))
    on_boundary = bisect(target, target.enter(raw[rows], rows), rows)
    nearer, nearer_raw = _nearest_confirmed(target, on_boundary, rows, norm, _PUSHES, decisive=True)
    better = nearer < distances[rows]
    distances[rows[better]], raw[rows[better]] = nearer[better], nearer_raw[better]
    return distances, raw


def _nearest_confirmed(
    target: AttackTarget,
    points: FloatArray,
    rows: IntArray,
    norm: Norm,
    pushes: tuple[float, ...],
    *,
    decisive: bool = False,
) -> tuple[FloatArray, FloatArray]:
    """Return distances (q,) and raw rows (q, d) of ``points``, each at its first successful push.

    ``rows`` (q,): the examples of the points. A push p moves a point to 1 + p times its distance,
    within the box. ``decisive``: count only points whose label no rounding can change. Returns inf
    and NaN where no push succeeds.
    """
    low, high = target.box
    distances = np.full(len(rows), np.inf)
    found = np.full((len(rows), target.raw.shape[1]), np.nan)
    open_ = np.arange(len(rows))
    for push in pushes:
        at = rows[open_]
        moved = target.x[at] + (1 + push) * (points[open_] - target.x[at])
        raw = target.to_raw(np.clip(moved, low[at], high[at]), at)
        confirmed = ~violations(target.space, target.raw[at], raw)
        confirmed[confirmed] = mislabelled(target.model, raw[confirmed], target.y[at[confirmed]])
        if decisive:
            confirmed[confirmed] = _leading(target, raw[confirmed], target.y[at[confirmed]])
        hits = open_[confirmed]
        found[hits] = raw[confirmed]
        distances[hits] = target.space.distance(target.raw[rows[hits]], raw[confirmed], norm)
        open_ = open_[~confirmed]
    return distances, found


def _leading(target: AttackTarget, raw: FloatArray, y: IntArray) -> BoolArray:
    """Mark the mislabelled rows of ``raw`` (q, d) whose label does not depend on the last bits.

    A net's last bits may change with the batch size. Other models are trusted: trees tie exactly,
    alone and in a batch.
    """
    if target.model.knowledge != "gradients" or not len(raw):
        return np.ones(len(raw), dtype=bool)
    return leads_decisively(target.model, raw, y)
