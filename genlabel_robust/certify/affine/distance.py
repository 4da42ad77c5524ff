"""Exact distances to the decision boundary of an affine model, inside a box."""

import numpy as np

from genlabel_robust.certify.affine.fewest import most_gaining_first
from genlabel_robust.certify.affine.rivals import Rivals, nearest
from genlabel_robust.core import ConfigurationError, FloatArray, IntArray, unknown_name
from genlabel_robust.threat import NORMS, Norm, distance
from genlabel_robust.threat.shortest_step import shortest_step


def exact_distance(
    weight: FloatArray,
    bias: FloatArray,
    u: FloatArray,
    y: IntArray,
    low: FloatArray,
    high: FloatArray,
    norm: Norm,
) -> FloatArray:
    """Return the smallest perturbation (n,) that lets another class score as high as ``y``.

    The model's logits are ``weight`` (k, d) · u + ``bias`` (k,), in attack space. ``u``:
    (n, d) with labels ``y`` (n,); ``low``, ``high``: (n, d), each example's box, which
    contains it. Computed in float64.

    The distance is to the boundary, where the scores tie: 0 for a misclassified example,
    and also for one that ties with a rival of higher index, which ``argmax`` still calls
    correct. It is +inf where no point of the box ties. So an example is robust at ε if its
    distance exceeds ε. Raises ``ConfigurationError`` if shapes do not fit or a box does
    not contain its point, ``UnknownNameError`` for another norm.

    Source: without a box gap/||w||_q, q the dual norm (Hein & Andriushchenko 2017,
    1705.08475); with one, see ``gain``.
    """
    _check(weight, bias, u, y, low, high, norm)
    return nearest(weight, bias, u, y, low, high, lambda found, _: continuous(found, norm)[0])


def continuous(rivals: Rivals, norm: Norm) -> tuple[FloatArray, FloatArray]:
    """Return the distance (n, k) at which each rival closes its gap, and the step (n, k, d).

    The step is the shortest one that closes the gap; where the distance is +inf, the step with
    the largest gain. Under L0 each column is a feature with price 1.
    """
    if norm == "l0":
        gain = rivals.slope * rivals.room
        far, _, taken, _ = most_gaining_first(rivals.gap, gain, 1.0)
        return far, np.where(taken, np.sign(rivals.toward) * rivals.room, 0.0)
    step, reached = shortest_step(rivals.slope, rivals.room, rivals.gap, norm)
    return np.where(reached, distance(np.where(reached[..., None], step, 0.0), norm), np.inf), (
        np.sign(rivals.toward) * step
    )


def _check(
    weight: FloatArray,
    bias: FloatArray,
    u: FloatArray,
    y: IntArray,
    low: FloatArray,
    high: FloatArray,
    norm: Norm,
) -> None:
    if norm not in NORMS:
        raise unknown_name("norm", str(norm), NORMS)
    if weight.ndim != 2 or u.ndim != 2:
        raise ConfigurationError(
            f"weight has the shape {weight.shape} and u {u.shape}; they must be (k, d) and (n, d)"
        )
    (k, d), n = weight.shape, len(u)
    expected = {
        "bias": (bias, (k,)),
        "u": (u, (n, d)),
        "y": (y, (n,)),
        "low": (low, (n, d)),
        "high": (high, (n, d)),
    }
    for name, (array, shape) in expected.items():
        if array.shape != shape:
            raise ConfigurationError(
                f"{name} has the shape {array.shape}; with weight {weight.shape} and {n} rows "
                f"it must be {shape}"
            )
    if n and (y.min() < 0 or y.max() >= k):
        raise ConfigurationError(f"labels run from {y.min()} to {y.max()}; allowed: 0 … {k - 1}")
    outside = ~((low <= u) & (u <= high)).all(axis=1)
    if outside.any():
        raise ConfigurationError(
            f"{np.count_nonzero(outside)} of {n} boxes do not contain their point, the first is "
            f"that of row {np.argmax(outside)}; AttackSpace.box gives boxes that do"
        )
