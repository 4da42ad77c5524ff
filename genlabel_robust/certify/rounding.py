"""How far float32 logits can move a decision boundary."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from genlabel_robust.certify.affine import exact_distance
from genlabel_robust.certify.lattice_affine import lattice_distance
from genlabel_robust.certify.steps import Steps
from genlabel_robust.core.arrays import FloatArray, IntArray
from genlabel_robust.core.threat import Norm


def logit_rounding(weight: FloatArray, bias: FloatArray, u: FloatArray) -> FloatArray:
    """Return the most (n,) by which a float32 logit of an affine model can be off.

    ``weight`` (k, d), ``bias`` (k,), ``u`` (n, d): a logit is a sum of d products and a
    bias; input, weight and each operation are rounded to 2^-24 of the sum of sizes, at
    most d + 4 times in all (Higham 2002, 3.1).
    """
    size = (np.abs(u) @ np.abs(weight).T + np.abs(bias)).max(axis=1)
    return np.asarray((weight.shape[1] + 4) * 2.0**-24 * size)


def float32_distance(
    weight: FloatArray,
    bias: FloatArray,
    u: FloatArray,
    y: IntArray,
    low: FloatArray,
    high: FloatArray,
    norm: Norm,
    steps: Steps | None = None,
) -> FloatArray:
    """Return the least distance (n,) at which float32 logits can call another class.

    Arguments as in ``exact_distance``; ``steps``: what is not continuous, under L∞, where it is
    to count. Every rival is given the rounding of two logits
    as a head start, at the box's farthest corner, where logits are largest.
    """
    error = logit_rounding(weight, bias, np.maximum(np.abs(low), np.abs(high)))
    least = np.empty(len(u))
    for row in range(len(u)):
        part = slice(row, row + 1)
        ahead = np.where(np.arange(len(bias)) == y[row], 0.0, 2 * error[row])
        where = (weight, bias + ahead, u[part], y[part], low[part], high[part])
        least[row] = (
            exact_distance(*where, norm)
            if steps is None
            else lattice_distance(*where, replace(steps, held=steps.held[part]))
        )[0]
    return least
