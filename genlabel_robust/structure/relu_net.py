"""Nets of linear layers with ReLUs between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.structure.missing_and_codes import Codes, counted, with_codes


@dataclass(frozen=True, eq=False)
class ReluNet:
    """Linear layers with a ReLU after each except the last, on raw features (d,).

    The first layer takes ``(raw - offset) / scale``, ``offset`` and ``scale`` (d,). ``weights``:
    (w_1, d), (w_2, w_1), …, (k, w_l); ``biases``: (w_1,), …, (k,); as float64. ``rounding``: the
    unit roundoff of the type in which the model itself computes, 2^-24 for float32 and 2^-53 for
    float64; the model's own scores differ from these by rounding errors.

    ``sizes``: for each layer a matrix S with the shape of its weight and a vector t with the shape
    of its bias, such that what the model computes from inputs h differs from ``weight · h + bias``
    by at most ``rounding · (S |h| + t)``, to first order in ``rounding``. None if each layer is a
    single matrix product and a sum in the model too: see ``plain_sizes``. A layer that was folded
    from several needs more, because terms that cancel in the folded numbers do not cancel in the
    model.

    ``flags``: for each feature the number of another one, or -1: the feature counts only if the
    other is below 0.5, as for a number that can be missing. ``codes``: features that never change,
    each with what its codes 0, 1, … add to the values before the first ReLUs, (levels, w_1); the
    first of ``sizes`` covers them.
    """

    offset: FloatArray
    scale: FloatArray
    weights: tuple[FloatArray, ...]
    biases: tuple[FloatArray, ...]
    rounding: float
    sizes: tuple[tuple[FloatArray, FloatArray], ...] | None = None
    flags: IntArray | None = None
    codes: Codes = ()

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return the scores, in float64: (n, d) -> (n, k)."""
        return self.values(raw)[-1]

    def values(self, raw: FloatArray, alone: bool = False) -> list[FloatArray]:
        """Return the values before each layer's ReLUs, (n, w_1), …, and the scores (n, k).

        ``alone``: whether to multiply each row separately, so that other rows cannot affect its
        last bits.
        """
        product = _alone if alone else np.matmul
        x = (raw - self.offset) / self.scale
        if self.flags is not None:
            x *= counted(self.flags, raw)
        first = product(x, self.weights[0].T) + self.biases[0]
        found = [with_codes(first, self.codes, raw)]
        for weight, bias in zip(self.weights[1:], self.biases[1:], strict=True):
            found.append(product(np.maximum(found[-1], 0.0), weight.T) + bias)
        return found

    def lead_gradient(self, raw: FloatArray, y: int) -> FloatArray:
        """Return the gradient (n, d) of the lead of class ``y`` over the best other class."""
        return self.lead_gradient_at(self.values(raw), raw, y)

    def lead_gradient_at(
        self, values: list[FloatArray], raw: FloatArray, y: int | IntArray, alone: bool = False
    ) -> FloatArray:
        """Return ``lead_gradient`` from the known ``values`` of ``raw``.

        ``y``: the class, or that of each row (n,); ``alone``: as for ``values``.
        """
        product = _alone if alone else np.matmul
        *hidden, scores = values
        scores = scores.copy()
        scores[np.arange(len(scores)), y] = -np.inf
        slope = self.weights[-1][y] - self.weights[-1][scores.argmax(axis=1)]
        for weight, z in zip(self.weights[-2::-1], hidden[::-1], strict=True):
            slope = product(slope * (z > 0), weight)
        return np.asarray(slope * counted(self.flags, raw) / self.scale)

    def at(self, raw: FloatArray) -> ReluNet:
        """Return the net for rows with the codes and missing values of ``raw`` (d,)."""
        if self.flags is None and not self.codes:
            return self
        row = raw[None]
        counts = counted(self.flags, row)[0]
        (size, constant), *sizes = self.rounding_sizes()
        return replace(
            self,
            weights=(self.weights[0] * counts, *self.weights[1:]),
            biases=(with_codes(self.biases[0][None].copy(), self.codes, row)[0], *self.biases[1:]),
            sizes=((size * counts, constant), *sizes),
            flags=None,
            codes=(),
        )

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
        """Return ``sizes``, or the sizes of plain layers if there are none."""
        return self._plain_sizes if self.sizes is None else self.sizes

    @cached_property
    def _plain_sizes(self) -> tuple[tuple[FloatArray, FloatArray], ...]:
        return tuple(map(plain_sizes, self.weights, self.biases))


def _alone(rows: FloatArray, matrix: FloatArray) -> FloatArray:
    """Return ``rows`` (n, v) @ ``matrix`` (v, w), with each row multiplied separately."""
    return np.asarray((rows[:, None] @ matrix)[:, 0])


def plain_sizes(weight: FloatArray, bias: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the rounding sizes of ``weight`` (m, n) · h + ``bias`` (m,), summed in any order.

    Each product and each partial sum is rounded once, n + 1 times in all (Higham 2002, 3.1).
    """
    terms = weight.shape[1] + 1
    return terms * np.abs(weight), terms * np.abs(bias)
