"""A trained model and the examples to attack, seen from attack space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

import numpy as np

from genlabel_robust.core.arrays import FloatArray, IntArray
from genlabel_robust.core.space import AttackSpace
from genlabel_robust.core.threat import Knowledge, Norm, distance
from genlabel_robust.models.model import Model

#: Scores (q, k) and true labels (q,) -> the weights (q, k) of the scores in what attacks raise.
Loss: TypeAlias = Callable[[FloatArray, IntArray], FloatArray]

#: Points of one call to the model: as many as its activations stay in the cache.
_BLOCK = 8192

_LEVELS: dict[Knowledge, int] = {"decisions": 0, "scores": 1, "gradients": 2}


@dataclass(eq=False)
class AttackTarget:
    """What every attack sees: examples with their boxes, and a model to ask.

    Attacks move in the m features that the attacker may change, and their points are
    *perturbations* of an example in attack space: the example itself is the origin.
    Units, scalings and immutable features are folded in here, so that no attack knows
    about them, and a feature of any offset (a time stamp of 1.7e9) keeps its precision
    in ART's float32.

    ``raw`` (n, d): the untouched examples; ``y`` (n,): their true labels; ``pool``
    (p, d): raw rows that black-box attacks may start from. ``queries`` (n,) counts
    the points that the model was asked about, for each example.
    """

    model: Model
    space: AttackSpace
    raw: FloatArray
    y: IntArray
    pool: FloatArray
    queries: IntArray = field(init=False)

    def __post_init__(self) -> None:
        self.queries = np.zeros(len(self.raw), dtype=np.int64)

    @property
    def n_features(self) -> int:
        """The number m of features that the attacker may change."""
        return int(self.space.mutable.sum())

    @property
    def n_classes(self) -> int:
        """The number of classes k."""
        return self.model.n_classes

    @property
    def _axes(self) -> IntArray:
        return np.flatnonzero(self.space.mutable)

    @cached_property
    def x(self) -> FloatArray:
        """The examples (n, m) as perturbations of themselves: zeros."""
        return np.zeros((len(self.raw), self.n_features))

    @cached_property
    def box(self) -> tuple[FloatArray, FloatArray]:
        """Each example's own box, (n, m) and (n, m), around the origin."""
        u = self.space.enter(self.raw)
        low, high = self.space.box(u)
        return (low - u)[:, self._axes], (high - u)[:, self._axes]

    @cached_property
    def pool_labels(self) -> IntArray:
        """The model's label (p,) of each row of the pool."""
        return self.model.predict(self.pool)

    def from_pool(self, row: int) -> FloatArray:
        """Return the pool as perturbations (p, m) of example ``row``."""
        return self.enter(self.pool, np.full(len(self.pool), row))

    def offers(self, knowledge: Knowledge) -> bool:
        """Say whether the model gives the attacker at least this much."""
        return _LEVELS[self.model.knowledge] >= _LEVELS[knowledge]

    def to_raw(self, points: FloatArray, rows: IntArray) -> FloatArray:
        """Return the raw features (q, d) of ``points`` (q, m), variants of ``rows`` (q,).

        A feature that was not moved keeps its raw value to the last bit.
        """
        raw = self.raw[rows].copy()
        axes = self._axes
        raw[:, axes] += self.space.scale[axes] * points
        return raw

    def enter(self, raw: FloatArray, rows: IntArray) -> FloatArray:
        """Return the points (q, m) of ``raw`` rows (q, d), as variants of ``rows`` (q,)."""
        axes = self._axes
        return np.asarray((raw - self.raw[rows])[:, axes] / self.space.scale[axes])

    def valid(self, points: FloatArray, rows: IntArray) -> FloatArray:
        """Return what the model is really shown for ``points`` (q, m), variants of ``rows``."""
        return points

    def distance(self, points: FloatArray, rows: IntArray, norm: Norm) -> FloatArray:
        """Return how far (q,) what the model is shown for ``points`` (q, m) lies from ``rows``."""
        return distance(self.valid(points, rows), norm)

    def scores(self, points: FloatArray, rows: IntArray) -> FloatArray:
        """Return the scores (q, k) of ``points`` (q, m), variants of ``rows`` (q,)."""
        self._count(rows)
        parts = [self.model.scores(self.to_raw(points[b], rows[b])) for b in _blocks(len(rows))]
        return np.concatenate(parts) if parts else np.zeros((0, self.n_classes))

    def predict(self, points: FloatArray, rows: IntArray) -> IntArray:
        """Return the labels (q,) of ``points`` (q, m), variants of ``rows`` (q,)."""
        self._count(rows)
        parts = [self.model.decide(self.to_raw(points[b], rows[b])) for b in _blocks(len(rows))]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)

    def gradient(
        self, points: FloatArray, rows: IntArray, loss: Loss
    ) -> tuple[FloatArray, FloatArray]:
        """Return the scores (q, k), and the gradient (q, m) of ``loss`` in attack space.

        ``points`` (q, m) are variants of ``rows`` (q,). Raises ``NotApplicableError`` on a
        model without gradients.
        """
        self._count(rows)
        y = self.y[rows]
        scores, gradient = self.model.vjp(self.to_raw(points, rows), lambda s: loss(s, y))
        # chain rule through raw = offset + scale * u
        return scores, gradient[:, self._axes] * self.space.scale[self._axes]

    def subset(self, rows: IntArray) -> AttackTarget:
        """Return the target of these examples alone, with counts of its own."""
        part = AttackTarget(self.model, self.space, self.raw[rows], self.y[rows], self.pool)
        part.__dict__["pool_labels"] = self.pool_labels
        return part

    def _count(self, rows: IntArray) -> None:
        self.queries += np.bincount(rows, minlength=len(self.queries))


def _blocks(n: int) -> list[slice]:
    return [slice(start, start + _BLOCK) for start in range(0, n, _BLOCK)]
