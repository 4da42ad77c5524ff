"""Affine models: scores that are weighted sums of the raw features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.structure.missing_and_codes import Codes, counted, with_codes
from genlabel_robust.structure.rounding import FLOAT64

#: A factor for the second-order terms of a first-order bound on rounding.
_SECOND = 1.01
#: Rounding operations of a score besides its sum: those of the input and the weight, and those of a
#: link function if the library decides by its result.
_BESIDE = 8


@dataclass(frozen=True, eq=False)
class Affine:
    """Scores ``weight`` (k, d) · raw + ``bias`` (k,), on raw features (d,) in float64.

    ``rounding``: the unit roundoff of the type in which the model itself computes, 2^-24 for
    float32 and 2^-53 for float64. The model's own scores differ from these by at most ``rounding``
    · (``gross`` (k, d) · |raw - ``origin`` (d,)| + ``gross_bias`` (k,)). If these three are None,
    the bound is that of a single sum of d products and a bias, on the raw features themselves.

    ``flags``: for each feature the number of another one, or -1: the feature counts only if the
    other is below 0.5, as for a number that can be missing. ``codes``: features that never change,
    each with what its codes 0, 1, … add to the scores (levels, k).
    """

    weight: FloatArray
    bias: FloatArray
    rounding: float
    origin: FloatArray | None = None
    gross: FloatArray | None = None
    gross_bias: FloatArray | None = None
    flags: IntArray | None = None
    codes: Codes = ()

    @property
    def n_classes(self) -> int:
        """The number of classes k."""
        return len(self.bias)

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return the scores, with the same bits for a row in any batch: (n, d) -> (n, k)."""
        scores = _product(raw * counted(self.flags, raw), self.weight) + self.bias
        return with_codes(scores, self.codes, raw)

    def combined(self, matrix: FloatArray, shift: FloatArray | None = None) -> Affine:
        """Return the scores ``matrix`` (j, k) · scores + ``shift`` (j,) as a structure."""
        size = np.abs(matrix)
        gross = None if self.gross is None else size @ self.gross
        gross_bias = None if self.gross_bias is None else size @ self.gross_bias
        return replace(
            self,
            weight=matrix @ self.weight,
            bias=matrix @ self.bias + (0.0 if shift is None else shift),
            gross=gross,
            gross_bias=gross_bias,
            codes=tuple((feature, added @ matrix.T) for feature, added in self.codes),
        )

    def error(self, low: FloatArray, high: FloatArray) -> FloatArray:
        """Return a bound (n, k) on the error of the model's own scores in a box.

        ``low``, ``high`` (n, d): the edges of the box, in raw units. Includes the rounding of
        ``scores`` in float64.
        """
        far = np.maximum(np.abs(low), np.abs(high))
        bias = np.abs(self.bias) + sum(np.abs(added).max(axis=0) for _, added in self.codes)
        here = self._own_sum(far, bias) * FLOAT64
        if self.gross is None or self.origin is None or self.gross_bias is None:
            return np.asarray(here + self._own_sum(far, bias) * self.rounding)
        away = np.maximum(np.abs(low - self.origin), np.abs(high - self.origin))
        # the origin is subtracted in float64
        here += self._own_sum(np.broadcast_to(np.abs(self.origin), far.shape), 0.0) * FLOAT64
        return np.asarray(here + self.rounding * (_product(away, self.gross) + self.gross_bias))

    def _own_sum(self, size: FloatArray, bias: FloatArray | float) -> FloatArray:
        """Return (n, k): the number of operations times the magnitudes that one sum adds up."""
        count = _SECOND * (self.weight.shape[1] + _BESIDE)
        return np.asarray(count * (_product(size, np.abs(self.weight)) + bias))


def chain(
    offset: FloatArray,
    scale: FloatArray,
    weights: Sequence[FloatArray],
    biases: Sequence[FloatArray],
    rounding: float,
) -> Affine:
    """Return consecutive linear layers on ``(raw - offset) / scale`` as one affine structure.

    ``weights``: (w_1, d), …, (k, w_l), ``biases``: (w_1,), …, (k,), the model's own, as float64.
    Layer i computes in the type of ``rounding`` u, each value as a sum of n_i products and a bias.
    Its output h_i is off by at most (n_i + 1) u (|W_i| |h_(i-1)| + |b_i|) to first order, and this
    error reaches the scores through the product of the later layers (Higham 2002, 3.5). The
    second-order term is at most (u Σ (n_i + 1))² times the product of all |W_i|. The scaled
    features are rounded once more.
    """
    after = [np.eye(len(weights[-1]))]
    for weight in reversed(weights[1:]):
        after.insert(0, after[0] @ weight)
    before, shift = np.diag(1 / scale), np.zeros(len(scale))
    size, size_shift = np.abs(before), np.abs(shift)
    gross, gross_bias = np.zeros((len(biases[-1]), len(scale))), np.zeros(len(biases[-1]))
    count = 1
    for number, (weight, bias, rest) in enumerate(zip(weights, biases, after, strict=True)):
        steps = weight.shape[1] + (2 if number == 0 else 1)
        count += steps
        through = np.abs(rest) @ np.abs(weight)
        gross += steps * through @ np.abs(before)
        gross_bias += steps * (through @ np.abs(shift) + np.abs(rest) @ np.abs(bias))
        before, shift = weight @ before, weight @ shift + bias
        size, size_shift = np.abs(weight) @ size, np.abs(weight) @ size_shift + np.abs(bias)
    twice = count**2 * rounding
    return Affine(
        weight=before,
        bias=shift - before @ offset,
        rounding=rounding,
        origin=offset,
        gross=_SECOND * (gross + twice * size),
        gross_bias=_SECOND * (gross_bias + twice * size_shift),
    )


def _product(rows: FloatArray, weight: FloatArray) -> FloatArray:
    """Return (n, d), (k, d) -> (n, k), with the same bits for a row in any batch."""
    return np.asarray(np.stack([(rows * one).sum(axis=1) for one in weight], axis=1))
