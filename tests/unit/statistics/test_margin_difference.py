from __future__ import annotations

import itertools

import numpy as np
import pytest

from genlabel_robust.statistics.margin_difference import largest_known, margin_difference
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
