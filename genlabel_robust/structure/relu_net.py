"""Nets of linear layers with ReLUs between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genlabel_robust.core.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class ReluNet:
    """Linear layers with a ReLU after each but the last, on raw features (d,).

    The first layer takes ``(raw - offset) / scale``, ``offset`` and ``scale`` (d,). ``weights``:
    (w_1, d), (w_2, w_1), …, (k, w_l); ``biases``: (w_1,), …, (k,); as float64. ``rounding``: the
    unit roundoff of the type in which the model itself computes, 2^-24 for float32 and 2^-53 for
    float64: its own scores differ from these by its rounding.
    """

    offset: FloatArray
    scale: FloatArray
    weights: tuple[FloatArray, ...]
    biases: tuple[FloatArray, ...]
    rounding: float

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return the scores, in float64: (n, d) -> (n, k)."""
        x = (raw - self.offset) / self.scale
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            x = np.maximum(x @ weight.T + bias, 0.0)
        return np.asarray(x @ self.weights[-1].T + self.biases[-1])
