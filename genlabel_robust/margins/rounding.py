"""How far float32 logits can move a decision boundary."""

from __future__ import annotations

import numpy as np

from genlabel_robust.core.arrays import FloatArray, IntArray
from genlabel_robust.core.threat import Norm


def rounding_slack(
    weight: FloatArray, bias: FloatArray, u: FloatArray, y: IntArray, norm: Norm
) -> FloatArray:
    """Return the most (n,) by which float32 rounding can shift an affine model's distance.

    ``weight`` (k, d), ``bias`` (k,), ``u`` (n, d), ``y`` (n,) as in ``exact_distance``. A
    logit is a sum of d products and a bias, each rounded to 2^-24 of the sum of their
    sizes at most d + 2 times (Higham 2002, 3.1); an error e of two logits moves their
    boundary by 2 e / ||w_y - w_k||_q, q the dual norm. Infinite where two classes have
    equal weights: nothing can be said there.
    """
    size = (np.abs(u) @ np.abs(weight).T + np.abs(bias)).max(axis=1)
    error = (weight.shape[1] + 2) * 2.0**-24 * size
    toward = weight[None, :, :] - weight[:, None, :]
    slope = np.linalg.norm(toward, ord=1 if norm == "linf" else 2, axis=2)
    np.fill_diagonal(slope, np.inf)
    with np.errstate(divide="ignore"):
        return np.asarray(2.0 * error / slope.min(axis=1)[y])
