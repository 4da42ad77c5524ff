"""The difference of two rates on the same rows, under the same seeds."""

import numpy as np
from scipy.special import ndtri

from genlabel_robust.core import BoolArray, ConfigurationError, FloatArray
from genlabel_robust.statistics.estimate import Estimate, bounded
from genlabel_robust.statistics.panel import check_level, panel
from genlabel_robust.statistics.tango import tango
from genlabel_robust.statistics.twolevel import Spread, spread

TANGO = "tango"
TWO_LEVEL = "two-level t (seeds, rows)"
TWO_LEVEL_FLOOR = "two-level t (seeds, rows), floored at tango without discordance"


def paired_difference(a: BoolArray, b: BoolArray, level: float = 0.95) -> Estimate:
    """Estimate mean(a) - mean(b), paired by seed and row; both (seeds, n).

    One seed: Tango's score interval. More: the t interval of ``twolevel.Spread`` on
    the differences, but never narrower than Tango's for n pairs that all agree,
    ±z²/(n + z²): the variance of a handful of discordant answers is too small to be
    trusted. ``method`` says which of the two was used. A one-sided 95 % bound is an
    end of the interval at level 0.90. Raises ``ConfigurationError`` if the shapes
    differ, ``UnfinishedRunError`` if nothing was evaluated.
    """
    check_level(level)
    difference = _difference(a, b)
    n_seeds, n = difference.shape
    if n_seeds > 1:
        return _two_level(float(difference.mean()), spread(difference), level)
    only_a = int(np.count_nonzero(difference > 0))
    only_b = int(np.count_nonzero(difference < 0))
    value, z = float(difference.mean()), float(ndtri((1.0 + level) / 2.0))
    low, high = tango(only_a, only_b, n, z)
    return bounded(value, low, high, least=-1.0, level=level, method=TANGO, n=n)


def with_more_seeds(a: BoolArray, b: BoolArray, n_seeds: int, level: float = 0.95) -> Estimate:
    """Predict the result of ``paired_difference`` with ``n_seeds`` seeds.

    Assumes the difference and the variances of ``a`` and ``b`` (seeds, n), which need at least
    two seeds. Raises the errors of ``paired_difference``.
    """
    check_level(level)
    difference = _difference(a, b)
    return _two_level(float(difference.mean()), spread(difference).with_seeds(n_seeds), level)


def _difference(a: BoolArray, b: BoolArray) -> FloatArray:
    first, second = panel(a, "a"), panel(b, "b")
    if first.shape != second.shape:
        raise ConfigurationError(
            f"a has the shape {first.shape} and b {second.shape}; a paired difference needs the "
            "same number of seeds and the same rows on both sides: train the missing seeds"
        )
    return first - second


def _two_level(value: float, parts: Spread, level: float) -> Estimate:
    z, n = float(ndtri((1.0 + level) / 2.0)), parts.n_rows
    half, floor = parts.half_width(level), z**2 / (n + z**2)
    method = TWO_LEVEL if half >= floor else TWO_LEVEL_FLOOR
    low, high = value - max(half, floor), value + max(half, floor)
    return bounded(value, low, high, least=-1.0, level=level, method=method, n=n)
