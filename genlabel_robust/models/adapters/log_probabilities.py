"""Logarithms of probabilities as scores, for models with gradients of probabilities."""

from dataclasses import dataclass

import numpy as np

from genlabel_robust.core import FloatArray, probable
from genlabel_robust.core.scores import LEAST_PROBABILITY
from genlabel_robust.models.model import Model, Weigh
from genlabel_robust.models.wrapped import Wrapped


@dataclass(frozen=True, eq=False)
class LogProbabilities(Wrapped):
    """``model`` with the logarithms of its probabilities as scores, which serve as logits.

    If a softmax has saturated, to exactly 1 in float32, the logarithm cannot recover what is lost:
    the scores are then 0 and the logarithm of the smallest probability, and gradients vanish.
    """

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return the logarithms of the probabilities: (n, d) -> (n, k)."""
        return _logarithms(self.model.scores(raw))

    def vjp(self, raw: FloatArray, weigh: Weigh) -> tuple[FloatArray, FloatArray]:
        """Return the logarithms (q, k) and the gradient (q, d) of their weighted sum."""
        factor = np.ones((len(raw), 1))

        def of_probabilities(odds: FloatArray) -> FloatArray:
            weight = weigh(_logarithms(odds)) / np.maximum(odds, LEAST_PROBABILITY)
            # 1 / p would overflow in products of the model's float32: its weights are at most 1
            factor[:] = np.maximum(np.abs(weight).max(axis=1, keepdims=True), 1.0)
            return np.asarray(weight / factor)

        odds, gradient = self.model.vjp(raw, of_probabilities)
        return _logarithms(odds), gradient * factor


def logarithmic(model: Model, answer: FloatArray) -> Model:
    """Return ``model`` with logarithms if its first ``answer`` (n, k) contains probabilities.

    This is so if every row looks like probabilities and not all are zeros and ones: those are
    decisions and have no gradients. The question matters only for gradients: attacks without
    gradients recognise probabilities row by row.
    """
    if model.knowledge != "gradients" or not probable(answer).all():
        return model
    return model if np.isin(answer, (0.0, 1.0)).all() else LogProbabilities(model)


def _logarithms(odds: FloatArray) -> FloatArray:
    return np.asarray(np.log(np.maximum(odds, LEAST_PROBABILITY)))
