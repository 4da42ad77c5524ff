"""Tango's interval against published examples and a score test inverted by brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from genlabel_robust.statistics import paired_difference
from genlabel_robust.statistics.tango import tango

Z95, Z90 = 1.959963984540054, 1.6448536269514722


def test_the_interval_agrees_with_tango_s_own_examples() -> None:
    # Tango 1998: sleeping difficulties (32 pairs, 9 and 3), 95 %; contact lenses
    # (44 pairs, 0 and 1), lower bound at 90 %
    assert tango(9, 3, 32, Z95) == pytest.approx((-0.027, 0.390), abs=5e-4)
    assert tango(0, 1, 44, Z90)[0] == pytest.approx(-0.096, abs=5e-4)


def test_the_interval_agrees_with_other_implementations() -> None:
    # airway hyper-responsiveness (21 pairs, 1 and 7): Fagerland, Lydersen & Laake 2014;
    # 28 and 25 of 618 at 90 %: R's PropCIs::scoreci.mp(25, 28, 618)
    assert tango(1, 7, 21, Z95) == pytest.approx((-0.517, -0.026), abs=5e-4)
    assert tango(28, 25, 618, Z90) == pytest.approx((-0.0148, 0.0247), abs=5e-5)


def score(b: int, c: int, n: int, delta: float) -> float:
    """Score statistic of Δ, the nuisance share found by numerical maximisation."""

    def surprise(q: float) -> float:
        # q: share of c-pairs, q + Δ of b-pairs, the rest agree
        shares = ((b, q + delta), (c, q), (n - b - c, 1.0 - 2.0 * q - delta))
        return -sum(count * math.log(max(share, 1e-300)) for count, share in shares if count)

    bounds = (max(0.0, -delta), (1.0 - delta) / 2.0)
    q = minimize_scalar(surprise, bounds=bounds, method="bounded", options={"xatol": 1e-12}).x
    return (b - c - n * delta) / math.sqrt(n * (2.0 * q + delta * (1.0 - delta)))


@pytest.mark.parametrize(
    ("b", "c", "n"), [(3, 1, 20), (0, 4, 30), (12, 12, 40), (30, 2, 45), (1, 0, 150), (5, 5, 10)]
)
def test_the_bounds_are_where_a_brute_force_score_test_turns(b: int, c: int, n: int) -> None:
    low, high = tango(b, c, n, Z95)
    assert score(b, c, n, low) == pytest.approx(Z95, rel=1e-3)
    assert score(b, c, n, high) == pytest.approx(-Z95, rel=1e-3)
    for inside in np.linspace(low, high, 23)[1:-1]:
        assert abs(score(b, c, n, float(inside))) < Z95


@pytest.mark.parametrize("n", [1, 44, 133, 268, 100_000])
def test_without_discordant_pairs_the_bounds_have_their_closed_form(n: int) -> None:
    bound = Z90**2 / (n + Z90**2)
    assert tango(0, 0, n, Z90) == pytest.approx((-bound, bound))


def test_the_gate_s_smallest_sample_sizes_are_the_ones_it_promises() -> None:
    # one-sided 95 %: δ = 2 points is excluded from 133 rows on, δ = 1 point from 268
    for n, delta in ((133, 0.02), (268, 0.01)):
        for rows, excluded in ((n, True), (n - 1, False)):
            same = np.ones((1, rows), dtype=bool)
            assert (paired_difference(same, same, 0.9).low > -delta) is excluded


@pytest.mark.parametrize("n", [2, 12, 400])
def test_total_discordance_reaches_one_and_its_closed_form(n: int) -> None:
    inner = (n - Z95**2) / (n + Z95**2)
    assert tango(n, 0, n, Z95) == pytest.approx((inner, 1.0))
    assert tango(0, n, n, Z95) == pytest.approx((-1.0, -inner))


def test_swapping_the_sides_mirrors_the_bounds() -> None:
    for b, c, n in ((3, 9, 32), (0, 2, 17), (6, 6, 13)):
        low, high = tango(b, c, n, Z95)
        assert tango(c, b, n, Z95) == pytest.approx((-high, -low))
