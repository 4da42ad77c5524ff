from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.core.errors import ConfigurationError, UnfinishedRunError
from genlabel_robust.statistics.differences import paired_difference

Z2 = 1.959963984540054**2


def outcomes(seed: int, n_seeds: int, n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    hard = rng.random(n)
    return rng.random((n_seeds, n)) < 1.2 * hard, rng.random((n_seeds, n)) < hard


@pytest.mark.parametrize("n_seeds", [1, 2, 5])
def test_without_discordance_the_bounds_are_z2_over_n_plus_z2(n_seeds: int) -> None:
    a = np.tile(np.arange(133) < 100, (n_seeds, 1))
    estimate = paired_difference(a, a)
    bound = Z2 / (133 + Z2)
    assert estimate.value == 0.0
    assert (estimate.low, estimate.high) == pytest.approx((-bound, bound))
    assert "tango" in estimate.method


@pytest.mark.parametrize("n_seeds", [1, 5])
def test_swapping_the_sides_mirrors_the_interval(n_seeds: int) -> None:
    a, b = outcomes(0, n_seeds)
    forth, back = paired_difference(a, b), paired_difference(b, a)
    assert (forth.value, forth.low, forth.high) == pytest.approx(
        (-back.value, -back.high, -back.low)
    )


def test_the_method_says_which_it_was() -> None:
    a, b = outcomes(0, 5)
    assert paired_difference(a[:1], b[:1]).method == "tango"
    assert paired_difference(a, b).method == "two-level t (seeds, rows)"
    nearly = a.copy()
    nearly[0, 0] = ~nearly[0, 0]
    floored = paired_difference(a, nearly)
    assert floored.method == "two-level t (seeds, rows), floored at tango without discordance"
    assert floored.high - floored.low == pytest.approx(2 * Z2 / (60 + Z2))


def test_pairing_is_by_row() -> None:
    a, _ = outcomes(1, 5)
    b = a.copy()
    b[:, :3] = ~b[:, :3]
    paired = paired_difference(a, b)
    unpaired = paired_difference(a, np.roll(b, 7, axis=1))
    assert paired.high - paired.low < 0.6 * (unpaired.high - unpaired.low)


def test_an_extreme_difference_stays_in_range() -> None:
    yes, no = np.ones((1, 12), dtype=bool), np.zeros((1, 12), dtype=bool)
    estimate = paired_difference(yes, no)
    assert (estimate.value, estimate.high) == (1.0, 1.0)
    assert estimate.low == pytest.approx((12 - Z2) / (12 + Z2))
    both = paired_difference(np.tile(yes, (3, 1)), np.tile(no, (3, 1)))
    assert both.high == 1.0
    assert both.low < 1.0


def test_unequal_numbers_of_seeds_are_refused() -> None:
    a, b = outcomes(0, 5)
    with pytest.raises(ConfigurationError, match="same number of seeds"):
        paired_difference(a, b[:4])


def test_nothing_evaluated_is_an_error() -> None:
    empty = np.ones((2, 0), dtype=bool)
    with pytest.raises(UnfinishedRunError):
        paired_difference(empty, empty)
