"""Affine models: scores that are weighted sums of the raw features."""

from __future__ import annotations

from dataclasses import dataclass

from genlabel_robust.core.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Affine:
    """Scores ``weight`` (k, d) · raw + ``bias`` (k,), on raw features (d,) in float64.

    ``rounding``: the unit roundoff of the type in which the model itself computes, 2^-24 for
    float32 and 2^-53 for float64: its own scores differ from these by its rounding.
    """

    weight: FloatArray
    bias: FloatArray
    rounding: float

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return the scores: (n, d) -> (n, k)."""
        return raw @ self.weight.T + self.bias
