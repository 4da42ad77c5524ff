"""A trained model and the examples to attack, seen from attack space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.core.files.large_arrays import in_parts
from genlabel_robust.models import Model
from genlabel_robust.targets.between_levels import between_levels
from genlabel_robust.targets.watch import Watch
from genlabel_robust.threat import AttackSpace, Ball, Knowledge, Norm
from genlabel_robust.threat.lattice import Lattice
from genlabel_robust.threat.norms import gives

#: Maps scores (q, k) and true labels (q,) to the weights (q, k) of the scores in the loss.
Loss: TypeAlias = Callable[[FloatArray, IntArray], FloatArray]

#: Points per call to the model: as many as keep its activations in the cache.
_BLOCK = 8192


@dataclass(eq=False)
class AttackTarget:
    """Examples with their boxes, and the model to query: all that an attack sees.

    Attacks move in the m features that the attacker may change, and their points are
    *perturbations* of an example in attack space: the example itself is the origin.
    Units, scalings and immutable features are handled here, so no attack knows about them, and a
    feature with any offset (a time stamp of 1.7e9) keeps its precision in ART's float32.

    ``raw`` (n, d): the untouched examples; ``y`` (n,): their true labels; ``pool``
    (p, d): raw rows that black-box attacks may start from. ``queries`` (n,): the number of points
    queried for each example; ``watch``, if set, records the adversarial ones among them.

    With whole-number or categorical features, points still move continuously; the model receives a
    ``valid`` neighbour, within ``ball`` if that is set. Rounding the points themselves would stall
    every step shorter than half a unit, which looks like robustness.
    """

    model: Model
    space: AttackSpace
    raw: FloatArray
    y: IntArray
    pool: FloatArray
    queries: IntArray = field(init=False)
    watch: Watch | None = None
    ball: Ball | None = None
    _pool_of: AttackTarget | None = field(init=False, default=None, repr=False)

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
        return self.space.axes

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

    @property
    def lattice(self) -> Lattice | None:
        """The whole numbers and categories among the m features, None without any."""
        return self.space.lattice

    @cached_property
    def pool_labels(self) -> IntArray:
        """The model's label (p,) of each row of the pool, queried once for all subsets."""
        if self._pool_of is not None:
            return self._pool_of.pool_labels
        return in_parts(self.model.predict, self.pool)

    def offers(self, knowledge: Knowledge) -> bool:
        """Say whether the model gives the attacker at least this much."""
        return gives(self.model.knowledge, knowledge)

    def to_raw(self, points: FloatArray, rows: IntArray) -> FloatArray:
        """Return the raw features (q, d) of ``points`` (q, m), variants of ``rows`` (q,).

        They are those of the ``valid`` points, which the model receives. A feature that did not
        move keeps its raw value to the last bit; whole numbers and categories are exact.
        """
        return self.space.moved(self.raw[rows], self.valid(points, rows))

    def enter(self, raw: FloatArray, rows: IntArray) -> FloatArray:
        """Return ``raw`` rows (q, d) as points (q, m), variants of ``rows`` (q,)."""
        axes = self._axes
        return np.asarray((raw - self.raw[rows])[:, axes] / self.space.scale[axes])

    def valid(self, points: FloatArray, rows: IntArray, ball: Ball | None = None) -> FloatArray:
        """Return the points that the model receives for ``points`` (q, m), variants of ``rows``.

        Each is a neighbour in the box that satisfies the relations, within ``ball``, or the
        target's own ball, if the point is: see ``Lattice`` and ``Repair``. A neighbour is its own
        neighbour.
        """
        if self.space.plain:
            return points
        low, high = (edge[rows] for edge in self.box)
        return self.space.existing(self.raw[rows], points, low, high, ball or self.ball)

    def distance(self, points: FloatArray, rows: IntArray, norm: Norm) -> FloatArray:
        """Return the distances (q,) of the valid neighbours of ``points`` (q, m) from ``rows``."""
        return self.space.length(self.valid(points, rows), norm)

    def scores(self, points: FloatArray, rows: IntArray) -> FloatArray:
        """Return the scores (q, k) of ``points`` (q, m), variants of ``rows`` (q,)."""
        parts = [self.model.scores(self.to_raw(points[b], rows[b])) for b in _blocks(len(rows))]
        scores = np.concatenate(parts) if parts else np.zeros((0, self.n_classes))
        self._record(points, rows, scores)
        return scores

    def predict(self, points: FloatArray, rows: IntArray) -> IntArray:
        """Return the labels (q,) of ``points`` (q, m), variants of ``rows`` (q,)."""
        parts = [self.model.decide(self.to_raw(points[b], rows[b])) for b in _blocks(len(rows))]
        labels = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
        self._record(points, rows, labels)
        return labels

    def gradient(
        self, points: FloatArray, rows: IntArray, loss: Loss
    ) -> tuple[FloatArray, FloatArray]:
        """Return the scores (q, k), and the gradient (q, m) of ``loss`` in attack space.

        ``points`` (q, m) are variants of ``rows`` (q,). The scores are those of the valid
        neighbours, the gradient is taken at the points themselves. With relations the gradient is
        taken at the valid neighbours, and includes all that moves with each feature. For an
        encoded category it is that of the best switch, see ``between_levels``. Raises
        ``NotApplicableError`` on a model without gradients.
        """
        y, scale, repair = self.y[rows], self.space.scale[self._axes], self.space.repair
        if repair is None:
            at = self.space.shifted(self.raw[rows], scale * points)
        else:
            at = self.to_raw(points, rows)
        scores, gradient = self.model.vjp(at, lambda s: loss(s, y))
        if repair is None and self.lattice is not None:
            scores = self.model.scores(self.to_raw(points, rows))
        self._record(points, rows, scores)
        # chain rule through raw = offset + scale * u
        gradient = gradient[:, self._axes] * scale
        if self.space.encoded and self.lattice is not None:
            low, high = (edge[rows] for edge in self.box)
            values = at[:, self._axes]
            gradient = between_levels(gradient, self.lattice.groups, values, low < high)
        return scores, gradient if repair is None else repair.moves.pulled(gradient)

    def subset(self, rows: IntArray) -> AttackTarget:
        """Return a target with these examples only, and its own query counts."""
        part = type(self)(self.model, self.space, self.raw[rows], self.y[rows], self.pool)
        part._pool_of = self
        part.ball = self.ball
        if self.watch is not None:
            part.watch = Watch(part.x, self.watch.norm, self.space)
        return part

    def absorb(self, part: AttackTarget, rows: IntArray, lines: IntArray | None = None) -> None:
        """Add the counts and records of ``part``, the subset of the examples ``rows``.

        ``lines`` (q,): the indices of ``rows`` in ``part``, by default all in order.
        """
        own = np.arange(len(part.queries)) if lines is None else lines
        self.queries[rows] += part.queries[own]
        if self.watch is not None and part.watch is not None:
            self.watch.take(part.watch, rows, own)

    def _record(self, points: FloatArray, rows: IntArray, answer: FloatArray | IntArray) -> None:
        """Count the queries; with ``watch`` set, record adversarial points by labels or scores."""
        self.queries += np.bincount(rows, minlength=len(self.queries))
        if self.watch is not None:
            labels = answer if answer.ndim == 1 else answer.argmax(axis=1)
            self.watch.see(self.valid(points, rows), rows, labels != self.y[rows])


def _blocks(n: int) -> list[slice]:
    return [slice(start, start + _BLOCK) for start in range(0, n, _BLOCK)]
