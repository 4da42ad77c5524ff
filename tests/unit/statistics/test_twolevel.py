from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from genlabel_robust.statistics.twolevel import Spread, effective_rows, spread


def test_the_parts_add_up_to_the_unbiased_variance_of_the_mean() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(1, 40)) + rng.normal(size=(6, 1)) + rng.normal(size=(6, 40))
    n_seeds, n = values.shape
    # the textbook's two-way table without replication, sum of squares by sum of squares
    mean = values.mean()
    ss_rows = n_seeds * ((values.mean(axis=0) - mean) ** 2).sum()
    ss_seeds = n * ((values.mean(axis=1) - mean) ** 2).sum()
    ss_rest = ((values - mean) ** 2).sum() - ss_rows - ss_seeds
    ms_rest = ss_rest / ((n - 1) * (n_seeds - 1))
    expected = (ss_rows / (n - 1) + ss_seeds / (n_seeds - 1) - ms_rest) / values.size
    assert spread(values).variance == pytest.approx(expected)


def test_the_variance_found_is_right_on_average() -> None:
    # mean of 3,000 estimates: relative standard error about 1 %, the tolerance is 5 of them
    rng = np.random.default_rng(1)
    found = [
        spread(
            rng.normal(size=(1, 20))
            + 0.5 * rng.normal(size=(5, 1))
            + 0.7 * rng.normal(size=(5, 20))
        ).variance
        for _ in range(3000)
    ]
    assert np.mean(found) == pytest.approx(1 / 20 + 0.25 / 5 + 0.49 / 100, rel=0.05)


def test_the_variance_of_more_seeds_is_right_on_average() -> None:
    # of 3 seeds, for 12: the same tolerance of 5 standard errors
    rng = np.random.default_rng(4)
    found = [
        spread(
            rng.normal(size=(1, 60))
            + 2.0 * rng.normal(size=(3, 1))
            + 0.7 * rng.normal(size=(3, 60))
        )
        .with_seeds(12)
        .variance
        for _ in range(4000)
    ]
    assert np.mean(found) == pytest.approx(1 / 60 + 4.0 / 12 + 0.49 / (12 * 60), rel=0.08)


def test_a_variance_is_never_below_what_noise_explains() -> None:
    # rows balanced against seeds: both mean squares are 0, the rest is not
    values = np.array([[0.0, 1.0], [1.0, 0.0]])
    parts = spread(values)
    assert parts.from_rows == pytest.approx(0.25)
    assert parts.from_seeds == 0.0


def test_each_part_brings_its_own_quantile() -> None:
    only_rows = Spread(from_rows=0.04, from_seeds=0.0, n_rows=30, n_seeds=5)
    only_seeds = Spread(from_rows=0.0, from_seeds=0.04, n_rows=30, n_seeds=5)
    assert only_rows.half_width(0.95) == pytest.approx(0.2 * stats.t.ppf(0.975, 29))
    assert only_seeds.half_width(0.95) == pytest.approx(0.2 * stats.t.ppf(0.975, 4))


@pytest.mark.parametrize("right", [0, 1, 7, 19, 20])
def test_seeds_that_agree_on_every_row_are_worth_one_seed(right: int) -> None:
    outcomes = np.tile(np.arange(20) < right, (5, 1)).astype(np.float64)
    rows, quantile = effective_rows(outcomes, 0.95)
    assert rows == pytest.approx(20.0)
    assert quantile == pytest.approx(stats.norm.ppf(0.975))


def test_seeds_that_err_anywhere_are_worth_more_rows_but_never_more_than_answers() -> None:
    rng = np.random.default_rng(2)
    outcomes = (rng.random((5, 200)) < 0.6).astype(np.float64)
    rows, _ = effective_rows(outcomes, 0.95)
    assert 500.0 < rows <= 1000.0


def test_whole_seeds_that_go_wrong_are_worth_fewer_rows() -> None:
    outcomes = np.ones((5, 200))
    outcomes[0] = 0.0
    rows, quantile = effective_rows(outcomes, 0.95)
    assert rows < 10.0
    assert quantile == pytest.approx(stats.t.ppf(0.975, 4), rel=0.05)


@pytest.mark.parametrize("shape", [(2, 1), (5, 1), (2, 2)])
def test_the_smallest_tables_have_a_finite_answer(shape: tuple[int, int]) -> None:
    rows, quantile = effective_rows(np.ones(shape), 0.95)
    assert np.isfinite([rows, quantile]).all()
    assert 0.0 < rows <= np.prod(shape)
