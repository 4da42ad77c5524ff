from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, wilcoxon

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.statistics.paired_median import paired_median

RNG = np.random.default_rng(0)


def pair(n, shift, seeds=1):
    b = RNG.gamma(2.0, size=(seeds, n))
    return b + RNG.normal(shift, 1.0, size=(seeds, n)), b


def test_one_seed_has_the_order_statistics_that_the_binomial_allows():
    a, b = pair(41, 0.3)
    ordered = np.sort((a - b)[0])
    rank = int(binom.ppf(0.025, 41, 0.5))
    found = paired_median(a, b)
    assert found["value"] == pytest.approx(ordered[20])
    assert (found["low"], found["high"]) == pytest.approx((ordered[rank - 1], ordered[-rank]))


def test_the_interval_of_one_seed_covers_the_median_as_often_as_it_says():
    # the exact coverage of n = 30 is 0.957; 400 draws fall below 0.92 once in 2,000 runs
    covered = [
        (found["low"] <= 0.5 <= found["high"])
        for found in (paired_median(*pair(30, 0.5)) for _ in range(400))
    ]
    assert np.mean(covered) >= 0.92


def test_the_test_is_wilcoxons_on_the_means_over_seeds():
    a, b = pair(60, 0.2, seeds=3)
    expected = wilcoxon(a.mean(axis=0), b.mean(axis=0)).pvalue
    assert paired_median(a, b)["p_value"] == pytest.approx(expected)


def test_swapping_the_sides_changes_the_sign_and_nothing_else():
    a, b = pair(61, 0.4)
    one, other = paired_median(a, b), paired_median(b, a)
    assert one["value"] == pytest.approx(-other["value"])
    assert (one["low"], one["high"]) == pytest.approx((-other["high"], -other["low"]))
    assert one["p_value"] == pytest.approx(other["p_value"])


def test_equal_sides_do_not_differ():
    b = pair(20, 0.0)[1]
    found = paired_median(b, b)
    assert (found["value"], found["low"], found["high"], found["p_value"]) == (0, 0, 0, 1)


def test_too_few_rows_have_no_bounds():
    found = paired_median(*pair(5, 0.0))
    assert (found["low"], found["high"]) == (None, None)


@pytest.mark.parametrize("b", [np.ones((1, 3)), np.array([[1.0, np.inf, 2.0, 3.0]])])
def test_what_cannot_be_paired_is_refused(b):
    with pytest.raises(ConfigurationError, match="finite"):
        paired_median(np.ones((1, 4)), b)
