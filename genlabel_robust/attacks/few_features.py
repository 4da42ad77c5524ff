"""Few features: search for the smallest set of features to change, under L0.

A touched feature may move through its whole box. With scores a beam search adds features by the
margin. With labels only, nothing shows whether a set comes nearer, so sets are reduced instead,
starting from rows of other classes: changes are undone as in ``sparse``.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from genlabel_robust.attacks.attack import Attack, AttackResult, Outcome
from genlabel_robust.attacks.search.bisect import crossing
from genlabel_robust.attacks.search.feature_beam import FeatureBeam
from genlabel_robust.attacks.search.feature_moves import FeatureMoves
from genlabel_robust.attacks.search.fewest_found import FewestFound
from genlabel_robust.attacks.search.starts import starting_points
from genlabel_robust.attacks.settings import budget, count
from genlabel_robust.attacks.sparse import fewer_changes
from genlabel_robust.core import BoolArray, FloatArray, IntArray, generator
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat import Ball

#: Numbers in the moves of one block of examples.
_NUMBERS = 2_000_000
#: Bisections of each move at the end.
_HALVINGS = 12
#: With more features than these, many are undone at once before single ones.
_MANY = 16
#: The most rows of the pool that are considered.
_POOL = 1000


@dataclass(frozen=True)
class FewFeatures(Attack):
    """Changes of every feature alone, to its ends and ``values`` others; then of more, then fewer.

    With scores a beam of ``beam`` sets grows to at most ``features`` features. Then changes are
    undone, starting from ``starts`` rows of other classes and from all helpful changes at once. At
    the end each move is made as short as possible: this changes no L0 length, but the reported
    point is nearer.
    """

    name = "few-features"
    needs = "decisions"
    kind = "minimum"
    norms = ("l0",)
    cost = 3000
    uses_scores = True

    values: int = budget(16)
    beam: int = budget(3)
    features: int = count(8)
    starts: int = budget(8)

    def _attack(
        self, target: AttackTarget, ball: Ball, seed: int, start: FloatArray | None
    ) -> AttackResult:
        before = target.queries.copy()
        moves = FeatureMoves(target, self.values)
        found = FewestFound(target)
        size = max(1, _NUMBERS // max(moves.count * target.n_features, 1))
        for first in range(0, len(target.x), size):
            rows = np.arange(first, min(first + size, len(target.x)))
            beam = FeatureBeam(target, moves, found, rows)
            beam.single()
            if target.offers("scores"):
                beam.grow(self.beam, self.features)
            for points in beam.starts():
                _give_back(target, moves, found, points, rows, None)
            if start is not None:
                _give_back(target, moves, found, start[rows], rows, None)
        self._from_others(target, moves, found, seed)
        rows = np.flatnonzero(~found.broken)
        if len(rows):
            part = target.subset(rows)
            points, able = starting_points(part, "l0", seed)
            target.absorb(part, rows)
            _give_back(target, moves, found, points[able], rows[able], None)
        _shorten(target, found)
        return AttackResult(
            points=found.points,
            outcome=np.where(found.broken, int(Outcome.BROKEN), int(Outcome.SURVIVED)),
            queries=target.queries - before,
        )

    def _from_others(
        self,
        target: AttackTarget,
        moves: FeatureMoves,
        found: FewestFound,
        seed: int,
    ) -> None:
        """Start from rows of the pool with another label, and undo changes."""
        rows = np.flatnonzero(found.worth_more(moves.price.min(initial=np.inf)))
        pool, labels = target.pool[: _POOL * 10], target.pool_labels[: _POOL * 10]
        every = -(-len(pool) // _POOL) or 1
        pool, labels = pool[::every], labels[::every]
        if not len(pool) or not len(rows):
            return
        axes, space = target.space.axes, target.space
        wide = np.maximum(space.high - space.low, 1e-300)[axes]
        here, there = (space.enter(raw)[:, axes] / wide for raw in (target.raw[rows], pool))
        gaps = np.where(labels == target.y[rows][:, None], np.inf, cdist(here, there, "cityblock"))
        order = np.argsort(gaps, axis=1, kind="stable")
        others = np.isfinite(gaps).sum(axis=1)
        near = self.starts // 2
        for number in range(self.starts):
            # the nearest ones, and others spread over all distances
            far = (number - near + 1) * others // max(self.starts - near, 1) - 1
            place = np.where(number < near, number, far)
            able = np.flatnonzero((place >= 0) & (place < others))
            chosen = pool[order[able, place[able]]]
            at = rows[able]
            points = np.clip(target.enter(chosen, at), target.box[0][at], target.box[1][at])
            weights = generator(seed, self.name, number).uniform(0.5, 2.0, len(moves.parts))
            for turn in (None, weights):
                _give_back(target, moves, found, points, at, turn)


def _give_back(
    target: AttackTarget,
    moves: FeatureMoves,
    found: FewestFound,
    points: FloatArray,
    rows: IntArray,
    weights: FloatArray | None,
) -> None:
    """Undo all unnecessary changes of ``points`` (q, m) of ``rows`` (q,), the smallest first.

    ``weights`` (g,): factors of the features' changes in that order; None for their prices.
    """

    def mislabelled(tried: FloatArray, at: IntArray) -> BoolArray:
        return np.asarray(target.predict(tried, rows[at]) != target.y[rows[at]])

    if not len(rows):
        return
    space, axes = target.space, target.space.axes
    unit = np.maximum(space.high - space.low, 1e-300)[axes]
    for part, weight in zip(moves.parts, moves.price if weights is None else weights, strict=True):
        unit[part] *= weight
    points = target.valid(points, rows)
    if len(moves.parts) > _MANY:
        points = _many_at_once(mislabelled, points, moves.parts, unit)
    less = fewer_changes(mislabelled, np.zeros_like(points), points, moves.parts, unit)
    found.keep(less, rows, mislabelled(less, np.arange(len(rows))))


def _many_at_once(
    mislabelled: Callable[[FloatArray, IntArray], BoolArray],
    points: FloatArray,
    parts: list[IntArray],
    unit: FloatArray,
) -> FloatArray:
    """Return ``points`` (q, m) after undoing changes of many features at once.

    Tries halves of the features first, those with smaller changes before those with larger ones,
    then quarters, eighths and sixteenths.
    """
    found, every = points.copy(), np.arange(len(points))
    size = np.stack([np.abs(points / unit)[:, part].max(axis=1) for part in parts], axis=1)
    rank = np.argsort(np.argsort(size, axis=1, kind="stable"), axis=1, kind="stable")
    owner = np.zeros(points.shape[1], dtype=np.int64)
    for number, part in enumerate(parts):
        owner[part] = number
    for share in (2, 4, 8, 16):
        for window in range(share):
            gone = (rank * share // len(parts) == window)[:, owner]
            tried = np.where(gone, 0.0, found)
            rows = np.flatnonzero((tried != found).any(axis=1))
            wrong = mislabelled(tried[rows], every[rows])
            found[rows[wrong]] = tried[rows[wrong]]
    return found


def _shorten(target: AttackTarget, found: FewestFound) -> None:
    """Shorten each numeric change of the points as far as the others allow."""
    lattice = target.lattice
    grouped = set() if lattice is None else {int(i) for group in lattice.groups for i in group}
    for column in sorted(set(range(target.n_features)) - grouped):
        rows = np.flatnonzero(found.broken & (found.points[:, column] != 0))
        if not len(rows):
            continue

        def beyond(share: FloatArray, rows: IntArray = rows, column: int = column) -> BoolArray:
            points = found.points[rows].copy()
            points[:, column] *= share
            return np.asarray(target.predict(points, rows) != target.y[rows])

        share = crossing(beyond, np.ones(len(rows)), _HALVINGS)[1]
        found.points[rows, column] *= share
