from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t as student

from genlabel_robust.paper.tables.noise import spread


def with_deviation(values, n, deviation):
    """Extend ``values`` to ``n`` values with the same mean and the given standard deviation."""
    further = np.resize([1.0, -1.0], n - len(values))
    own = ((values - values.mean()) ** 2).sum()
    size = np.sqrt((deviation**2 * (n - 1) - own) / len(further))
    return np.concatenate([values, values.mean() + size * further])


def test_a_mean_of_trials_against_one_of_five():
    values = with_deviation(np.array([0.7, 0.8, 0.9, 0.8, 0.8]), 25, 0.06)
    found = spread(values)
    assert found.error == pytest.approx(0.06 * (1 / 5 + 1 / 25) ** 0.5)
    assert found.degrees_of_freedom == pytest.approx(24)
    assert found.reach == pytest.approx(student.ppf(0.975, 24)) == pytest.approx(2.06, abs=0.01)


def test_what_the_attack_adds_has_a_spread_of_its_own():
    """By hand: s² (1/5 + 1/25) + t² (1/5 + 1/5) + 2 r s t (1/5 + 1/25), r = 1."""
    values = with_deviation(np.array([0.70, 0.72, 0.74, 0.76, 0.78]), 25, 0.05)
    shifts = np.array([0.00, 0.01, 0.02, 0.03, 0.04])
    t2 = 0.01**2 * 2.5
    own, rest = 0.05**2 * 0.24, t2 * 0.4 + 2 * 0.05 * t2**0.5 * 0.24
    found = spread(values, shifts)
    assert found.error == pytest.approx((own + rest) ** 0.5)
    freedom = (own + rest) ** 2 / (own**2 / 24 + rest**2 / 4)
    assert found.degrees_of_freedom == pytest.approx(freedom)
    # against each other they do not make the error smaller
    other = spread(values, shifts[::-1])
    assert other.error == pytest.approx((own + t2 * 0.4) ** 0.5)


def test_a_published_table_in_which_the_attacks_spread_decides():
    """openml:1413, genlabel-nn with a γ: 77.33 published, 73.24 here; 3.1 errors without it."""
    attacked, exact = np.array([36, 32, 33, 34, 31]) / 45, np.array([30, 31, 29, 31, 31]) / 45
    values = with_deviation(exact, 25, 0.02697354)
    assert (0.77333 - 0.73244) / spread(values).error == pytest.approx(3.09, abs=0.01)
    found = spread(values, attacked - exact)
    assert (0.77333 - 0.73244) / found.error == pytest.approx(1.13, abs=0.01)
    # most of it is known from five trials: chance reaches further than two errors
    assert 2.4 < found.reach < 2.8


def test_attack_shifts_that_are_always_alike_add_nothing():
    values = with_deviation(np.array([0.7, 0.8, 0.9, 0.8, 0.8]), 25, 0.06)
    assert spread(values, np.full(5, 0.02)) == spread(values)


def test_one_trial_and_trials_that_are_alike_tell_no_spread():
    many = np.array([0.7, 0.8, 0.9])
    assert spread(np.array([0.8])) is None
    assert spread(np.full(25, 0.8)) is None
    assert spread(many, np.array([0.05])) is None


def test_the_error_is_that_of_simulated_tables():
    """Published and measured tables drawn with the same spreads; the error is their deviation.

    20,000 tables: a mean of estimated variances is within 3 % of the variance, 6 deviations.
    """
    rng = np.random.default_rng(0)
    differences, squares = [], []
    for _ in range(20_000):
        exact, here = rng.normal(0.7, 0.04, 25), rng.normal(0.05, 0.03, 5)
        published = rng.normal(0.7, 0.04, 5) + rng.normal(0.05, 0.03, 5)
        differences.append(published.mean() - exact.mean() - here.mean())
        own = np.var(exact, ddof=1) * (1 / 5 + 1 / 25)
        squares.append(own + np.var(here, ddof=1) * (1 / 5 + 1 / 5))
    uncorrelated = spread(exact, here) if np.corrcoef(exact[:5], here)[0, 1] <= 0 else None
    assert uncorrelated is None or uncorrelated.error == pytest.approx(squares[-1] ** 0.5)
    assert np.mean(squares) == pytest.approx(np.var(differences), rel=0.03)
