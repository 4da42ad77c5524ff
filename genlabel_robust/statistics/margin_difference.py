"""The difference between the median margins of two sides on the same rows."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr, stdtr, stdtrit

from genlabel_robust.core import FloatArray
from genlabel_robust.statistics.paired_median import PairedMedian, paired_median
from genlabel_robust.statistics.welch import welch


@dataclass(frozen=True)
class MarginDifference:
    """The median of paired differences of margins, within (``low``, ``high``), which may be inf.

    ``found``: the result over rows only, with every infinite margin at the largest known one.
    ``deviation``, ``freedom``: the standard error from seeds and its degrees of freedom; 0 where
    only rows count. ``one_sided``: the number of rows with an infinite margin on one side only.
    """

    found: PairedMedian
    low: float
    high: float
    deviation: float = 0.0
    freedom: float = 1.0
    one_sided: int = 0

    def as_paired_median(self) -> PairedMedian:
        """Return the difference with its whole interval; None stands for an infinite end."""
        ends = {"low": _finite(self.low), "high": _finite(self.high)}
        return PairedMedian(**{**self.found, **ends})  # type: ignore[typeddict-item]


def margin_difference(
    a: FloatArray, b: FloatArray, level: float, *, of_seeds: bool
) -> MarginDifference:
    """Estimate the median of a - b, of margins (S1, n) and (S2, n) of the same rows.

    Each row's margin is its median over the seeds. An infinite margin is only known to be larger
    than all finite ones. The value counts it as ``largest_known``, so that two infinite margins
    are a tie. If only one side is infinite, the difference may be of any size: the interval counts
    it as infinite where this makes the interval wider. The interval over rows is based on ranks
    alone. ``of_seeds``: combine it, by squares, with Welch's interval of the seeds' own medians,
    because other seeds would shift all rows together; needs two seeds on each side. Source: MOVER,
    Zou & Donner, Stat. Med. 27 (2008) 1693.
    """
    most = largest_known(a, b)
    known = np.minimum(a, most), np.minimum(b, most)
    found = paired_median(row_medians(known[0])[None], row_medians(known[1])[None], level)
    value, (low, high) = found["value"], (found["low"], found["high"])
    first, second = row_medians(a), row_medians(b)
    one_sided = int((np.isinf(first) != np.isinf(second)).sum())
    if one_sided:
        low, high = _ends(first, second, most, level)
    below = math.inf if low is None else value - low
    above = math.inf if high is None else high - value
    if not of_seeds:
        return MarginDifference(found, value - below, value + above, one_sided=one_sided)
    deviation, freedom = _seeds(*known)
    half = float(stdtrit(freedom, (1.0 + level) / 2.0)) * deviation
    low, high = value - math.hypot(below, half), value + math.hypot(above, half)
    return MarginDifference(found, low, high, deviation, freedom, one_sided)


def p_of_drop(a: FloatArray, b: FloatArray, allowed: float, *, of_seeds: bool) -> float:
    """Return the p-value of the hypothesis that the median of a - b is at least ``allowed``.

    ``a`` (S1, n), ``b`` (S2, n): as in ``margin_difference``. It is the smallest p whose one-sided
    upper bound lies below ``allowed``: of the rows alone, that of the sign test. With seeds, the
    bound of every rank has its own p, the larger of the rank's and of that which Student's quantile
    of the seeds must have for the two to add up to ``allowed``; the smallest counts.
    """
    most = largest_known(a, b)
    known = np.minimum(a, most), np.minimum(b, most)
    differences = np.sort(row_medians(known[0]) - row_medians(known[1]))
    n = differences.size
    by_rows = float(bdtr(int((differences >= allowed).sum()), n, 0.5))
    deviation, freedom = _seeds(*known) if of_seeds else (0.0, 1.0)
    value = differences[(n - 1) // 2]
    if not deviation:
        return by_rows
    if value >= allowed:
        return max(by_rows, float(stdtr(freedom, (value - allowed) / deviation)))
    ranks = np.arange((n + 1) // 2)
    above, gap = differences[n - 1 - ranks] - value, allowed - value
    left = np.sqrt(np.maximum(gap**2 - above**2, 0.0))
    p_values = np.maximum(bdtr(ranks.astype(np.float64), n, 0.5), stdtr(freedom, -left / deviation))
    return float(p_values.min())


def row_medians(margins: FloatArray) -> FloatArray:
    """Return the median over seeds of each row's margin: (S, n) -> (n,)."""
    return np.asarray(np.quantile(margins, 0.5, axis=0, method="inverted_cdf"))


def largest_known(*sides: FloatArray) -> float:
    """Return the largest finite distance of ``sides``, 0 if there is none."""
    return max(float(side[np.isfinite(side)].max(initial=0.0)) for side in sides)


def _ends(
    first: FloatArray, second: FloatArray, most: float, level: float
) -> tuple[float | None, float | None]:
    """Return the interval of the median of ``first`` - ``second``, both (n,), None: infinite.

    A row whose margin is infinite on one side only has the difference that widens the interval.
    """
    beyond, before = np.isinf(first), np.isinf(second)
    known = np.minimum(first, most) - np.minimum(second, most)
    # finite, as ranks are all that counts, and farther than any two known margins are apart
    far = 3.0 * most + 1.0
    lowest = np.where(before & ~beyond, -far, known)
    highest = np.where(beyond & ~before, far, known)
    zero = np.zeros_like(known)[None]
    low = paired_median(lowest[None], zero, level)["low"]
    high = paired_median(highest[None], zero, level)["high"]
    return (
        None if low is None or low < -far / 2.0 else low,
        None if high is None or high > far / 2.0 else high,
    )


def _seeds(a: FloatArray, b: FloatArray) -> tuple[float, float]:
    """Return the standard error of the difference of the seeds' medians, and its freedom."""
    medians = [np.median(side, axis=1) for side in (a, b)]
    first, second = (float(m.var(ddof=1)) / len(m) for m in medians)
    freedom = float(welch(first, second, *map(len, medians)))
    return math.sqrt(first + second), freedom


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
