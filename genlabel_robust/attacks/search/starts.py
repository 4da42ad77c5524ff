"""Start points of black-box attacks: adversarial, and as near as a cheap search allows."""

from collections.abc import Iterator

import numpy as np
from scipy.spatial.distance import cdist

from genlabel_robust.attacks.search.bisect import bisect
from genlabel_robust.attacks.search.streams import streams
from genlabel_robust.core import BoolArray, FloatArray, IntArray, generator
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat import Norm

#: Pool rows considered per class; rows queried per example, of each class and (except for one of
#: each) in all; and the most classes toward which an example gets a start.
_LOOKED_AT, _NEAREST, _ASKED, _CLASSES = 1000, 3, 30, 16

#: Random points queried for an example without a start from the pool.
_DRAWS = 64

#: The most uniform points that foolbox draws for a start, and its blends with the example.
_NOISE_DRAWS, _BLENDS = 1000, 50

#: Examples whose distances to a class's pool rows are in memory at once.
_BLOCK = 1024

_METRIC = {"linf": "chebyshev", "l2": "euclidean", "l1": "cityblock", "l0": "hamming"}


def starting_points(target: AttackTarget, norm: Norm, seed: int) -> tuple[FloatArray, BoolArray]:
    """Return an adversarial point (n, m) for each example, and whether one was found (n,).

    It is the nearest of ``class_starts``, or the example itself if there is none.
    """
    points, far = class_starts(target, norm, seed)
    line, nearest = np.arange(len(far)), far.argmin(axis=1)
    return points[line, nearest], np.isfinite(far[line, nearest])


def class_starts(
    target: AttackTarget, norm: Norm, seed: int, halvings: int = 10
) -> tuple[FloatArray, FloatArray]:
    """Return a start (n, k, m) toward each class for each example, and their distances (n, k).

    The candidates for each other class are the nearest pool rows with that label, or, if the pool
    has none, random points that all examples share. An example without a start from these gets
    corners of its box and random points in it. The nearest successful candidate of a class is then
    bisected toward the example until it meets the boundary, even if another class lies there. The
    distance is inf if there is no start, or if 16 other classes are nearer. ART draws 100 uniform
    points and gives up, which on lopsided models counts up to a third of the rows as robust.
    """
    n, k = len(target.x), target.n_classes
    points, far = np.zeros((n, k, target.n_features)), np.full((n, k), np.inf)

    def consider(candidate: FloatArray, rows: IntArray) -> None:
        labels = target.predict(candidate, rows)
        length = target.distance(candidate, rows, norm)
        better = np.flatnonzero((labels != target.y[rows]) & (length < far[rows, labels]))
        slot = rows[better], labels[better]
        points[slot], far[slot] = candidate[better], length[better]

    for candidate, rows in _pool_candidates(target, norm, seed):
        consider(candidate, rows)
    missing = np.flatnonzero(np.isinf(far).all(axis=1))
    for candidate in _box_candidates(target, missing, seed):
        consider(candidate, missing)
    farther = np.argsort(far, axis=1, kind="stable")[:, _CLASSES:]
    np.put_along_axis(far, farther, np.inf, axis=1)
    rows, labels = np.nonzero(np.isfinite(far))
    points[rows, labels] = bisect(target, points[rows, labels], rows, halvings)
    far[rows, labels] = target.distance(points[rows, labels], rows, norm)
    return points, far


def blended_noise(target: AttackTarget, seed: int) -> tuple[FloatArray, BoolArray]:
    """Return the start (n, m) of foolbox 3.3's Boundary attack, and whether it has one (n,).

    It draws up to 1,000 uniform points of each example's box, takes the first adversarial one, and
    blends it with the example by shares of 1/50, 2/50, ...; the start is the first adversarial
    blend. It is usually farther away than ``starting_points``.
    """
    (low, high), n = target.box, len(target.x)
    generators = streams(target, np.arange(n), seed, "blended noise")
    points, found = target.x.copy(), np.zeros(n, dtype=bool)
    for _ in range(_NOISE_DRAWS):
        rows = np.flatnonzero(~found)
        if not len(rows):
            break
        share = np.stack([generators[row].random(target.n_features) for row in rows])
        drawn = low[rows] + share * (high[rows] - low[rows])
        hit = target.predict(drawn, rows) != target.y[rows]
        points[rows[hit]], found[rows[hit]] = drawn[hit], True
    open_ = np.flatnonzero(found)
    for share_of in np.linspace(0.0, 1.0, _BLENDS + 1)[1:]:
        if not len(open_):
            break
        blends = share_of * points[open_]
        hit = target.predict(blends, open_) != target.y[open_]
        points[open_[hit]] = blends[hit]
        open_ = open_[~hit]
    return points, found


def _pool_candidates(
    target: AttackTarget, norm: Norm, seed: int
) -> Iterator[tuple[FloatArray, IntArray]]:
    """Yield points (q, m) for examples (q,): the nearest known rows of each other class."""
    known, labels = _known_rows(target, seed)
    u, known_u = (target.space.enter(raw)[:, target.space.mutable] for raw in (target.raw, known))
    most = int(np.clip(_ASKED // max(target.n_classes - 1, 1), 1, _NEAREST))
    for label in range(target.n_classes):
        members = np.flatnonzero(labels == label)
        members = members[:: -(-len(members) // _LOOKED_AT) or 1]
        others = np.flatnonzero(target.y != label)
        count = min(most, len(members))
        for begin in range(0, len(others) if count else 0, _BLOCK):
            rows = others[begin : begin + _BLOCK]
            gaps = cdist(u[rows], known_u[members], _METRIC[norm])
            nearest = members[np.argpartition(gaps, count - 1, axis=1)[:, :count]]
            for column in nearest.T:
                entered = target.enter(known[column], rows)
                yield np.clip(entered, target.box[0][rows], target.box[1][rows]), rows


def _known_rows(target: AttackTarget, seed: int) -> tuple[FloatArray, IntArray]:
    """Return raw rows (p, d) and the model's labels (p,): the pool, plus rows of classes it lacks.

    The added rows are corners of the box and random points in it, the same for all examples.
    """
    space, pool, labels = target.space, target.pool, target.pool_labels
    if len(np.unique(labels)) == target.n_classes:
        return pool, labels
    share = generator(seed, "known rows").random((_LOOKED_AT, len(space.low)))
    share[::2] = np.round(share[::2])
    drawn = space.offset + space.scale * (space.low + share * (space.high - space.low))
    drawn_labels = target.model.predict(drawn)
    new = ~np.isin(drawn_labels, labels)
    return np.concatenate([pool, drawn[new]]), np.concatenate([labels, drawn_labels[new]])


def _box_candidates(target: AttackTarget, rows: IntArray, seed: int) -> Iterator[FloatArray]:
    """Yield points (q, m) for the examples ``rows`` (q,): corners of their boxes, random points."""
    low, high = (edge[rows] for edge in target.box)
    draws = [g.random((_DRAWS, low.shape[1])) for g in streams(target, rows, seed, "starts")]
    for number in range(_DRAWS if len(rows) else 0):
        share = np.stack([own[number] for own in draws])
        yield low + (np.round(share) if number % 2 == 0 else share) * (high - low)
