"""Nothing an attack says is believed: project, clip, predict again, measure."""

import numpy as np

from genlabel_robust.attacks.attack import Attack, AttackResult
from genlabel_robust.attacks.search.bisect import bisect
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.models.mislabelled import leads_decisively, mislabelled
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat import Norm
from genlabel_robust.threat.violations import violations

#: How far past the boundary a point found on it is pushed, relative to its distance: a
#: prediction there must not hang on the last bit, which changes with the batch size.
_PUSHES = (1e-5, 1e-4, 1e-3, 1e-2)

#: Examples verified at once: a dozen arrays of their features are in memory.
_EXAMPLES = 4096


def verify(
    target: AttackTarget, attack: Attack, result: AttackResult, norm: Norm, eps: float
) -> tuple[FloatArray, FloatArray]:
    """Return the verified distance (n,), inf where none, and adversarial rows (n, d), NaN there.

    A point counts when, brought into the ball (of a fixed-ε attack) and the box and
    written as raw features, it violates no constraint and the model mislabels it both in
    a batch and alone. What lies on the boundary is pushed outward until it does. Each
    point that counts is then drawn back toward the example, and the nearer one is kept
    if it passes too.
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
    """Return what ``verify`` does, for all examples of ``target`` at once."""
    points = np.clip(np.where(np.isfinite(points), points, target.x), *target.box)
    everyone = np.arange(len(points))
    if attack.kind == "fixed":
        target.ball = (norm, eps)
        points = target.space.project(points, target.x, *target.box, eps, norm)
        pushes: tuple[float, ...] = (0.0,)
    else:
        pushes = (0.0, *_PUSHES)
    distances, raw = _nearest_confirmed(target, points, everyone, norm, pushes, decisive=True)
    # what wins by rounding alone still counts where nothing near it wins by more
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
    """Return distances (q,) and raw rows (q, d) of ``points``, each at the first push that works.

    ``rows`` (q,): the examples they belong to. A push p moves a point to 1 + p times
    its distance, within the box. ``decisive``: only what no rounding could undo works. Where
    none works: inf and NaN.
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
    """Mark the mislabelled rows of ``raw`` (q, d) whose label does not hang on the last bits.

    Those of a net may change with the size of a batch. Other models are taken at their word:
    trees tie exactly, and what is a tie alone is one in a batch.
    """
    if target.model.knowledge != "gradients" or not len(raw):
        return np.ones(len(raw), dtype=bool)
    return leads_decisively(target.model, raw, y)
