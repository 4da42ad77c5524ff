"""Points that black-box attacks start from: adversarial, and as near as is cheap to find."""

from __future__ import annotations

import numpy as np

from genlabel_robust.attacks.bisect import bisect
from genlabel_robust.core.arrays import BoolArray, FloatArray, IntArray
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
    for candidate in _from_pool(target, norm):
        _keep_nearer(target, norm, candidate, best, best_distance)
    missing = np.flatnonzero(np.isinf(best_distance))
    if len(missing):
        _search_box(target, norm, missing, seed, best, best_distance)
    return best, np.isfinite(best_distance)


def identity(target: AttackTarget, row: int) -> str:
    """Name an example by its content: what it draws must not depend on its place in a batch."""
    return str(target.raw[row].tobytes().hex())


def _from_pool(target: AttackTarget, norm: Norm) -> list[FloatArray]:
    """Return arrays (n, m): the j-th nearest pool row of each predicted class."""
    n, labels = len(target.x), target.model.predict(target.pool)
    members = [np.flatnonzero(labels == label) for label in range(target.n_classes)]
    counts = [min(_NEAREST, len(rows)) for rows in members]
    candidates = [np.zeros_like(target.x) for count in counts for _ in range(count)]
    for row in range(n):
        points = target.from_pool(row)
        gaps = distance(points, norm)
        nearest = [
            rows[np.argsort(gaps[rows], kind="stable")[:count]]
            for rows, count in zip(members, counts, strict=True)
        ]
        for candidate, index in zip(candidates, np.concatenate(nearest), strict=True):
            candidate[row] = points[index]
    return [np.clip(candidate, *target.box) for candidate in candidates]


def _search_box(
    target: AttackTarget,
    norm: Norm,
    missing: IntArray,
    seed: int,
    best: FloatArray,
    best_distance: FloatArray,
) -> None:
    low, high = (edge[missing] for edge in target.box)
    draws = np.stack(
        [
            generator(seed, "starts", identity(target, int(row))).random((_DRAWS, low.shape[1]))
            for row in missing
        ],
        axis=1,
    )
    for number, share in enumerate(draws):
        corner_or_inside = np.round(share) if number % 2 == 0 else share
        candidate = target.x.copy()
        candidate[missing] = low + corner_or_inside * (high - low)
        _keep_nearer(target, norm, candidate, best, best_distance, missing)


def _keep_nearer(
    target: AttackTarget,
    norm: Norm,
    candidate: FloatArray,
    best: FloatArray,
    best_distance: FloatArray,
    rows: IntArray | None = None,
) -> None:
    rows = np.arange(len(target.x)) if rows is None else rows
    rows = rows[target.predict(candidate[rows], rows) != target.y[rows]]
    points = bisect(target, candidate[rows], rows, halvings=10)
    far = distance(points - target.x[rows], norm)
    nearer = far < best_distance[rows]
    best[rows[nearer]], best_distance[rows[nearer]] = points[nearer], far[nearer]
