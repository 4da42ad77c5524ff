from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from genlabel_robust.core.errors import GenlabelRobustError
from genlabel_robust.statistics.quantiles import quantile_summary

INF = math.inf


def test_quantiles_are_distances_that_were_found() -> None:
    summary = quantile_summary(np.arange(1.0, 101.0)[None, ::-1])
    assert [summary[q] for q in ("q05", "q25", "median", "q75")] == [5.0, 25.0, 50.0, 75.0]
    assert summary["censored"] == 0.0


def test_a_quantile_beyond_the_censored_ones_is_none() -> None:
    summary = quantile_summary(np.array([[0.0, 0.1, 0.2, 0.3, INF, INF, INF, INF]]))
    assert summary["median"] == 0.3
    assert summary["q75"] is None
    assert summary["censored"] == 0.5
    interval = summary["median_interval"]
    assert (interval["low"], interval["high"]) == (0.0, None)


def test_a_median_just_past_the_last_finite_distance_is_none() -> None:
    assert quantile_summary(np.array([[0.0, 0.1, INF, INF, INF]]))["median"] is None


def test_all_censored_has_no_quantile_at_all() -> None:
    summary = quantile_summary(np.full((5, 20), INF))
    assert summary["q05"] is summary["median"] is summary["median_interval"]["low"] is None
    assert summary["censored"] == 1.0


def test_misclassified_examples_count_as_zero() -> None:
    assert quantile_summary(np.array([[0.0, 0.0, 0.0, 0.4]]))["median"] == 0.0


def test_too_few_rows_leave_the_median_s_interval_open() -> None:
    interval = quantile_summary(np.array([[0.1, 0.2, 0.3, 0.4, 0.5]]))["median_interval"]
    assert (interval["low"], interval["high"]) == (0.0, None)


@pytest.mark.parametrize("n", [12, 45, 60, 61, 150, 1000])
def test_seeds_that_agree_do_not_narrow_the_interval(n: int) -> None:
    one = np.random.default_rng(0).exponential(size=(1, n))
    single = quantile_summary(one)["median_interval"]
    five = quantile_summary(np.tile(one, (5, 1)))["median_interval"]
    assert single["low"] is not None
    assert single["high"] is not None
    assert five["low"] is not None
    assert five["high"] is not None
    assert five["low"] <= single["low"]
    assert five["high"] >= single["high"]
    assert five["method"] != single["method"]


def test_seeds_that_draw_afresh_are_worth_no_more_than_the_distinct_rows() -> None:
    distances = np.random.default_rng(0).exponential(size=(5, 100))
    low = quantile_summary(distances)["median_interval"]["low"]
    assert low is not None
    # 0.5 - 1.96 / (2 sqrt(100)); five times the rows would give 0.456
    assert 0.39 <= (distances < low).mean() <= 0.402


def test_seeds_that_differ_widen_the_interval() -> None:
    rng = np.random.default_rng(0)
    rows = rng.exponential(size=(1, 100))
    steady = quantile_summary(np.tile(rows, (5, 1)))["median_interval"]
    moved = quantile_summary(rows * np.array([[0.2], [0.5], [1.0], [2.0], [5.0]]))[
        "median_interval"
    ]
    assert moved["low"] is not None
    assert moved["high"] is not None
    assert steady["low"] is not None
    assert steady["high"] is not None
    assert moved["high"] - moved["low"] > 2 * (steady["high"] - steady["low"])


@pytest.mark.parametrize("bad", [math.nan, -0.1])
def test_a_distance_that_is_none_is_an_error(bad: float) -> None:
    with pytest.raises(GenlabelRobustError, match="negative or NaN"):
        quantile_summary(np.array([[0.1, bad]]))


@given(
    arrays(
        np.float64,
        array_shapes(min_dims=2, max_dims=2, max_side=9),
        elements=st.sampled_from([0.0, 0.1, 0.25, 1.0, INF]) | st.floats(0, 10),
    )
)
def test_quantiles_ascend_and_are_json(distances: np.ndarray) -> None:
    summary = quantile_summary(distances)
    json.dumps(summary, allow_nan=False)
    interval = summary["median_interval"]
    for chain in (
        [summary["q05"], summary["q25"], summary["median"], summary["q75"]],
        [interval["low"], summary["median"], interval["high"]],
    ):
        numbers = [INF if value is None else value for value in chain]
        assert numbers == sorted(numbers)
    for value, share in ((summary["q25"], 0.25), (summary["median"], 0.5), (summary["q75"], 0.75)):
        if value is not None:
            assert (distances <= value).mean() >= share - 1e-9
            assert (distances < value).mean() < share
