"""Trained models, from raw features to labels and scores."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
import torch
from torch import nn

from genlabel_robust.core import FloatArray, IntArray, NotApplicableError
from genlabel_robust.core.padding import rows_at_once
from genlabel_robust.data import Scaling
from genlabel_robust.models.nets.alone import logits_alone
from genlabel_robust.models.nets.plain_layers import forward, gradient, logits, plain_layers
from genlabel_robust.models.row_blocks import in_blocks, padded_rows, slope
from genlabel_robust.structure.forest import Votes, forest_votes
from genlabel_robust.threat import Knowledge

#: A function of scores (q, k) that returns their weights (q, k) in the sum to differentiate.
Weigh: TypeAlias = Callable[[FloatArray], FloatArray]


@runtime_checkable
class Model(Protocol):
    """A trained classifier on raw features.

    ``knowledge``: the most that an attacker can query: "gradients" includes "scores", which
    includes "decisions".
    """

    @property
    def knowledge(self) -> Knowledge:
        """What an attacker can query."""

    @property
    def n_classes(self) -> int:
        """The number of classes k."""

    def predict(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row: (n, d) -> (n,)."""

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return one score per class, larger is likelier: (n, d) -> (n, k)."""

    def decide(self, raw: FloatArray) -> IntArray:
        """Return the labels of ``predict``, faster if possible; only for attacks' queries."""

    def vjp(self, raw: FloatArray, weigh: Weigh) -> tuple[FloatArray, FloatArray]:
        """Return the scores (q, k) and a gradient for each row of ``raw`` (q, d): (q, d).

        It is the gradient of the row's scores summed with the weights ``weigh(scores)``, which are
        held constant. Raises ``NotApplicableError`` for a model without gradients.
        """


@dataclass(frozen=True, eq=False)
class TorchModel:
    """A torch module, (n, d) float32 scaled features -> (n, k) logits, with its scaling."""

    module: nn.Module
    scaling: Scaling
    n_classes: int
    device: str = "cpu"

    @property
    def knowledge(self) -> Knowledge:
        """Always "gradients"."""
        return "gradients"

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return the logits: (n, d) -> (n, k)."""
        x, layers = self._input(raw), self._plain_layers()
        if layers is not None:
            return _double(logits(layers, x))[: len(raw)]
        with torch.no_grad():
            return _double(in_blocks(self.module, x))[: len(raw)]

    def vjp(self, raw: FloatArray, weigh: Weigh) -> tuple[FloatArray, FloatArray]:
        """Return the logits (q, k) and the gradient (q, d) of their weighted sum."""
        x, layers = self._input(raw), self._plain_layers()
        if layers is not None:
            steps = forward(layers, x)
            scores = _double(steps[-1])[: len(raw)]
            found = gradient(layers, steps, _weights(scores, steps[-1], weigh))
            return scores, self._by_raw(found, raw)
        logits = in_blocks(self.module, x.requires_grad_(True))
        scores = _double(logits)[: len(raw)]
        weight = _weights(scores, logits, weigh)
        if not logits.requires_grad:  # independent of the input: a result, not an error
            return scores, np.zeros(raw.shape)
        return scores, self._by_raw(slope(logits, x, weight), raw)

    def _plain_layers(self) -> list[nn.Linear] | None:
        """Return the layers for ``forward``, None if the module itself must be called."""
        return None if rows_at_once(self.device) else plain_layers(self.module)

    def _by_raw(self, slope: torch.Tensor, raw: FloatArray) -> FloatArray:
        """Return the gradient (n, d) with respect to raw rows, given that of the module's input."""
        return self._through_fills(_double(slope)[: len(raw)] / self.scaling.scale, raw)

    def _through_fills(self, slope: FloatArray, raw: FloatArray) -> FloatArray:
        """Return the gradient (n, d) with respect to raw rows, given that of the filled rows.

        For a value that can be missing the module's input is ``(1 - gone) value + gone fill``.
        """
        for feature, fill in self.scaling.fills:
            gone = raw[:, feature + 1] >= 0.5
            slope[:, feature + 1] += slope[:, feature] * (fill - raw[:, feature])
            slope[gone, feature] = 0.0
        return slope

    def _input(self, raw: FloatArray) -> torch.Tensor:
        """Return the scaled features, padded."""
        return padded_rows(self.scaling.apply(raw), torch.device(self.device), torch.float32)

    def predict(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row: (n, d) -> (n,)."""
        return np.asarray(self.scores(raw).argmax(axis=1))

    def decide(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row: (n, d) -> (n,)."""
        return self.predict(raw)

    def labels_alone(self, raw: FloatArray) -> IntArray | None:
        """Return the label that each row gets if it is queried alone: (n, d) -> (n,).

        None if only separate queries can tell.
        """
        layers = self._plain_layers()
        logits = None if layers is None else logits_alone(layers, self._input(raw))
        return None if logits is None else np.asarray(_double(logits)[: len(raw)].argmax(axis=1))

    def linear_layers(self) -> list[tuple[FloatArray, FloatArray]] | None:
        """Return weights (out, in) and biases (out,) of its layers, None unless all are linear.

        Recognises a chain of linear layers with nothing between them.
        """
        layers = self.module if isinstance(self.module, nn.Sequential) else [self.module]
        found = []
        for layer in layers:
            if not isinstance(layer, nn.Linear):
                return None
            weight = layer.weight.detach().cpu().numpy().astype(np.float64)
            bias = np.zeros(len(weight))
            if layer.bias is not None:
                bias = layer.bias.detach().cpu().numpy().astype(np.float64)
            found.append((weight, bias))
        return found

    def affine(self) -> tuple[FloatArray, FloatArray] | None:
        """Return weights (k, d) and biases (k,) on scaled features if affine, otherwise None."""
        layers = self.linear_layers()
        if layers is None:
            return None
        weight, bias = np.eye(len(self.scaling.scale)), np.zeros(len(self.scaling.scale))
        for w, b in layers:
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
        """Either "scores", if it has probabilities, or "decisions"."""
        return "scores" if hasattr(self.estimator, "predict_proba") else "decisions"

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return probabilities, or 1 for the predicted class: (n, d) -> (n, k)."""
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
        """Return the predicted label of each row, for forests by flat arrays: (n, d) -> (n,)."""
        if self._votes is None:
            return self.predict(raw)
        winners = self._votes(self.scaling.apply(raw)).argmax(axis=1)
        return np.asarray(self.estimator.classes_[winners], dtype=np.int64)

    def vjp(self, raw: FloatArray, weigh: Weigh) -> tuple[FloatArray, FloatArray]:
        """Raise ``NotApplicableError``."""
        raise NotApplicableError("the model has no gradients")

    @cached_property
    def _votes(self) -> Votes | None:
        return forest_votes(self.estimator)


def _weights(scores: FloatArray, logits: torch.Tensor, weigh: Weigh) -> torch.Tensor:
    """Return ``weigh(scores)`` like ``logits``, which have more rows than ``scores`` (q, k)."""
    weight = np.zeros(logits.shape, dtype=np.float32)
    weight[: len(scores)] = weigh(scores)
    return torch.from_numpy(weight).to(logits)


def _double(tensor: torch.Tensor) -> FloatArray:
    return np.asarray(tensor.detach().cpu().numpy().astype(np.float64))
