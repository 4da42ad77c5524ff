"""Lattice search: greedy moves of single features among valid points.

A coordinate search (Hooke & Jeeves 1961) on the margin of scores, for whole numbers and
categories, where a gradient step that is rounded away carries no information.
"""

from dataclasses import dataclass

import numpy as np

from genlabel_robust.attacks.attack import Attack, AttackResult, Outcome
from genlabel_robust.attacks.search.ball import ball_points
from genlabel_robust.attacks.search.coordinate_moves import CoordinateMoves
from genlabel_robust.attacks.search.streams import streams
from genlabel_robust.attacks.settings import budget, count
from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.targets.visited import lowest_margin
from genlabel_robust.threat import Ball, Norm

#: Numbers in the moves of one block of examples, and the smallest probability distinct from 0.
_NUMBERS, _LEAST = 1_000_000, 1e-30


@dataclass(frozen=True)
class LatticeSearch(Attack):
    """Runs from the example toward each of the ``rivals`` best classes, then ``restarts`` random.

    A run makes at most ``iterations`` moves. Each is the best of: one feature a step up or down, or
    as far as the ball allows; another category; all helpful moves at once; and, if none of these
    helps and features are few, pairs of moves. If pairs do not help either, steps are halved. In
    L∞ this breaks every breakable example of an affine model with at most ``rivals`` + 1 classes:
    gains add up, so all helpful moves together give the best point.
    """

    name = "lattice-search"
    needs = "scores"
    kind = "fixed"
    norms = ("linf", "l2", "l1")
    cost = 10_000

    iterations: int = budget(20)
    restarts: int = budget(8, least=0)
    rivals: int = count(9)

    def _attack(
        self, target: AttackTarget, ball: Ball, seed: int, start: FloatArray | None
    ) -> AttackResult:
        norm, eps = ball
        before = target.queries.copy()
        search = _Search(target, norm, eps)
        size = max(1, _NUMBERS // (search.moves.count * target.n_features))
        radius = np.full(len(target.x), eps)
        generators = streams(target, np.arange(len(target.x)), seed, self.name)
        rivals = min(self.rivals, target.n_classes - 1)
        runs = [] if start is None else [(0, start)]
        runs += [(rank, target.x) for rank in range(rivals)]
        for restart in range(self.restarts):
            begin = ball_points(generators, norm, radius, target.n_features)
            runs.append((restart % rivals, begin))
        for rank, begin in runs:
            open_ = np.flatnonzero(search.margin >= 0)
            for first in range(0, len(open_), size):
                rows = open_[first : first + size]
                search.climb(begin[rows], rows, rank, self.iterations)
        return AttackResult(
            points=search.points,
            outcome=np.where(search.margin < 0, int(Outcome.BROKEN), int(Outcome.SURVIVED)),
            queries=target.queries - before,
        )


class _Search:
    """The queried ``points`` (n, m) with the lowest ``margin`` (n,); adversarial below 0."""

    def __init__(self, target: AttackTarget, norm: Norm, eps: float) -> None:
        self.target, self.eps = target, eps
        self.moves = CoordinateMoves(target, norm, eps)
        self._rank = lowest_margin(target)
        self.points = target.x.copy()
        self.margin = np.full(len(target.x), np.inf)
        scores = target.scores(target.x, np.arange(len(target.x)))
        # from the example alone, so that its result does not depend on the batch
        self._probable = (scores >= 0).all(axis=1) & (np.abs(scores.sum(axis=1) - 1) < 1e-3)

    def climb(self, points: FloatArray, rows: IntArray, rank: int, iterations: int) -> None:
        """Climb from ``points`` (r, m) of ``rows`` (r,) toward the ``rank``-th best rival there."""
        points = self.moves.existing(points[:, None], rows)[:, 0]
        scores = self._ask(points[:, None], rows)[:, 0]
        everyone, y = np.arange(len(rows)), self.target.y[rows]
        true = scores[everyone, y].copy()
        scores[everyone, y] = np.inf
        rivals = np.argsort(-scores, axis=1, kind="stable")[:, 1 + rank]
        lead = scores[everyone, rivals] - true
        steps = np.full(len(rows), self.eps / 2)
        open_ = everyone
        for _ in range(iterations):
            open_ = open_[self.margin[rows[open_]] >= 0]
            if not len(open_):
                return
            here, about = points[open_], (rows[open_], rivals[open_])
            single = self.moves.single(here, rows[open_], steps[open_])
            best, found, leads = self._best(single, *about)
            combined = self.moves.together(here, single, leads - lead[open_, None])
            best, found = _better(best, found, *self._best(combined, *about)[:2])
            stuck = np.flatnonzero(found <= lead[open_])
            pairs = self.moves.pairs(here[stuck], single[stuck])
            if pairs.size:
                two = self._best(pairs, *(part[stuck] for part in about))[:2]
                best[stuck], found[stuck] = _better(best[stuck], found[stuck], *two)
            moved = found > lead[open_]
            points[open_[moved]], lead[open_[moved]] = best[moved], found[moved]
            steps[open_[~moved]] /= 2
            open_ = open_[moved | (steps[open_] >= self.moves.finest)]

    def _best(
        self, points: FloatArray, rows: IntArray, rivals: IntArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the best (r, m) of ``points`` (r, c, m), its lead (r,), and all leads (r, c).

        The lead of a point is the rival's score minus the true class's.
        """
        points = self.moves.existing(points, rows)
        scores, line = self._ask(points, rows), np.arange(len(rows))
        leads = scores[line, :, rivals] - scores[line, :, self.target.y[rows]]
        best = leads.argmax(axis=1)
        return points[line, best], leads[line, best], leads

    def _ask(self, points: FloatArray, rows: IntArray) -> FloatArray:
        """Return the scores (r, c, k) of ``points`` (r, c, m), and record the lowest margins.

        Probabilities are returned as logarithms.
        """
        count, each, m = points.shape
        flat, owners = points.reshape(-1, m), np.repeat(rows, each)
        scores = self.target.scores(flat, owners)
        margin = self._rank(flat, owners, scores).reshape(count, each)
        logs = np.log(np.maximum(scores, _LEAST))
        scores = np.where(self._probable[owners, None], logs, scores)
        line, best = np.arange(count), margin.argmin(axis=1)
        lower = np.flatnonzero(margin[line, best] < self.margin[rows])
        self.points[rows[lower]] = points[lower, best[lower]]
        self.margin[rows[lower]] = margin[lower, best[lower]]
        return scores.reshape(count, each, -1)


def _better(
    one: FloatArray, first: FloatArray, other: FloatArray, second: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return for each row the better of two points (r, m), and its lead (r,)."""
    return np.where((second > first)[:, None], other, one), np.maximum(first, second)
