"""Exact arithmetic on the order of floats: float64 by rank, and casts of thresholds to float32."""

import numpy as np

from genlabel_robust.core import FloatArray, IntArray

_SIGN = np.int64(np.iinfo(np.int64).max)


def ordinal(x: FloatArray) -> IntArray:
    """Return the rank of each float64 among all, 0 at zero: neighbours differ by 1."""
    bits = np.ascontiguousarray(x, dtype=np.float64).view(np.int64)
    return np.asarray(np.where(bits < 0, -(bits & _SIGN), bits))


def at_ordinal(place: IntArray) -> FloatArray:
    """Return the float64 at each rank."""
    bits = np.abs(place).astype(np.int64)
    return np.asarray(np.copysign(bits.view(np.float64), np.where(place < 0, -1.0, 1.0)))


def between(low: IntArray, high: IntArray) -> IntArray:
    """Return the middle of two ranks, rounded down, without overflow."""
    return np.asarray((low & high) + ((low ^ high) >> 1))


def below(x: FloatArray) -> FloatArray:
    """Return the largest float64 below each value."""
    with np.errstate(over="ignore"):
        return np.nextafter(x, -np.inf)


def cut_of_float32(t: FloatArray, *, strict: bool = False) -> FloatArray:
    """Return the largest float64 whose cast to float32 is at most ``t``, or below it if ``strict``.

    ``t``: thresholds in float64, which need not be float32 values. So ``float32(x) <= t`` is
    equivalent to ``x <= cut`` for every finite x. The cast rounds to nearest, and ties to even.
    """
    t = np.asarray(t, dtype=np.float64)
    with np.errstate(over="ignore"):
        single = t.astype(np.float32)
        over = single.astype(np.float64) >= t if strict else single.astype(np.float64) > t
        # the largest float32 that is at most, or below, the threshold
        single = np.where(over, np.nextafter(single, np.float32(-np.inf)), single)
        after = np.nextafter(single, np.float32(np.inf))
    # numbers beyond the largest float32 are rounded as if there were one more
    largest = 2.0**128
    middle = (
        np.clip(single.astype(np.float64), -largest, largest)
        + np.clip(after.astype(np.float64), -largest, largest)
    ) / 2
    even = (np.abs(single).view(np.int32) & 1) == 0
    cut = np.where(even, middle, below(middle))
    return np.asarray(np.where(np.isposinf(single), np.inf, cut))
