"""Tango's score interval for the difference of two paired proportions."""

import math
from typing import Any, TypeVar

import numpy as np

from genlabel_robust.core import FloatArray

#: One number, or an array of many.
Floats = TypeVar("Floats", float, FloatArray)

#: Bisections of an interval of length at most 2: more than the digits of a double.
_HALVINGS = 60


def null_variance(b: Floats, c: Floats, n: float, delta: float) -> Floats:
    """Return the variance of b - c if the true difference is ``delta``.

    ``delta`` lies in [-1, 1]. The variance is n(2q + Δ(1 - Δ)), with q the most likely share of
    c-pairs under Δ. ``b``, ``c``: numbers or arrays, not necessarily whole; with n = 1 they are
    shares, and the variance is that of one pair.
    Source: Tango, Statistics in Medicine 17 (1998) 891.
    """
    sqrt: Any = np.sqrt
    larger: Any = np.maximum
    # numpy takes ten times as long for one number, and a bound needs a hundred
    if not isinstance(b, np.ndarray) and not isinstance(c, np.ndarray):
        sqrt, larger = math.sqrt, max
    linear = (2.0 * n - b + c) * delta - b - c
    constant = -c * delta * (1.0 - delta)
    root = sqrt(larger(linear**2 - 8.0 * n * constant, 0.0))
    q = (root - linear) / (4.0 * n)
    variance: Floats = larger(n * (2.0 * q + delta * (1.0 - delta)), 0.0)
    return variance


def tango(b: float, c: float, n: float, quantile: float) -> tuple[float, float]:
    """Return the bounds (low, high) of (b - c)/n.

    ``b``: pairs where only the first is right, ``c``: only the second, of ``n`` pairs.
    A difference is in the interval if the score test does not reject it:
    (b - c - nΔ)² <= quantile² · ``null_variance``. Without a discordant pair the bounds
    are ±z²/(n + z²).
    Source: Tango, Statistics in Medicine 17 (1998) 891.
    """
    b, c = float(b), float(c)
    estimate = (b - c) / n

    def accepted(delta: float) -> bool:
        return (b - c - n * delta) ** 2 <= quantile**2 * null_variance(b, c, n, delta)

    def bound(outside: float) -> float:
        # bisection, because both ends of the bracket can be roots of the score equation
        # (at ±1, and at the estimate itself when b = c = 0): they are never evaluated
        inside = estimate
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2.0
            if accepted(middle):
                inside = middle
            else:
                outside = middle
        return inside

    return bound(-1.0), bound(1.0)
