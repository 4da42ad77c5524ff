"""Intervals against published tables, scipy's own, and the binomial distribution itself."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from genlabel_robust.statistics import quantile_summary, rate
from genlabel_robust.statistics.wilson import wilson


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_agrees_with_newcombe_1998(right: int, n: int, low: float, high: float) -> None:
    # Newcombe, Statistics in Medicine 17 (1998) 857, table I, method 3
    estimate = rate(np.arange(n)[None, :] < right)
    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("right", "n"), [(0, 1), (1, 1), (3, 7), (44, 45), (45, 45), (600, 1000)])
@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_wilson_agrees_with_scipy(right: int, n: int, level: float) -> None:
    peer = stats.binomtest(right, n).proportion_ci(level, method="wilson")
    estimate = rate(np.arange(n)[None, :] < right, level)
    assert (estimate.low, estimate.high) == pytest.approx((peer.low, peer.high), abs=1e-12)


def test_wilson_s_bounds_are_where_the_score_test_turns() -> None:
    for p, n in ((0.3, 17.5), (0.9, 400.0)):
        for bound in wilson(p, n, 2.2):
            assert abs(p - bound) / np.sqrt(bound * (1 - bound) / n) == pytest.approx(2.2)


@pytest.mark.parametrize(("n", "low", "high"), [(6, 1, 6), (8, 1, 8), (10, 2, 9), (20, 6, 15)])
def test_the_median_s_order_statistics_agree_with_the_tables(n: int, low: int, high: int) -> None:
    # the 95 % ranks of the sign test, as in Conover, Practical Nonparametric Statistics
    interval = quantile_summary(np.arange(1.0, n + 1)[None, :])["median_interval"]
    assert (interval["low"], interval["high"]) == (low, high)


@pytest.mark.parametrize("n", [6, 9, 30, 101])
@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_the_median_s_ranks_cover_and_no_closer_pair_does(n: int, level: float) -> None:
    interval = quantile_summary(np.arange(1.0, n + 1)[None, :], level)["median_interval"]
    if interval["high"] is None:
        assert 1 - 2 * 0.5**n < level
        return
    low = int(interval["low"] or 0)
    outside = 2 * stats.binom.cdf(low - 1, n, 0.5)
    closer = 2 * stats.binom.cdf(low, n, 0.5)
    assert 1 - outside >= level > 1 - closer
