"""ART classifiers as ``Model``: labels, scores and gradients for rows of features."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from art.estimators.classification.classifier import ClassGradientsMixin
from numpy.typing import DTypeLike
from torch import nn

from genlabel_robust.core import ConfigurationError, FloatArray, IntArray, NotApplicableError
from genlabel_robust.models.model import Weigh
from genlabel_robust.threat import Knowledge


@dataclass(frozen=True, eq=False)
class ArtModel:
    """The ART classifier ``estimator`` on flattened inputs: (q, d) instead of (q, *shape).

    Inputs are converted to ``dtype``: float32 for a torch module, because ART under numpy 2 passes
    inputs on unconverted. ``knowledge`` is as in ``Model``.
    """

    estimator: Any
    shape: tuple[int, ...]
    dtype: DTypeLike
    knowledge: Knowledge

    @classmethod
    def of(cls, estimator: Any, x: Any) -> ArtModel:
        """Return the model of ``estimator`` for inputs like ``x`` (n, ...).

        It offers gradients if the estimator has them; otherwise scores, or only decisions if all
        predictions for ``x`` are one-hot.
        """
        dtype = np.float32 if _module(estimator) else x.dtype
        model = cls(estimator, x.shape[1:], dtype, "gradients")
        if isinstance(estimator, ClassGradientsMixin):
            return model
        scores = model.scores(x.reshape(len(x), -1))
        one_hot = ((scores == 0) | (scores == 1)).all() and (scores.sum(axis=1) == 1).all()
        return cls(estimator, x.shape[1:], dtype, "decisions" if one_hot else "scores")

    @property
    def n_classes(self) -> int:
        """The number of classes k."""
        return int(self.estimator.nb_classes)

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return the estimator's predictions: (q, d) -> (q, k).

        Raises ``ConfigurationError`` if they are not one number per class.
        """
        if not len(raw):
            return np.zeros((0, self.n_classes))
        scores = np.asarray(
            self.estimator.predict(self._input(raw), batch_size=len(raw)), dtype=np.float64
        )
        if scores.shape != (len(raw), self.n_classes):
            raise ConfigurationError(
                f"the estimator predicts an array {scores.shape} for {len(raw)} rows; "
                f"it must have a column for each of its {self.n_classes} classes"
            )
        return scores

    def predict(self, raw: FloatArray) -> IntArray:
        """Return the class of the largest score: (q, d) -> (q,)."""
        return np.asarray(self.scores(raw).argmax(axis=1))

    def decide(self, raw: FloatArray) -> IntArray:
        """Return the class of the largest score: (q, d) -> (q,)."""
        return self.predict(raw)

    def vjp(self, raw: FloatArray, weigh: Weigh) -> tuple[FloatArray, FloatArray]:
        """Return the scores (q, k) and the gradient (q, d) of their weighted sum."""
        if self.knowledge != "gradients":
            raise NotApplicableError("the estimator has no class_gradient")
        scores = self.scores(raw)
        each = np.asarray(self.estimator.class_gradient(self._input(raw)), dtype=np.float64)
        return scores, np.einsum("qk,qkd->qd", weigh(scores), each.reshape(*scores.shape, -1))

    def _input(self, raw: FloatArray) -> Any:
        return raw.astype(self.dtype).reshape(-1, *self.shape)


@contextmanager
def left_as_it_was(estimator: Any) -> Iterator[None]:
    """Restore the modes and gradients of a torch module afterwards, as ART's calls change them."""
    module = _module(estimator)
    modes = [(part, part.training) for part in module.modules()] if module else []
    gradients = [(weight, weight.grad) for weight in module.parameters()] if module else []
    try:
        yield
    finally:
        for part, training in modes:
            part.training = training
        for weight, gradient in gradients:
            weight.grad = gradient


def _module(estimator: Any) -> nn.Module | None:
    """Return the torch module that ART calls, None for other estimators."""
    module = getattr(estimator, "_model", None)
    return module if isinstance(module, nn.Module) else None
