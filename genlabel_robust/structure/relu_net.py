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

    ``sizes``: for each layer a matrix S as of its weight and a vector t as of its bias, such that
    what the model computes from inputs h differs from ``weight · h + bias`` by at most
    ``rounding · (S |h| + t)``, to first order in ``rounding``. None where each layer is a single
    matrix product and a sum in the model too: see ``plain_sizes``. A layer that was folded from
    several needs more, as what cancels in the folded numbers did not in the model.
    """

    offset: FloatArray
    scale: FloatArray
    weights: tuple[FloatArray, ...]
    biases: tuple[FloatArray, ...]
    rounding: float
    sizes: tuple[tuple[FloatArray, FloatArray], ...] | None = None

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return the scores, in float64: (n, d) -> (n, k)."""
        x = (raw - self.offset) / self.scale
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            x = np.maximum(x @ weight.T + bias, 0.0)
        return np.asarray(x @ self.weights[-1].T + self.biases[-1])

    def rounding_sizes(self) -> tuple[tuple[FloatArray, FloatArray], ...]:
        """Return ``sizes``, or those of plain layers."""
        if self.sizes is not None:
            return self.sizes
        return tuple(map(plain_sizes, self.weights, self.biases))


def plain_sizes(weight: FloatArray, bias: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the rounding sizes of ``weight`` (m, n) · h + ``bias`` (m,), in any order of sums.

    Each term is rounded at most n + 1 times (Higham 2002, 3.1); one more for numbers that were
    not quite the model's own.
    """
    terms = weight.shape[1] + 2
    return terms * np.abs(weight), terms * np.abs(bias)
