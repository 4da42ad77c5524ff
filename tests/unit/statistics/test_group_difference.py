from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.core.errors import ConfigurationError, UnfinishedRunError
from genlabel_robust.statistics.group_difference import group_difference
from genlabel_robust.statistics.holm import adjusted_by_holm


def answers(right: int, n: int) -> np.ndarray:
    return (np.arange(n) < right)[None]


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        # Newcombe 1998, table II, method 10
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((5, 56), (0, 29), -0.0381, 0.1926),
    ],
)
def test_one_seed_has_the_published_interval_of_newcombe(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    found = group_difference(answers(*first), answers(*second)).estimate
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)
    assert found.method == "newcombe"


@pytest.mark.parametrize("seeds", [1, 4])
def test_the_interval_of_level_one_minus_p_ends_at_zero_or_where_fisher_s_test_is_stricter(
    seeds: int,
) -> None:
    rng = np.random.default_rng(1)
    at_zero = 0
    for _ in range(50):
        group, rest = rng.random((seeds, 200)) < 0.7, rng.random((seeds, 300)) < 0.6
        p = group_difference(group, rest).p_value
        again = group_difference(group, rest, 1 - p).estimate
        end = again.low if again.value > 0 else -again.high
        assert end > -1e-6
        at_zero += end < 1e-6
    assert 10 < at_zero < 50


def test_holm_holds_the_rate_of_false_alarms_of_many_small_groups() -> None:
    """300 samples without a difference: 10 groups of 20 rows, one of 800, and a rate of 98 %.

    At most 5 % may have a group that differs: more than 27 by chance in 0.1 % of the runs. With
    the p-values of the intervals alone, a fifth of them have one.
    """
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(11), [20] * 10 + [800])
    wrong = 0
    for _ in range(300):
        right = rng.random((1, 1000)) < 0.98
        p_values = [
            group_difference(right[:, groups == one], right[:, groups != one]).p_value
            for one in range(11)
        ]
        wrong += min(adjusted_by_holm(p_values)) <= 0.05
    assert wrong <= 27


def test_what_seeds_do_to_group_and_rest_alike_does_not_widen_the_interval() -> None:
    rng = np.random.default_rng(2)
    luck = np.array([0.3, 0.5, 0.7, 0.5, 0.4])[:, None]
    together = group_difference(rng.random((5, 300)) < luck, rng.random((5, 300)) < luck)
    apart = group_difference(rng.random((5, 300)) < luck, rng.random((5, 300)) < 1 - luck)
    widths = [found.estimate.high - found.estimate.low for found in (together, apart)]
    assert widths[0] < 0.2 < 0.4 < widths[1]


def test_seeds_that_agree_on_every_row_are_worth_one() -> None:
    group, rest = answers(30, 40), answers(20, 50)
    one = group_difference(group, rest).estimate
    five = group_difference(np.tile(group, (5, 1)), np.tile(rest, (5, 1))).estimate
    assert (five.low, five.high) == pytest.approx((one.low, one.high), abs=0.003)


def test_swapping_group_and_rest_mirrors_all_of_it() -> None:
    rng = np.random.default_rng(3)
    group, rest = rng.random((3, 30)) < 0.7, rng.random((3, 80)) < 0.6
    found, other = group_difference(group, rest), group_difference(rest, group)
    assert found.estimate.low == pytest.approx(-other.estimate.high)
    assert found.p_value == pytest.approx(other.p_value, rel=1e-6)


def test_no_difference_has_the_p_value_one_and_a_huge_one_the_least() -> None:
    assert group_difference(answers(10, 20), answers(30, 60)).p_value == 1.0
    assert group_difference(answers(5000, 5000), answers(0, 5000)).p_value == 1e-15


def test_other_seeds_and_empty_sides_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="2 seeds and rest 1"):
        group_difference(np.ones((2, 5), bool), np.ones((1, 5), bool))
    with pytest.raises(UnfinishedRunError):
        group_difference(np.ones((1, 0), bool), np.ones((1, 5), bool))
