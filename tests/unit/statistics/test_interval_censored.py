from __future__ import annotations

import math

import numpy as np
import pytest

from genlabel_robust.core.errors import ConfigurationError, GenlabelRobustError
from genlabel_robust.statistics.interval_censored import interval_distribution

INF = math.inf


def cells(low: list[float], high: list[float]) -> list[tuple[float, float, float]]:
    found = interval_distribution(np.array(low), np.array(high))
    columns = (found.low, found.high, found.mass.round(9))
    return list(zip(*(c.tolist() for c in columns), strict=True))


def test_known_values_have_their_shares() -> None:
    assert cells([3.0, 1.0, 1.0, 2.0], [3.0, 1.0, 1.0, 2.0]) == [
        (1.0, 1.0, 0.5),
        (2.0, 2.0, 0.25),
        (3.0, 3.0, 0.25),
    ]


def test_disjoint_intervals_have_their_shares() -> None:
    assert cells([0.0, 0.0, 1.0, 2.0], [1.0, 1.0, 2.0, INF]) == [
        (0.0, 1.0, 0.5),
        (1.0, 2.0, 0.25),
        (2.0, INF, 0.25),
    ]


def test_an_interval_that_may_be_either_is_shared_as_the_others_are() -> None:
    # of the decided, a quarter lies within 1
    found = cells([0.0, 1.0, 1.0, 1.0, 0.0], [1.0, INF, INF, INF, INF])
    assert found == [(0.0, 1.0, 0.25), (1.0, INF, 0.75)]


def test_an_interval_does_not_hold_its_low_end_and_holds_its_high_end() -> None:
    assert cells([1.0, 1.0], [1.0, 2.0]) == [(1.0, 1.0, 0.5), (1.0, 2.0, 0.5)]
    assert cells([2.0, 1.0], [2.0, 2.0]) == [(2.0, 2.0, 1.0)]


def test_mass_goes_to_known_values_inside_an_interval() -> None:
    found = cells([1.0, 1.0, 2.0, 0.0, 5.0], [1.0, 1.0, 2.0, 3.0, 5.0])
    assert found == [
        (1.0, 1.0, pytest.approx(8 / 15)),
        (2.0, 2.0, pytest.approx(4 / 15)),
        (5.0, 5.0, 0.2),
    ]


def test_values_that_may_be_infinite() -> None:
    assert cells([INF, 1.0, 0.5], [INF, INF, 0.5]) == [
        (0.5, 0.5, pytest.approx(1 / 3)),
        (INF, INF, pytest.approx(2 / 3)),
    ]


@pytest.mark.parametrize("n", [1, 2, 3, 4, 9, 10, 60, 61])
@pytest.mark.parametrize("q", [0.05, 0.25, 0.5, 0.75])
def test_quantiles_of_known_values_are_order_statistics(n: int, q: float) -> None:
    values = np.random.default_rng(n).permutation(n).astype(float)
    rank = math.ceil(round(q * n, 9))
    assert interval_distribution(values, values).quantile(q) == (rank - 1.0, rank - 1.0)


def test_a_quantile_is_known_up_to_the_interval_that_it_lies_in() -> None:
    found = interval_distribution(np.array([0.0, 0.0, 1.0, 2.0]), np.array([1.0, 1.0, 2.0, INF]))
    assert [found.quantile(q) for q in (0.05, 0.5, 0.51, 0.8, 1.0)] == [
        (0.0, 1.0),
        (0.0, 1.0),
        (1.0, 2.0),
        (2.0, INF),
        (2.0, INF),
    ]


def test_a_thousand_known_values_and_a_few_wide_intervals_take_no_time() -> None:
    """A table of a thousand unknowns is never built: known values between two ends are one."""
    values = np.random.default_rng(0).exponential(size=20_000)
    wide = np.arange(20_000) % 10 == 0
    low, high = np.where(wide, np.floor(values * 2) / 2, values), np.where(wide, INF, values)
    found = interval_distribution(low, high)
    assert len(found.mass) == 18_000
    assert found.mass.sum() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("low", "high", "error", "told"),
    [
        ([2.0], [1.0], GenlabelRobustError, "low end is above its high end, or one is NaN"),
        ([math.nan], [1.0], GenlabelRobustError, "low end is above its high end, or one is NaN"),
        ([], [], ConfigurationError, "of one value at least"),
        ([1.0, 2.0], [3.0], ConfigurationError, r"low has the shape \(2,\) and high \(1,\)"),
    ],
)
def test_intervals_that_are_none_are_refused(
    low: list[float], high: list[float], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        interval_distribution(np.array(low), np.array(high))
