"""Nets of linear layers with ReLUs between them."""

from __future__ import annotations

from dataclasses import dataclass, replace

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

    @property
    def n_classes(self) -> int:
        """The number of classes k."""
        return len(self.biases[-1])

    def combined(self, matrix: FloatArray, shift: FloatArray | None = None) -> ReluNet:
        """Return the scores ``matrix`` (j, k) · scores + ``shift`` (j,) as a structure."""
        shift = np.zeros(len(matrix)) if shift is None else shift
        *sizes, (size, constant) = self.rounding_sizes()
        within, terms = np.abs(matrix), matrix.shape[1] + 2
        size = within @ (size + terms * np.abs(self.weights[-1]))
        constant = within @ (constant + terms * np.abs(self.biases[-1])) + terms * np.abs(shift)
        return replace(
            self,
            weights=(*self.weights[:-1], matrix @ self.weights[-1]),
            biases=(*self.biases[:-1], matrix @ self.biases[-1] + shift),
            sizes=(*sizes, (size, constant)),
        )

    def rounding_sizes(self) -> tuple[tuple[FloatArray, FloatArray], ...]:
        """Return ``sizes``, or those of plain layers."""
        if self.sizes is not None:
            return self.sizes
        return tuple(map(plain_sizes, self.weights, self.biases))


def plain_sizes(weight: FloatArray, bias: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the rounding sizes of ``weight`` (m, n) · h + ``bias`` (m,), in any order of sums.

    Each product is rounded once and each partial sum once, n + 1 times in all (Higham 2002, 3.1).
    """
    terms = weight.shape[1] + 1
    return terms * np.abs(weight), terms * np.abs(bias)
