"""Trained models: from untouched raw features to labels and scores."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn

from genlabel_robust.core.arrays import FloatArray, IntArray
from genlabel_robust.core.threat import Knowledge
from genlabel_robust.data.task import Scaling
from genlabel_robust.models.forest import Votes, forest_votes


class Model(Protocol):
    """A trained classifier on raw features.

    ``knowledge``: the most that an attacker can ask of it: "gradients" includes
    "scores", which includes "decisions".
    """

    @property
    def knowledge(self) -> Knowledge:
        """What the model can be asked for."""

    @property
    def n_classes(self) -> int:
        """The number of classes k."""

    def predict(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row: (n, d) -> (n,)."""

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return one score per class, larger is likelier: (n, d) -> (n, k)."""

    def decide(self, raw: FloatArray) -> IntArray:
        """Return ``predict``, by a faster way where there is one; for attacks' queries only."""


@dataclass(frozen=True, eq=False)
class TorchModel:
    """A torch module (n, d) float32 scaled features -> (n, k) logits, and its scaling."""

    module: nn.Module
    scaling: Scaling
    n_classes: int
    device: str = "cpu"

    @property
    def knowledge(self) -> Knowledge:
        """Gradients."""
        return "gradients"

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return the logits: (n, d) -> (n, k)."""
        with torch.no_grad():
            x = torch.from_numpy(self.scaling.apply(raw)).to(self.device)
            return np.asarray(self.module(x).cpu().numpy().astype(np.float64))

    def predict(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row: (n, d) -> (n,)."""
        return np.asarray(self.scores(raw).argmax(axis=1))

    def decide(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row: (n, d) -> (n,)."""
        return self.predict(raw)

    def affine(self) -> tuple[FloatArray, FloatArray] | None:
        """Return weights (k, d) and biases (k,) on scaled features if it is affine, else None.

        Known to be affine: a chain of linear layers with nothing between them.
        """
        chain = self.module if isinstance(self.module, nn.Sequential) else [self.module]
        weight = np.eye(len(self.scaling.scale))
        bias = np.zeros(len(self.scaling.scale))
        for layer in chain:
            if not isinstance(layer, nn.Linear):
                return None
            w = layer.weight.detach().cpu().numpy().astype(np.float64)
            b = layer.bias.detach().cpu().numpy().astype(np.float64)
            weight, bias = w @ weight, w @ bias + b
        return weight, bias


@dataclass(frozen=True, eq=False)
class SklearnModel:
    """A fitted scikit-learn classifier on scaled features, labels 0..k-1.

    A class that the estimator never saw has the lowest score.
    """

    estimator: Any
    scaling: Scaling
    n_classes: int

    @property
    def knowledge(self) -> Knowledge:
        """Scores where it has probabilities, else decisions."""
        return "scores" if hasattr(self.estimator, "predict_proba") else "decisions"

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return probabilities, or 1 for the decided class: (n, d) -> (n, k)."""
        x = self.scaling.apply(raw)
        scores = np.zeros((len(raw), self.n_classes))
        if self.knowledge == "scores":
            scores[:, self.estimator.classes_] = self.estimator.predict_proba(x)
        else:
            scores[np.arange(len(raw)), self.estimator.predict(x)] = 1.0
        return scores

    def predict(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row: (n, d) -> (n,)."""
        return np.asarray(self.estimator.predict(self.scaling.apply(raw)), dtype=np.int64)

    def decide(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row: (n, d) -> (n,); forests by flat arrays."""
        if self._votes is None:
            return self.predict(raw)
        winners = self._votes(self.scaling.apply(raw)).argmax(axis=1)
        return np.asarray(self.estimator.classes_[winners], dtype=np.int64)

    @cached_property
    def _votes(self) -> Votes | None:
        return forest_votes(self.estimator)
