from __future__ import annotations

import itertools

import numpy as np
import pytest

from genlabel_robust.statistics.holm import apply_holm
from genlabel_robust.statistics.margin_difference import (
    largest_known,
    margin_difference,
    p_of_drop,
)
from genlabel_robust.statistics.paired_median import paired_median

LEVEL = 0.9


def test_without_an_infinite_margin_the_interval_is_that_of_the_paired_median() -> None:
    a, b = np.random.default_rng(0).gamma(2.0, 0.1, (2, 1, 40))
    found = margin_difference(a, b, LEVEL, of_seeds=False)
    assert found.as_paired_median() == pytest.approx(paired_median(a, b, LEVEL))
    assert found.one_sided == 0


@pytest.mark.parametrize("seed", range(20))
def test_the_interval_contains_all_intervals_that_infinite_margins_allow(seed: int) -> None:
    """Enumerated: an infinite margin is the largest known one, a bit more, or much more.

    Rows that are infinite on both sides are ties by definition.
    """
    rng = np.random.default_rng(seed)
    a, b = rng.choice([0.0, 0.05, 0.1, 0.2], (2, 9))
    for side, other in ((a, b), (b, a)):
        side[rng.choice(9, 2, replace=False)] = np.inf
        side[np.isinf(other) & (rng.random(9) < 0.5)] = np.inf
    found = margin_difference(a[None], b[None], LEVEL, of_seeds=False)
    assert found.one_sided == int((np.isinf(a) != np.isinf(b)).sum())
    most = largest_known(a, b)
    alone = np.flatnonzero(np.isinf(a) != np.isinf(b))
    lows, highs = [], []
    for larger in itertools.product([most, most + 0.01, 1e6], repeat=len(alone)):
        sides = np.minimum(a, most), np.minimum(b, most)
        for row, value in zip(alone, larger, strict=True):
            sides[0 if np.isinf(a[row]) else 1][row] = value
        one = paired_median(sides[0][None], sides[1][None], LEVEL)
        lows.append(-np.inf if one["low"] is None else one["low"])
        highs.append(np.inf if one["high"] is None else one["high"])
    # a million stands for infinity
    for end, expected in ((found.low, min(lows)), (found.high, max(highs))):
        if abs(expected) > 1e5:
            assert abs(end) == np.inf
        else:
            assert end == pytest.approx(expected, abs=1e-9)
    assert found.low <= found.found["value"] <= found.high


def test_seeds_are_added_to_an_infinite_end_and_to_a_finite_one() -> None:
    rng = np.random.default_rng(1)
    a = rng.gamma(2.0, 0.1, (5, 60)) * rng.lognormal(0, 0.1, (5, 1))
    b = a * rng.lognormal(0, 0.1, (5, 1))
    alone = margin_difference(a, b, LEVEL, of_seeds=False)
    b[:, :40] = np.inf
    found = margin_difference(a, b, LEVEL, of_seeds=True)
    assert found.low == -np.inf
    assert np.isfinite(found.high)
    assert found.one_sided == 40
    assert found.as_paired_median()["low"] is None
    assert alone.deviation == 0.0 < found.deviation


@pytest.mark.parametrize("of_seeds", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_the_p_value_is_the_level_at_which_the_interval_ends_at_the_allowed_difference(
    seed: int, *, of_seeds: bool
) -> None:
    """So a correction of p-values corrects the verdicts that the intervals give."""
    rng = np.random.default_rng(seed)
    noise, n = rng.choice([0.0, 0.02, 0.1]), int(rng.choice([11, 60]))
    base = rng.gamma(4.0, 0.1, n)
    seeds = noise * rng.standard_normal((2, 6, 1))
    a, b = np.maximum(base + seeds + rng.normal(0, [[[0.1]], [[0.0]]], (2, 1, n)), 0.0)
    for allowed in (-0.2, -0.05, 0.0, 0.1):
        p = p_of_drop(a, b, allowed, of_seeds=of_seeds)
        assert 0.0 <= p <= 1.0
        if 1e-9 < p < 0.49:
            for factor, below in ((1 - 1e-6, False), (1 + 1e-6, True)):
                level = 1.0 - 2.0 * p * factor
                found = margin_difference(a, b, level, of_seeds=of_seeds)
                assert (found.high < allowed) == below
        elif p >= 0.49:
            assert not margin_difference(a, b, 0.1, of_seeds=of_seeds).high < allowed


def test_holm_holds_the_rate_of_false_failures_of_two_recipes() -> None:
    """1,000 pairs of endpoints at exactly the allowed difference, with noise of rows and of seeds.

    At most 5 % of the pairs may have a failure: more than 70 by chance in 0.2 % of the runs. With
    the larger of the rows' and the seeds' own p-values, 8.8 % have one.
    """
    rng = np.random.default_rng(0)
    n, seeds, wrong = 100, 5, 0
    for _ in range(1000):
        p_values = []
        for _ in range(2):
            before = 3.0 + np.zeros(n) + rng.normal(0, 0.05, (seeds, 1))
            now = 3.0 - 0.15 + rng.normal(0, 0.3, n) + rng.normal(0, 0.05, (seeds, 1))
            p_values.append(p_of_drop(now, before, -0.15, of_seeds=True))
        wrong += any(apply_holm(p_values))
    assert wrong <= 70
