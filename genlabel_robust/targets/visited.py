"""The queries of an attack: each example's best point, and counts of useless gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray, logit_margin
from genlabel_robust.targets.target import AttackTarget, Loss
from genlabel_robust.threat import Norm

#: Maps points (q, m), their rows (q,) and scores (q, k) to ranks (q,); the lowest is best.
Rank: TypeAlias = Callable[[FloatArray, IntArray, FloatArray], FloatArray]


def lowest_margin(target: AttackTarget) -> Rank:
    """Rank points by the margin of the true class, which is below 0 where it is mislabelled."""

    def rank(points: FloatArray, rows: IntArray, scores: FloatArray) -> FloatArray:
        margin = logit_margin(scores, target.y[rows])
        # at a tie the model takes the first class, which may not be the true one
        mislabelled = scores.argmax(axis=1) != target.y[rows]
        return np.where(mislabelled & (margin == 0.0), -np.finfo(np.float64).tiny, margin)

    return rank


def nearest(target: AttackTarget, norm: Norm) -> Rank:
    """Rank mislabelled points by their distance; the others do not count."""

    def rank(points: FloatArray, rows: IntArray, scores: FloatArray) -> FloatArray:
        mislabelled = scores.argmax(axis=1) != target.y[rows]
        return np.where(mislabelled, target.distance(points, rows, norm), np.inf)

    return rank


class Visited:
    """The queries of an attack, with each example's best point so far.

    ``points`` (n, m): the best points queried so far, of ``rank`` (n,), inf where none counts yet.
    ``gradients`` (n,): the number computed; ``zero`` and ``nonfinite`` of them are useless.
    """

    def __init__(self, target: AttackTarget, rank: Rank) -> None:
        self.target = target
        self.points = target.x.copy()
        self.rank = np.full(len(target.x), np.inf)
        self.gradients, self.zero, self.nonfinite = np.zeros((3, len(target.x)), dtype=np.int64)
        self._rank = rank

    def scores(self, points: FloatArray, rows: IntArray) -> FloatArray:
        """Return the scores (q, k) of ``points`` (q, m), one variant of each of ``rows`` (q,)."""
        scores = self.target.scores(points, rows)
        self._note(points, rows, scores)
        return scores

    def gradient(
        self, points: FloatArray, rows: IntArray, loss: Loss
    ) -> tuple[FloatArray, FloatArray]:
        """Return scores (q, k) and the gradient (q, m) of ``loss``, 0 where it is not finite.

        The arguments are those of ``scores``.
        """
        scores, gradient = self.target.gradient(points, rows, loss)
        self._note(points, rows, scores)
        finite = self.count(gradient, rows)
        # In C order whatever the batch, so that sums over features add in the same order.
        return scores, np.ascontiguousarray(np.where(finite[:, None], gradient, 0.0))

    def count(self, gradient: FloatArray, rows: IntArray) -> BoolArray:
        """Count gradients (q, m), one of each of ``rows`` (q,), and mark the finite ones."""
        finite: BoolArray = np.asarray(np.isfinite(gradient).all(axis=1))
        self.gradients[rows] += 1
        self.nonfinite[rows] += ~finite
        self.zero[rows] += ~gradient.any(axis=1)
        return finite

    def absorb(self, other: Visited, lines: IntArray, rows: IntArray) -> None:
        """Add the results of ``other`` for its ``lines`` (q,), copies of the examples ``rows``."""
        better = other.rank[lines] < self.rank[rows]
        nearer, of = rows[better], lines[better]
        self.points[nearer], self.rank[nearer] = other.points[of], other.rank[of]
        self.gradients[rows] += other.gradients[lines]
        self.zero[rows] += other.zero[lines]
        self.nonfinite[rows] += other.nonfinite[lines]
        self.target.absorb(other.target, rows, lines)

    @property
    def health(self) -> tuple[int, int, int]:
        """The numbers of gradients that were computed, zero, and not finite."""
        return int(self.gradients.sum()), int(self.zero.sum()), int(self.nonfinite.sum())

    def _note(self, points: FloatArray, rows: IntArray, scores: FloatArray) -> None:
        rank = self._rank(points, rows, scores)
        better = rank < self.rank[rows]
        self.points[rows[better]], self.rank[rows[better]] = points[better], rank[better]
