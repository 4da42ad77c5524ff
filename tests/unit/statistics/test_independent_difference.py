from __future__ import annotations

import math

import numpy as np
import pytest

from genlabel_robust.statistics import independent_difference, independent_medians, rate


@pytest.mark.parametrize(
    ("a", "n", "b", "m", "low", "high"),
    [
        # Newcombe (1998), table II, method 10, cases (a) to (d)
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (6, 7, 2, 7, 0.0582, 0.8062),
        (5, 56, 0, 29, -0.0381, 0.1926),
    ],
)
def test_the_published_intervals_come_out(
    a: int, n: int, b: int, m: int, low: float, high: float
) -> None:
    found = independent_difference(np.arange(n)[None] < a, np.arange(m)[None] < b)
    assert found.value == pytest.approx(a / n - b / m)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert (found.method, found.n) == ("newcombe", min(n, m))


def test_seeds_widen_the_interval_by_what_they_differ() -> None:
    rng = np.random.default_rng(0)
    a = rng.random((5, 40)) < np.linspace(0.5, 0.9, 5)[:, None]
    b = rng.random((3, 60)) < 0.7
    found = independent_difference(a, b)
    first, second = rate(a), rate(b)
    half = math.hypot(first.value - first.low, second.high - second.value)
    assert found.low == pytest.approx(first.value - second.value - half)
    assert found.method == "mover of two rates"


def test_the_medians_are_covered_as_often_as_stated() -> None:
    """Of 600 pairs of samples at least 93 % are covered: by chance fewer in 1 of 40 runs."""
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(600):
        a, b = rng.exponential(1.0, (1, 60)) + 0.5, rng.exponential(1.0, (1, 90))
        found = independent_medians(a, b)
        assert found is not None
        assert found["low"] is not None
        assert found["high"] is not None
        hits += found["low"] <= 0.5 <= found["high"]
    assert hits >= 0.93 * 600


def test_a_median_beyond_what_was_found_has_no_difference() -> None:
    beyond, known = np.array([[1.0, np.inf, np.inf]]), np.array([[0.5, 1.0, 2.0]])
    assert independent_medians(beyond, known) is None
    found = independent_medians(known, known)
    assert found is not None
    assert (found["value"], found["low"], found["high"]) == (0.0, None, None)
