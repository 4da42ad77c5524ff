"""An ART estimator over the attacked examples, for ART's gradient attacks."""

from typing import Any

import numpy as np
from art.estimators import BaseEstimator, LossGradientsMixin
from art.estimators.classification.classifier import ClassifierMixin

from genlabel_robust.core import Float32Array, GenlabelRobustError, IntArray
from genlabel_robust.targets.target import Loss
from genlabel_robust.targets.visited import Visited
from genlabel_robust.threat import Norm


class GradientEstimator(ClassifierMixin, LossGradientsMixin, BaseEstimator):  # type: ignore[misc]
    """Examples ``rows`` (b,) as one batch: line i of every call is a variant of ``rows[i]``.

    All calls go through ``visited``, which keeps the best point: ART returns only the last.
    """

    def __init__(self, visited: Visited, loss: Loss, rows: IntArray) -> None:
        super().__init__(model=visited.target, clip_values=None)
        self.nb_classes = visited.target.n_classes
        # Set past ART's check, which allows one box for all examples; each has its own here.
        low, high = visited.target.box
        self._clip_values = (low[rows].astype(np.float32), high[rows].astype(np.float32))
        self.visited, self.loss_of_scores, self.rows = visited, loss, rows

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape (m,) of one example."""
        return (self.visited.target.n_features,)

    def fit(self, x: Any, y: Any, **kwargs: Any) -> None:
        """Refuse: attacks never train a model."""
        raise GenlabelRobustError("an attack must not train the model that it attacks")

    def predict(self, x: Float32Array, batch_size: int = 0, **kwargs: Any) -> Float32Array:
        """Return the scores (b, k) of one variant (b, m) of each example."""
        self._whole(x)
        return self.visited.scores(x.astype(np.float64), self.rows).astype(np.float32)

    def loss_gradient(self, x: Float32Array, y: Any, **kwargs: Any) -> Float32Array:
        """Return the gradient (b, m) of the loss against the true labels."""
        self._whole(x)
        _, gradient = self.visited.gradient(x.astype(np.float64), self.rows, self.loss_of_scores)
        # Normalised in float64: in float32 the squares of a tiny gradient are all zero, and a
        # step of length zero would look like robustness.
        peak = np.abs(gradient).max(axis=1, keepdims=True)
        return (gradient / np.where(peak > 0, peak, 1.0)).astype(np.float32)

    def _whole(self, x: Float32Array) -> None:
        if len(x) != len(self.rows):
            raise GenlabelRobustError(
                f"the attack split its batch ({len(x)} of {len(self.rows)} rows)"
            )


def art_norm(norm: Norm) -> float:
    """Return ART's name of a norm."""
    return np.inf if norm == "linf" else 2
