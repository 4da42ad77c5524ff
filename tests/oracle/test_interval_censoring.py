"""The estimator for interval-censored values against published values, closed forms and search."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import CensoredData, ecdf

from genlabel_robust.statistics.interval_censored import IntervalDistribution, interval_distribution

INF = math.inf

#: Months until radiotherapy had changed the looks, of 46 patients: (low, high].
#: Source: Finkelstein & Wolfe, Biometrics 41 (1985) 933.
LOW = """
45 6 0 46 46 7 17 7 37 0 4 15 11 22 46 46 25 46 26 46 27 36 46
36 37 40 17 46 11 38 5 37 0 18 24 36 5 19 17 24 32 33 19 37 34 36
"""
HIGH = """
inf 10 7 inf inf 16 inf 14 44 8 11 inf 15 inf inf inf 37 inf 40 inf 34 44 inf
48 inf inf 25 inf 18 inf 12 inf 5 inf inf inf 11 35 25 inf inf inf 26 inf inf inf
"""
#: The estimate as the R package "interval" has it (Fay & Shaw, J. Stat. Softw. 36 (2010) 2).
PUBLISHED = {
    (4.0, 5.0): 0.0463,
    (6.0, 7.0): 0.0334,
    (7.0, 8.0): 0.0887,
    (11.0, 12.0): 0.0708,
    (24.0, 25.0): 0.0926,
    (33.0, 34.0): 0.0818,
    (38.0, 40.0): 0.1209,
    (46.0, 48.0): 0.4656,
}


def test_the_published_estimate_of_a_published_study() -> None:
    found = interval_distribution(*(np.array(ends.split(), float) for ends in (LOW, HIGH)))
    cells = zip(found.low.tolist(), found.high.tolist(), strict=True)
    assert dict(zip(cells, found.mass.round(4).tolist(), strict=True)) == PUBLISHED


@pytest.mark.parametrize("seed", range(20))
def test_right_censored_values_have_the_estimate_of_kaplan_and_meier(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, censored = rng.integers(1, 30, 40).astype(float), rng.random(40) < 0.4
    found = interval_distribution(values, np.where(censored, INF, values))
    known = ecdf(CensoredData.right_censored(values, censored)).cdf
    at = known.quantiles
    ours = [found.mass[found.high <= value].sum() for value in at]
    assert ours == pytest.approx(known.probabilities, abs=1e-7)


def chances(found: IntervalDistribution, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The probability (n,) that ``found`` gives to each interval."""
    known, point = (low == high)[:, None], found.low == found.high
    inside = (found.low >= low[:, None]) & (found.high <= high[:, None])
    # the low end belongs to a known value only
    inside &= np.where(known, point, ~point | (found.low > low[:, None]))
    return inside @ found.mass


def test_no_other_distribution_is_likelier() -> None:
    """400 small cases, ties on purpose.

    The log-likelihood is concave: where no move of a little mass to a point gains anything, no
    other distribution does.
    """
    rng = np.random.default_rng(1)
    for _ in range(400):
        n = int(rng.integers(1, 13))
        size = int(rng.choice([4, 8, 100]))
        low = rng.integers(0, size, n).astype(np.float64)
        high = low + rng.integers(0, size // 2 + 1, n).astype(np.float64)
        high[rng.random(n) < 0.2] = INF
        found = interval_distribution(low, high)
        assert found.mass.sum() == pytest.approx(1.0)
        assert (found.mass > 0).all()
        ends = np.unique(np.concatenate([low, high[np.isfinite(high)]]))
        points = np.concatenate([ends, (ends[1:] + ends[:-1]) / 2, [ends[-1] + 1.0]])[:, None]
        hit = np.where(low == high, points == low, (points > low) & (points <= high))
        assert (hit / chances(found, low, high)).sum(axis=1).max() <= n * (1 + 1e-7)
