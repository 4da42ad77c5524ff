"""Points that black-box attacks start from: adversarial, and as near as is cheap to find."""

from __future__ import annotations

from itertools import chain

import numpy as np

from genlabel_robust.attacks.bisect import bisect
from genlabel_robust.core.arrays import BoolArray, FloatArray
from genlabel_robust.core.seeds import generator
from genlabel_robust.core.threat import Norm, distance
from genlabel_robust.estimators.target import AttackTarget

#: Pool rows asked about per example and class, and random draws per example, at most.
_NEAREST, _DRAWS = 3, 64


def starting_points(target: AttackTarget, norm: Norm, seed: int) -> tuple[FloatArray, BoolArray]:
    """Return an adversarial point (n, m) for each example, and whether one was found (n,).

    For each other class the nearest pool rows that the model puts there, drawn
    toward the example until they meet the boundary; the nearest of these wins. Only
    an example for which no pool row works is tried at the corners of its box and at
    random points in it. ART draws 100 uniform points and gives up, which on lopsided
    models counts up to a third of the rows as robust.
    """
    n = len(target.x)
    best, best_distance = target.x.copy(), np.full(n, np.inf)
    for candidate in chain(_from_pool(target, norm)):
        _keep_nearer(target, norm, candidate, best, best_distance)
    rng = generator(seed, "starts")
    missing = np.flatnonzero(np.isinf(best_distance))
    if len(missing):
        _search_box(target, norm, missing, rng, best, best_distance)
    return best, np.isfinite(best_distance)


def _from_pool(target: AttackTarget, norm: Norm) -> list[FloatArray]:
    """Return arrays (n, m): the j-th nearest pool row of each predicted class."""
    n, low_high = len(target.x), target.box
    pool = target.starts
    if not len(pool) or not n:
        return []
    labels = target.model.predict(target.pool)
    gaps = np.stack([distance(pool - x, norm) for x in target.x])
    candidates = []
    for label in range(target.n_classes):
        members = np.flatnonzero(labels == label)
        order = members[np.argsort(gaps[:, members], axis=1, kind="stable")[:, :_NEAREST]]
        candidates += [np.clip(pool[order[:, j]], *low_high) for j in range(order.shape[1])]
    return candidates


def _search_box(
    target: AttackTarget,
    norm: Norm,
    missing: np.ndarray,
    rng: np.random.Generator,
    best: FloatArray,
    best_distance: FloatArray,
) -> None:
    low, high = target.box
    for draw in range(_DRAWS):
        share = rng.random(target.x.shape)
        share = np.round(share) if draw % 2 == 0 else share
        candidate = low + share * (high - low)
        _keep_nearer(target, norm, candidate, best, best_distance, missing)


def _keep_nearer(
    target: AttackTarget,
    norm: Norm,
    candidate: FloatArray,
    best: FloatArray,
    best_distance: FloatArray,
    rows: np.ndarray | None = None,
) -> None:
    rows = np.arange(len(target.x)) if rows is None else rows
    rows = rows[target.predict(candidate[rows], rows) != target.y[rows]]
    points = bisect(target, candidate[rows], rows, halvings=10)
    far = distance(points - target.x[rows], norm)
    nearer = far < best_distance[rows]
    best[rows[nearer]], best_distance[rows[nearer]] = points[nearer], far[nearer]
