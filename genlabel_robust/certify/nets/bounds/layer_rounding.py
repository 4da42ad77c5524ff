"""Bounds on the rounding error of a model's layers, computed in its own number type."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.structure import ReluNet

#: The loss per number that underflows its type, with room for sums of them.
TINY = 1e-35
#: Sizes above which float32 may overflow.
HUGE = 1e30


@dataclass(frozen=True, eq=False)
class LayerRounding:
    """The rounding error of one layer with w outputs and v inputs.

    ``terms`` (w, v), ``constant`` (w,): as in ``ReluNet.sizes``; ``share``: the error relative to
    these sizes; ``least``: the absolute error in any case.
    """

    terms: FloatArray
    constant: FloatArray
    share: float
    least: float

    def of(self, inputs: FloatArray) -> FloatArray:
        """Return the error of each output (…, w) for inputs of size up to ``inputs`` (…, v)."""
        size = inputs @ self.terms.T + self.constant
        return np.where(size < HUGE, self.share * size + self.least, np.inf)

    def of_inputs(self, left: IntArray) -> LayerRounding:
        """Return the rounding where all inputs but those in ``left`` are exactly 0."""
        return replace(self, terms=self.terms[:, left])

    def of_outputs(self, left: IntArray) -> LayerRounding:
        """Return the rounding of the outputs ``left`` only."""
        return replace(self, terms=self.terms[left], constant=self.constant[left])


def layer_roundings(net: ReluNet) -> list[LayerRounding]:
    """Return the rounding of each layer of ``net``."""
    # γ_n = n u / (1 - n u) of Higham 2002, 3.1, and other second-order terms
    spent = 8 * max(max(weight.shape) for weight in net.weights) * net.rounding
    share = net.rounding / (1 - spent) if spent < 1 else np.inf
    return [
        LayerRounding(terms, constant, share, TINY * terms.shape[1])
        for terms, constant in net.rounding_sizes()
    ]
