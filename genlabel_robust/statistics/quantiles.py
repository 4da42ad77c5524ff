"""Quantiles of distances, some of which are infinite because no attack succeeded."""

import math
from typing import TypedDict

import numpy as np
from scipy.special import bdtr

from genlabel_robust.core import FloatArray, GenlabelRobustError
from genlabel_robust.statistics.panel import check_level, panel
from genlabel_robust.statistics.twolevel import effective_rows


class Interval(TypedDict):
    """A median's interval; None stands for an infinite end."""

    low: float | None
    high: float | None
    level: float
    method: str


class QuantileSummary(TypedDict):
    """Quantiles of distances; None stands for an infinite one."""

    median: float | None
    q05: float | None
    q25: float | None
    q75: float | None
    censored: float
    median_interval: Interval


def quantile_summary(distances: FloatArray, level: float = 0.95) -> QuantileSummary:
    """Summarise ``distances`` (seeds, n), +inf where no attack broke the example.

    A misclassified example has the distance 0. The q-quantile is the smallest distance within
    which a share q of the examples is broken (the inverse of the empirical
    distribution, all seeds pooled). It is always one of the distances, so nothing is
    interpolated toward infinity. ``censored`` is the share of +inf.

    The median's interval is distribution-free. One seed: order statistics l and
    n + 1 - l, with l the largest for which the binomial (n, 1/2) leaves at most
    (1 - level)/2 below it. More seeds: the pooled quantiles at 1/2 ± t/(2 sqrt(m)), with m and t
    from ``twolevel.effective_rows`` of "broken within the median", m at most n. With too few
    rows for the level it is from 0 to infinity. Raises ``GenlabelRobustError`` for NaN or a
    negative distance. Source: David & Nagaraja, Order Statistics (2003), 7.1; for several
    seeds, Woodruff, J. Am. Stat. Assoc. 47 (1952) 635.
    """
    check_level(level)
    table = panel(distances, "distances")
    if not (table >= 0.0).all():
        raise GenlabelRobustError("a distance is negative or NaN; it must be in [0, +inf]")
    ordered = np.sort(table, axis=None)
    return QuantileSummary(
        median=_at(ordered, _rank(ordered, 0.5)),
        q05=_at(ordered, _rank(ordered, 0.05)),
        q25=_at(ordered, _rank(ordered, 0.25)),
        q75=_at(ordered, _rank(ordered, 0.75)),
        censored=float(np.isinf(ordered).mean()),
        median_interval=_median_interval(table, ordered, level),
    )


def _rank(ordered: FloatArray, q: float) -> int:
    return math.ceil(q * ordered.size)


def _at(ordered: FloatArray, rank: int) -> float | None:
    """Return the order statistic of 1-based ``rank``; 0 below the first, None if infinite."""
    if rank < 1:
        return 0.0
    if rank > ordered.size or np.isinf(ordered[rank - 1]):
        return None
    return float(ordered[rank - 1])


def _median_interval(table: FloatArray, ordered: FloatArray, level: float) -> Interval:
    n_seeds, n = table.shape
    if n_seeds == 1:
        tails = bdtr(np.arange((n + 1) // 2, dtype=np.float64), n, 0.5)
        low = int(np.count_nonzero(tails <= (1.0 - level) / 2.0))
        high = n + 1 - low
        method = "order statistics (binomial)"
    else:
        median = ordered[_rank(ordered, 0.5) - 1]
        rows, quantile = effective_rows((table <= median).astype(np.float64), level)
        half = quantile / (2.0 * math.sqrt(min(rows, n)))
        # whole rows with all their seeds, so that seeds that agree give a row's own rank
        low = n_seeds * math.floor((0.5 - half) * n)
        high = ordered.size + 1 - low
        method = "order statistics, two-level (seeds, rows)"
    return Interval(
        low=_at(ordered, low), high=_at(ordered, high), level=float(level), method=method
    )
