from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.core.errors import ConfigurationError, UnfinishedRunError
from genlabel_robust.statistics.rates import rate


def test_one_seed_says_wilson_and_counts_its_rows() -> None:
    estimate = rate(np.arange(45)[None, :] < 40)
    assert estimate.value == pytest.approx(40 / 45)
    assert (estimate.method, estimate.n, estimate.level) == ("wilson", 45, 0.95)
    assert 0.0 < estimate.low < estimate.value < estimate.high < 1.0


def test_all_right_under_five_seeds_is_not_certain() -> None:
    estimate = rate(np.ones((5, 45), dtype=bool))
    assert (estimate.value, estimate.high) == (1.0, 1.0)
    assert estimate.low == pytest.approx(45 / (45 + 1.96**2), abs=1e-4)
    assert estimate.method == "two-level (seeds, rows)"
    assert estimate.n == 45


def test_all_wrong_mirrors_all_right() -> None:
    right, wrong = rate(np.ones((5, 45), dtype=bool)), rate(np.zeros((5, 45), dtype=bool))
    assert (wrong.low, wrong.value) == (0.0, 0.0)
    assert wrong.high == pytest.approx(1.0 - right.low)


def test_one_error_in_five_seeds_does_not_raise_the_lower_bound() -> None:
    correct = np.ones((5, 45), dtype=bool)
    without = rate(correct).low
    correct[2, 7] = False
    assert rate(correct).low < without


@pytest.mark.parametrize("right", [0, 1, 40, 45])
@pytest.mark.parametrize("n_seeds", [2, 5])
def test_seeds_that_agree_are_worth_one(right: int, n_seeds: int) -> None:
    one = np.arange(45)[None, :] < right
    single, several = rate(one), rate(np.tile(one, (n_seeds, 1)))
    assert (several.low, several.high) == pytest.approx((single.low, single.high))


def test_a_seed_that_fails_widens_the_interval() -> None:
    correct = np.tile(np.arange(100) < 90, (5, 1))
    steady = rate(correct)
    correct[0] = np.arange(100) < 45
    shaken = rate(correct)
    assert shaken.high - shaken.low > 2 * (steady.high - steady.low)


def test_a_higher_level_is_wider() -> None:
    correct = np.random.default_rng(0).random((5, 45)) < 0.8
    assert rate(correct, 0.99).low < rate(correct, 0.95).low < rate(correct, 0.8).low


def test_the_order_of_seeds_and_rows_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    correct = rng.random((5, 45)) < 0.8
    shuffled = correct[rng.permutation(5)][:, rng.permutation(45)]
    assert rate(shuffled).low == pytest.approx(rate(correct).low)


def test_nothing_evaluated_is_an_error() -> None:
    with pytest.raises(UnfinishedRunError):
        rate(np.ones((1, 0), dtype=bool))


def test_a_level_in_percent_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="level is 95"):
        rate(np.ones((1, 3), dtype=bool), 95)
