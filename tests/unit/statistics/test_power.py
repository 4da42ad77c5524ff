from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.statistics.power import (
    MOST_ENUMERATED,
    checkpoint_power,
    detectable_drop,
    examples_needed,
)
from genlabel_robust.statistics.recipe_power import (
    recipe_detectable_drop,
    recipe_power,
    seeds_needed,
)
from genlabel_robust.statistics.tango import tango

Z = 1.6448536269514722


@pytest.mark.parametrize(
    ("n", "discordance", "max_drop", "drop"),
    [
        (40, 0.2, 0.1, 0.0),
        (40, 0.2, 0.1, 0.1),
        (60, 0.05, 0.04, -0.03),
        (25, 1.0, 0.3, 0.5),
    ],
)
def test_the_power_is_that_of_all_outcomes(
    n: int, discordance: float, max_drop: float, drop: float
) -> None:
    gained, lost = (discordance - drop) / 2, (discordance + drop) / 2
    passes = fails = 0.0
    for b in range(n + 1):
        for c in range(n + 1 - b):
            low, high = tango(b, c, n, Z)
            chance = stats.multinomial.pmf([b, c, n - b - c], n, [gained, lost, 1 - discordance])
            passes += chance * (low > -max_drop)
            fails += chance * (high < -max_drop)
    assert checkpoint_power(n, discordance, max_drop, drop) == pytest.approx(
        (passes, fails), abs=1e-9
    )


@pytest.mark.parametrize("drop", [0.0, 0.01])
@pytest.mark.parametrize("discordance", [0.02, 0.05, 0.1, 0.4])
def test_the_approximation_meets_the_enumeration_where_it_takes_over(
    discordance: float, drop: float
) -> None:
    n = MOST_ENUMERATED
    below = checkpoint_power(n, discordance, 0.01, drop)
    above = checkpoint_power(n + 1, discordance, 0.01, drop)
    assert below == pytest.approx(above, abs=0.01)


def test_the_known_sample_sizes_are_found_again() -> None:
    # (z[0.95] + z[0.8])² ψ/δ² = 773 and 1,546; Tango's score needs a few more where few
    # pairs differ
    assert detectable_drop(773, 0.05) == pytest.approx(0.02, rel=0.04)
    assert detectable_drop(1546, 0.1) == pytest.approx(0.02, rel=0.02)
    assert examples_needed(0.02, 0.05) == pytest.approx(773, rel=0.07)
    assert examples_needed(0.02, 0.1) == pytest.approx(1546, rel=0.03)


def test_above_the_enumeration_the_formula_holds_closely() -> None:
    z = stats.norm.ppf(0.95) + stats.norm.ppf(0.9)
    assert examples_needed(0.002, 0.1, 0.9) == pytest.approx(z**2 * 0.1 / 0.002**2, rel=0.01)


@pytest.mark.parametrize("power", [0.5, 0.8, 0.95])
def test_the_drop_and_the_examples_reach_their_power(power: float) -> None:
    drop = detectable_drop(400, 0.05, power)
    assert checkpoint_power(400, 0.05, drop)[0] >= power
    assert checkpoint_power(400, 0.05, drop - 1e-5)[0] < power
    n = examples_needed(0.03, 0.05, power)
    assert n is not None
    assert checkpoint_power(n, 0.05, 0.03)[0] >= power
    assert checkpoint_power(n - 1, 0.05, 0.03)[0] < power


def test_without_much_discordance_the_closed_form_is_the_limit() -> None:
    # 132 rows cannot pass at 2 points, however alike the answers are; 133 can
    assert checkpoint_power(132, 1e-6, 0.02)[0] < 1e-3
    assert checkpoint_power(133, 1e-6, 0.02)[0] > 0.999
    assert examples_needed(0.02, 1e-6) == 133


def test_no_number_in_reach_is_none() -> None:
    assert examples_needed(1e-5, 0.5) is None
    assert seeds_needed(100, 0.01, 0.05, 0.02) is None


