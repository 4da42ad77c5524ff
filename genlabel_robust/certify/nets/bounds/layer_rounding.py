"""How far what a model computes in its own type can be off a layer's exact values."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.structure import ReluNet

#: What is lost by each number that is too small for its type, with room for sums of them.
TINY = 1e-35
#: Sizes from which on float32 may overflow.
HUGE = 1e30


@dataclass(frozen=True, eq=False)
class LayerRounding:
    """The rounding of one layer of w values, of v inputs.

    ``terms`` (w, v), ``constant`` (w,): as of ``ReluNet.sizes``; ``share``: of these sizes, what
    a value can be off; ``least``: what it can be off in any case.
    """

    terms: FloatArray
    constant: FloatArray
    share: float
    least: float

    def of(self, inputs: FloatArray) -> FloatArray:
        """Return how far each value, (…, w), can be off for inputs up to ``inputs`` (…, v)."""
        size = inputs @ self.terms.T + self.constant
        return np.where(size < HUGE, self.share * size + self.least, np.inf)

    def of_inputs(self, left: IntArray) -> LayerRounding:
        """Return the rounding where all inputs but ``left`` are exactly 0."""
        return replace(self, terms=self.terms[:, left])

    def of_outputs(self, left: IntArray) -> LayerRounding:
        """Return the rounding of the values ``left`` alone."""
        return replace(self, terms=self.terms[left], constant=self.constant[left])


def layer_roundings(net: ReluNet) -> list[LayerRounding]:
    """Return the rounding of each layer of ``net``."""
    # γ_n = n u / (1 - n u) of Higham 2002, 3.1, and other terms of second order
    spent = 8 * max(max(weight.shape) for weight in net.weights) * net.rounding
    share = net.rounding / (1 - spent) if spent < 1 else np.inf
    return [
        LayerRounding(terms, constant, share, TINY * terms.shape[1])
        for terms, constant in net.rounding_sizes()
    ]
