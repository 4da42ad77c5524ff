"""The difference between the median margins of two sides on the same rows."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from genlabel_robust.core import FloatArray
from genlabel_robust.statistics.paired_median import PairedMedian, paired_median
from genlabel_robust.statistics.welch import welch


@dataclass(frozen=True)
class MarginDifference:
    """The median of paired differences of margins, within (``low``, ``high``), which may be inf.

    ``found``: the result over rows only. ``deviation``, ``freedom``: the standard error from seeds
    and its degrees of freedom; 0 where only rows count.
    """

    found: PairedMedian
    low: float
    high: float
    deviation: float = 0.0
    freedom: float = 1.0

    def as_paired_median(self) -> PairedMedian:
        """Return the difference with its whole interval; None stands for an infinite end."""
        ends = {"low": _finite(self.low), "high": _finite(self.high)}
        return PairedMedian(**{**self.found, **ends})  # type: ignore[typeddict-item]


def margin_difference(
    a: FloatArray, b: FloatArray, level: float, *, of_seeds: bool
) -> MarginDifference:
    """Estimate the median of a - b, of finite margins (S1, n) and (S2, n) of the same rows.

    Each row's margin is its median over the seeds. The interval over rows is based on ranks alone.
    ``of_seeds``: combine it, by squares, with Welch's interval of the seeds' own medians, because
    other seeds would shift all rows together; needs two seeds on each side. Source: MOVER, Zou &
    Donner, Stat. Med. 27 (2008) 1693.
    """
    found = paired_median(row_medians(a)[None], row_medians(b)[None], level)
    below = math.inf if found["low"] is None else found["value"] - found["low"]
    above = math.inf if found["high"] is None else found["high"] - found["value"]
    if not of_seeds:
        return MarginDifference(found, found["value"] - below, found["value"] + above)
    deviation, freedom = _seeds(a, b)
    half = float(stdtrit(freedom, (1.0 + level) / 2.0)) * deviation
    low, high = found["value"] - math.hypot(below, half), found["value"] + math.hypot(above, half)
    return MarginDifference(found, low, high, deviation, freedom)


def row_medians(margins: FloatArray) -> FloatArray:
    """Return the median over seeds of each row's margin: (S, n) -> (n,)."""
    return np.asarray(np.quantile(margins, 0.5, axis=0, method="inverted_cdf"))


def largest_known(a: FloatArray, b: FloatArray) -> float:
    """Return the largest finite distance of either side.

    If both sides cap larger margins at this distance, those rows are ties.
    """
    known = np.concatenate([side[np.isfinite(side)] for side in (a, b)])
    return float(known.max(initial=0.0))


def _seeds(a: FloatArray, b: FloatArray) -> tuple[float, float]:
    """Return the standard error of the difference of the seeds' medians, and its freedom."""
    medians = [np.median(side, axis=1) for side in (a, b)]
    first, second = (float(m.var(ddof=1)) / len(m) for m in medians)
    freedom = float(welch(first, second, *map(len, medians)))
    return math.sqrt(first + second), freedom


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
