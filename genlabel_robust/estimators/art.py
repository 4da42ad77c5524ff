"""An attack target as an ART estimator: the one place that imports ART's estimators."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any

import numpy as np
from art.estimators import BaseEstimator, LossGradientsMixin
from art.estimators.classification.classifier import ClassifierMixin

from genlabel_robust.core.arrays import BoolArray, Float32Array, FloatArray, IntArray
from genlabel_robust.core.errors import GenlabelRobustError
from genlabel_robust.core.scores import logit_margin
from genlabel_robust.core.threat import Norm, distance
from genlabel_robust.estimators.target import AttackTarget, Loss

_GLOBAL_STATE = RLock()


class QueryBudgetSpent(GenlabelRobustError):  # noqa: N818  an attack's normal end, not a fault
    """The attack asked for more queries than it may make; what it found so far is kept."""


class _Art(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """What ART's attacks ask of a classifier, over an ``AttackTarget``."""

    def __init__(self, target: AttackTarget, low: FloatArray, high: FloatArray) -> None:
        super().__init__(model=target, clip_values=None)
        self.target = target
        self.nb_classes = target.n_classes
        # Set past ART's check, which knows one box for all examples: each has its own here.
        self._clip_values = (low.astype(np.float32), high.astype(np.float32))

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape (m,) of one example."""
        return (self.target.n_features,)

    def fit(self, x: Any, y: Any, **kwargs: Any) -> None:
        """Refuse: a trained model is attacked, never trained."""
        raise GenlabelRobustError("an attack must not train the model that it attacks")


class GradientEstimator(LossGradientsMixin, _Art):  # type: ignore[misc]
    """Examples ``rows`` (b,) as one batch: line i of every call is a variant of ``rows[i]``.

    Remembers, for each example, the visited point with the lowest margin, ``best`` (b, m)
    at ``best_margin`` (b,): ART returns the last point, not the best. Counts the
    gradients that are of no use: ART logs NaN and goes on. ``gradients`` counts rows of all calls,
    ``zero_gradients`` and ``nonfinite_gradients`` those among them.
    """

    def __init__(self, target: AttackTarget, loss: Loss, rows: IntArray | None = None) -> None:
        self.rows = np.arange(len(target.x)) if rows is None else rows
        low, high = target.box
        super().__init__(target, low[self.rows], high[self.rows])
        self.loss_of_scores = loss
        self.best = target.x[self.rows].copy()
        self.best_margin = np.full(len(self.rows), np.inf)
        self.gradients = self.zero_gradients = self.nonfinite_gradients = 0

    def predict(self, x: Float32Array, batch_size: int = 0, **kwargs: Any) -> Float32Array:
        """Return the scores (b, k) of one variant (b, m) of each example."""
        self._whole(x)
        scores = self.target.scores(x.astype(np.float64), self.rows)
        self._visit(x, scores)
        return scores.astype(np.float32)

    def loss_gradient(self, x: Float32Array, y: Any, **kwargs: Any) -> Float32Array:
        """Return the gradient (b, m) of the loss against the true labels."""
        self._whole(x)
        scores, gradient = self.target.gradient(
            x.astype(np.float64), self.rows, self.loss_of_scores
        )
        self._visit(x, scores)
        finite: BoolArray = np.asarray(np.isfinite(gradient).all(axis=1))
        self.gradients += len(self.rows)
        self.nonfinite_gradients += int((~finite).sum())
        self.zero_gradients += int((finite & (gradient == 0.0).all(axis=1)).sum())
        # Normalised in float64: in float32 a tiny gradient's squares are all zero, and a
        # step of length zero would look like robustness.
        usable = np.where(finite[:, None], gradient, 0.0)
        peak = np.abs(usable).max(axis=1, keepdims=True)
        return (usable / np.where(peak > 0, peak, 1.0)).astype(np.float32)

    def _whole(self, x: Float32Array) -> None:
        if len(x) != len(self.rows):
            raise GenlabelRobustError(
                f"the attack split its batch ({len(x)} of {len(self.rows)} rows)"
            )

    def _visit(self, x: Float32Array, scores: FloatArray) -> None:
        margin = logit_margin(scores, self.target.y[self.rows])
        better = margin < self.best_margin
        self.best[better] = x[better]
        self.best_margin[better] = margin[better]


class DecisionEstimator(_Art):
    """One example, labels only: every row of a call is a variant of example ``row``.

    Remembers the closest adversarial point that was ever asked about, ``best`` (m,)
    at ``best_distance`` (inf if none): ART's decision attacks may stop off the
    boundary. Raises ``QueryBudgetSpent`` past ``max_queries``: some of ART's loops
    do not end by themselves on a pathological model.
    """

    def __init__(self, target: AttackTarget, row: int, norm: Norm, max_queries: int) -> None:
        low, high = target.box
        super().__init__(target, low[row], high[row])
        self.row, self.norm, self.max_queries = row, norm, max_queries
        self.center, self.label = target.x[row], target.y[row]
        self.best, self.best_distance = self.center.copy(), np.inf
        self._low, self._high = low[row], high[row]
        self._asked = 0

    def predict(self, x: Float32Array, batch_size: int = 0, **kwargs: Any) -> Float32Array:
        """Return the one-hot decisions (q, k) for variants (q, m) of the example."""
        self._asked += len(x)
        if self._asked > self.max_queries:
            raise QueryBudgetSpent(f"more than {self.max_queries} queries")
        points = np.clip(x.astype(np.float64), self._low, self._high)
        labels = self.target.predict(points, np.full(len(points), self.row))
        adversarial: BoolArray = np.asarray(labels != self.label, dtype=np.bool_)
        if adversarial.any():
            far = distance(points[adversarial] - self.center, self.norm)
            nearest = int(far.argmin())
            if far[nearest] < self.best_distance:
                self.best = points[adversarial][nearest]
                self.best_distance = float(far[nearest])
        decisions = np.zeros((len(x), self.nb_classes), dtype=np.float32)
        decisions[np.arange(len(x)), labels] = 1.0
        return decisions


@contextmanager
def art_seed(seed: int) -> Iterator[None]:
    """Give ART's attacks a seed: they draw from numpy's global state, restored after.

    One thread at a time: another's draws in between would change the result.
    """
    with _GLOBAL_STATE:
        state = np.random.get_state()  # noqa: NPY002  ART offers no other way
        np.random.seed(seed)  # noqa: NPY002
        try:
            yield
        finally:
            np.random.set_state(state)  # noqa: NPY002


def art_norm(norm: Norm) -> float:
    """Return ART's name of a norm."""
    return np.inf if norm == "linf" else 2