def test_a_pass_gets_rarer_and_a_failure_likelier_with_the_true_drop() -> None:
    drops = (-0.02, 0.0, 0.02, 0.04)
    for rates in (
        [checkpoint_power(800, 0.06, 0.02, drop) for drop in drops],
        [recipe_power(800, 5, 0.01, 0.06, 0.02, drop) for drop in drops],
    ):
        passes, fails = zip(*rates, strict=True)
        assert all(np.diff(passes) < 0.0)
        assert all(np.diff(fails) >= 0.0)


def test_more_seeds_more_rows_and_calmer_seeds_help_a_recipe() -> None:
    base = recipe_power(500, 5, 0.01, 0.05, 0.02)[0]
    assert recipe_power(500, 10, 0.01, 0.05, 0.02)[0] > base
    assert recipe_power(2000, 5, 0.01, 0.05, 0.02)[0] > base
    assert recipe_power(500, 5, 0.005, 0.05, 0.02)[0] > base
    assert recipe_power(500, 5, 0.01, 0.02, 0.02)[0] > base


def test_with_endless_rows_a_recipe_s_power_is_that_of_a_t_test() -> None:
    # noncentral t of 2 x 6 seeds: Welch's degrees of freedom are a little fewer
    effect = 0.02 / (0.01 * math.sqrt(2 / 6))
    pooled = float(stats.nct.sf(stats.t.ppf(0.95, 10), 10, effect))
    found = recipe_power(10**8, 6, 0.01, 0.05, 0.02)[0]
    assert pooled - 0.02 < found < pooled + 0.002


@pytest.mark.parametrize("power", [0.7, 0.9])
def test_a_recipe_s_drop_and_seeds_reach_their_power(power: float) -> None:
    drop = recipe_detectable_drop(1000, 5, 0.005, 0.05, power)
    assert recipe_power(1000, 5, 0.005, 0.05, drop)[0] >= power
    assert recipe_power(1000, 5, 0.005, 0.05, drop - 1e-4)[0] < power
    seeds = seeds_needed(1000, 0.015, 0.05, 0.02, power)
    assert seeds is not None
    assert recipe_power(1000, seeds, 0.015, 0.05, 0.02)[0] >= power
    assert recipe_power(1000, seeds - 1, 0.015, 0.05, 0.02)[0] < power


def test_the_fewest_seeds_are_five() -> None:
    assert seeds_needed(5000, 0.0001, 0.01, 0.05) == 5


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="n is 0"):
        checkpoint_power(0, 0.05, 0.02)
    with pytest.raises(ConfigurationError, match="discordance is 5"):
        checkpoint_power(100, 5, 0.02)
    with pytest.raises(ConfigurationError, match=r"drop is 0\.03 and discordance 0\.02"):
        checkpoint_power(100, 0.02, 0.02, 0.03)
    with pytest.raises(ConfigurationError, match="max_drop is 2"):
        checkpoint_power(100, 0.05, 2)
    with pytest.raises(ConfigurationError, match="power is 80"):
        detectable_drop(100, 0.05, 80)
    with pytest.raises(ConfigurationError, match="power is 1"):
        examples_needed(0.02, 0.05, 1)
    with pytest.raises(ConfigurationError, match=r"2 examples .* evaluate more"):
        detectable_drop(2, 1.0, 0.99)


def test_a_recipe_that_cannot_be_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="4 training seeds"):
        recipe_power(100, 4, 0.01, 0.05, 0.02)
    with pytest.raises(ConfigurationError, match="seed_noise is 1"):
        recipe_power(100, 5, 1, 0.05, 0.02)
    with pytest.raises(ConfigurationError, match="drop is 1"):
        recipe_power(100, 5, 0.01, 0.05, 0.02, 1)
    with pytest.raises(ConfigurationError, match="pass no drop at all"):
        recipe_detectable_drop(1, 5, 0.5, 1.0, 0.999)
