from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from genlabel_robust.core.errors import ConfigurationError, UnfinishedRunError
from genlabel_robust.statistics.mcnemar import mcnemar_midp
from genlabel_robust.statistics.noninferiority import Comparison, compare_checkpoints
from genlabel_robust.statistics.recipe_parts import Parts, Side, recipe_parts
from genlabel_robust.statistics.recipes import compare_recipes
from genlabel_robust.statistics.tango import tango
from genlabel_robust.statistics.twolevel import spread
from genlabel_robust.statistics.welch import welch

Z = 1.6448536269514722


def pair(gained: int, lost: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a candidate and a baseline that differ on the given numbers of ``n`` rows."""
    candidate = np.arange(n) % 2 == 0
    baseline = candidate.copy()
    candidate[:gained], baseline[:gained] = True, False
    candidate[gained : gained + lost], baseline[gained : gained + lost] = False, True
    return candidate, baseline


def recipe(
    seed: int, n_seeds: int, n: int = 300, shift: float = 0.0, luck: float = 0.3
) -> np.ndarray:
    """Draw correct rows (seeds, n); the difficulty of rows is the same for all seeds."""
    hard = 3.0 * np.random.default_rng(99).normal(size=n)
    rng = np.random.default_rng(seed)
    logits = 1.5 + hard + luck * rng.normal(size=(n_seeds, 1)) - shift
    drawn: np.ndarray = rng.random((n_seeds, n)) < 1.0 / (1.0 + np.exp(-logits))
    return drawn


def agrees(found: Comparison) -> bool:
    """Return whether decision, bounds and p-values are consistent."""
    above, below = found.difference.low > -found.max_drop, found.difference.high < -found.max_drop
    by_bounds = "pass" if above else "fail" if below else "inconclusive"
    by_p = (found.p_not_worse < 0.05, found.p_worse < 0.05)
    return found.decision == by_bounds and by_p == (above, below)


def test_a_checkpoint_s_bounds_are_tango_s() -> None:
    found = compare_checkpoints(*pair(12, 30, 500), 0.02)
    assert found.difference.value == pytest.approx(-18 / 500)
    assert (found.difference.low, found.difference.high) == pytest.approx(tango(12, 30, 500, Z))
    assert (found.difference.method, found.difference.n) == ("tango", 500)
    assert found.difference.level == pytest.approx(0.9)
    assert (found.gained, found.lost, found.max_drop) == (12, 30, 0.02)


def test_mcnemar_s_test_is_beside_the_verdict() -> None:
    candidate, baseline = pair(12, 30, 500)
    assert compare_checkpoints(candidate, baseline, 0.02).evidence == mcnemar_midp(
        candidate, baseline
    )


@pytest.mark.parametrize(
    ("gained", "lost", "decision"), [(10, 10, "pass"), (10, 26, "inconclusive"), (5, 60, "fail")]
)
def test_a_checkpoint_passes_fails_or_stays_open(gained: int, lost: int, decision: str) -> None:
    assert compare_checkpoints(*pair(gained, lost, 1000), 0.02).decision == decision


@pytest.mark.parametrize("max_drop", [0.005, 0.02, 0.1])
@pytest.mark.parametrize("n", [30, 150, 400])
def test_p_values_and_bounds_of_checkpoints_never_disagree(n: int, max_drop: float) -> None:
    for gained in range(0, 13, 2):
        for lost in range(0, 17, 2):
            found = compare_checkpoints(*pair(gained, lost, n), max_drop)
            assert agrees(found)
            assert found.p_not_worse + found.p_worse == pytest.approx(1.0)


def test_a_drop_at_the_bound_has_a_p_value_of_five_percent() -> None:
    candidate, baseline = pair(12, 30, 500)
    low, high = tango(12, 30, 500, Z)
    assert compare_checkpoints(candidate, baseline, -low).p_not_worse == pytest.approx(0.05)
    assert compare_checkpoints(candidate, baseline, -high).p_worse == pytest.approx(0.05)


def test_one_more_lost_answer_is_never_better() -> None:
    p = [compare_checkpoints(*pair(8, lost, 400), 0.02).p_not_worse for lost in range(30)]
    assert all(np.diff(p) > 0.0)


@pytest.mark.parametrize(("gained", "lost", "max_drop"), [(1, 1, 0.02), (3, 4, 0.02), (2, 8, 0.01)])
def test_the_examples_needed_decide_at_the_same_rates(
    gained: int, lost: int, max_drop: float
) -> None:
    n = 150
    needed = compare_checkpoints(*pair(gained, lost, n), max_drop).needed
    assert needed is not None
    for size, decided in ((needed, True), (needed - 1, False)):
        low, high = tango(gained * size / n, lost * size / n, size, Z)
        assert (low > -max_drop or high < -max_drop) is decided


def test_nothing_more_is_needed_once_decided_or_when_nothing_would_do() -> None:
    assert compare_checkpoints(*pair(0, 0, 133), 0.02).needed is None
    # the observed drop is the allowed one: no number of examples tells them apart
    at_the_limit = compare_checkpoints(*pair(2, 6, 200), 0.02)
    assert (at_the_limit.decision, at_the_limit.needed) == ("inconclusive", None)
    nearly = compare_checkpoints(*pair(20, 60, 2000), 0.02 + 1e-6)
    assert (nearly.decision, nearly.needed) == ("inconclusive", None)


@pytest.mark.parametrize("max_drop", [0.0, -0.02, 1.0, 2.0, math.nan])
def test_a_drop_that_is_no_fraction_is_refused(max_drop: float) -> None:
    same = np.ones((5, 10), dtype=bool)
    with pytest.raises(ConfigurationError, match=r"max_drop is .* two points are 0\.02"):
        compare_checkpoints(same[0], same[0], max_drop)
    with pytest.raises(ConfigurationError, match=r"max_drop is .* two points are 0\.02"):
        compare_recipes(same, same, max_drop)


def test_checkpoints_on_different_rows_are_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"\(10,\) and \(9,\)"):
        compare_checkpoints(np.ones(10, dtype=bool), np.ones(9, dtype=bool), 0.02)


def test_nothing_evaluated_is_never_a_pass() -> None:
    with pytest.raises(UnfinishedRunError):
        compare_checkpoints(np.ones(0, dtype=bool), np.ones(0, dtype=bool), 0.02)
    with pytest.raises(UnfinishedRunError):
        compare_recipes(np.ones((5, 0), dtype=bool), np.ones((5, 0), dtype=bool), 0.02)


@pytest.mark.parametrize(("first", "second", "which"), [(4, 5, "candidate"), (5, 1, "baseline")])
def test_too_few_seeds_are_refused_with_what_to_do(first: int, second: int, which: str) -> None:
    missing = 5 - min(first, second)
    message = f"{which} has {min(first, second)} training seeds.* train {missing} more"
    with pytest.raises(ConfigurationError, match=message):
        compare_recipes(recipe(0, first), recipe(1, second), 0.02)


def test_recipes_on_different_rows_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="same test rows"):
        compare_recipes(recipe(0, 5, 300), recipe(1, 5, 299), 0.02)


def test_a_recipe_says_its_method_and_has_no_counts() -> None:
    found = compare_recipes(recipe(0, 5), recipe(1, 6), 0.02)
    assert found.difference.method == "two-level score (seeds by Welch's t, rows by Tango)"
    assert (found.gained, found.lost, found.evidence) == (None, None, None)
    assert found.difference.value == pytest.approx(recipe(0, 5).mean() - recipe(1, 6).mean())
    assert found.difference.n == 300


@pytest.mark.parametrize("n", [133, 268, 1000])
def test_recipes_that_agree_on_all_answers_have_the_bounds_of_a_checkpoint(n: int) -> None:
    same = np.tile(np.arange(n) % 3 > 0, (5, 1))
    found = compare_recipes(same, same, 0.02).difference
    assert (found.low, found.high) == pytest.approx((-(Z**2) / (n + Z**2), Z**2 / (n + Z**2)))


@pytest.mark.parametrize(("gained", "lost"), [(0, 4), (3, 9), (11, 2), (20, 20)])
def test_seeds_that_agree_are_worth_one(gained: int, lost: int) -> None:
    candidate, baseline = pair(gained, lost, 250)
    one = compare_checkpoints(candidate, baseline, 0.02).difference
    several = compare_recipes(np.tile(candidate, (5, 1)), np.tile(baseline, (9, 1)), 0.02)
    low, high = several.difference.low, several.difference.high
    # Tango's, or where the variance found is the larger one, its own
    wald = Z * math.sqrt(((gained + lost) / 250 - one.value**2) / 250)
    assert low == pytest.approx(min(one.low, one.value - wald))
    assert high == pytest.approx(max(one.high, one.value + wald))


@pytest.mark.parametrize("max_drop", [0.005, 0.02, 0.06])
def test_p_values_and_bounds_of_recipes_never_disagree(max_drop: float) -> None:
    decisions = set()
    for seed in range(60):
        candidate = recipe(seed, 5, shift=0.02 * seed, luck=0.01 * seed)
        found = compare_recipes(candidate, recipe(1000 + seed, 7, luck=0.2), max_drop)
        assert agrees(found)
        assert found.p_not_worse + found.p_worse == pytest.approx(1.0)
        decisions.add(found.decision)
    assert len(decisions) >= 2


def test_a_recipe_s_drop_at_the_bound_has_a_p_value_of_five_percent() -> None:
    candidate, baseline = recipe(0, 5, shift=0.5, luck=0.6), recipe(1, 8)
    found = compare_recipes(candidate, baseline, 0.02).difference
    assert found.high < 0.0
    assert compare_recipes(candidate, baseline, -found.low).p_not_worse == pytest.approx(0.05)
    assert compare_recipes(candidate, baseline, -found.high).p_worse == pytest.approx(0.05)


def test_a_recipe_far_beyond_doubt_has_a_small_p_value_and_no_warning() -> None:
    good, bad = np.ones((5, 400), dtype=bool), np.zeros((5, 400), dtype=bool)
    good[0, :3], bad[1, :7] = False, True
    assert compare_recipes(good, bad, 0.02).p_not_worse < 1e-6
    assert compare_recipes(bad, good, 0.02).decision == "fail"


def test_noisier_seeds_widen_the_bounds() -> None:
    def width(luck: float) -> float:
        found = compare_recipes(recipe(3, 5, luck=luck), recipe(4, 5, luck=luck), 0.02)
        return found.difference.high - found.difference.low

    assert width(1.5) > 1.5 * width(0.0)


@pytest.mark.parametrize("from_seeds", [0.0, 1e-30, 1e-22, 1e-14])
def test_next_to_nothing_from_seeds_leaves_the_normal_p_value(from_seeds: float) -> None:
    side = Side(n_seeds=5, from_seeds=from_seeds, flips=0.01)
    for value in np.linspace(-0.03, 0.03, 31):
        parts = Parts(float(value), row=0.02, candidate=side, baseline=side, n=700)
        z = (value + 0.02) / math.sqrt(parts.from_rows(-0.02))
        assert parts.p_value(-0.02) == pytest.approx(stats.norm.sf(z), rel=1e-4)


def test_swapping_the_recipes_mirrors_the_bounds() -> None:
    forth = compare_recipes(recipe(0, 5), recipe(1, 8, shift=0.4), 0.02).difference
    back = compare_recipes(recipe(1, 8, shift=0.4), recipe(0, 5), 0.02).difference
    assert (forth.value, forth.low, forth.high) == pytest.approx(
        (-back.value, -back.high, -back.low)
    )


def test_the_seeds_needed_decide_at_the_same_rates() -> None:
    candidate, baseline = recipe(0, 5, 3000, luck=0.4), recipe(1, 6, 3000, luck=0.4)
    found = compare_recipes(candidate, baseline, 0.03)
    assert found.decision == "inconclusive"
    assert found.needed is not None
    assert found.needed > 5
    parts = recipe_parts(candidate.astype(float), baseline.astype(float))
    assert parts.with_seeds(found.needed).p_value(-0.03) < 0.05
    assert parts.with_seeds(found.needed - 1).p_value(-0.03) > 0.05


def test_no_seeds_are_named_if_the_rows_are_too_few_or_all_is_decided() -> None:
    same = np.ones((5, 50), dtype=bool)
    few = compare_recipes(same, same, 0.02)
    assert (few.decision, few.needed) == ("inconclusive", None)
    enough = compare_recipes(np.ones((5, 133), dtype=bool), np.ones((5, 133), dtype=bool), 0.02)
    assert (enough.decision, enough.needed) == ("pass", None)


def test_as_many_seeds_as_there_are_find_what_was_found() -> None:
    parts = recipe_parts(recipe(0, 5).astype(float), recipe(1, 5).astype(float))
    again = parts.with_seeds(5)
    assert again.row == pytest.approx(parts.row)
    assert again.from_seeds == pytest.approx(parts.from_seeds)


def test_the_seeds_part_is_that_of_the_two_level_variance() -> None:
    candidate, baseline = recipe(0, 5, luck=1.0).astype(float), recipe(1, 9).astype(float)
    parts = recipe_parts(candidate, baseline)
    assert parts.candidate.from_seeds == pytest.approx(spread(candidate).from_seeds)
    assert parts.baseline.from_seeds == pytest.approx(spread(baseline).from_seeds)
    assert parts.candidate.from_seeds > 0.0


def test_flips_are_half_the_discordance_of_two_trainings() -> None:
    answers = recipe(0, 6).astype(float)
    pairs = [(answers[i] != answers[j]).mean() for i in range(6) for j in range(i)]
    parts = recipe_parts(answers, answers)
    assert parts.candidate.flips == pytest.approx(np.mean(pairs) / 2)


def test_welch_s_degrees_of_freedom_are_the_textbook_s() -> None:
    assert float(welch(1.0, 1.0, 5, 5)) == pytest.approx(8.0)
    assert float(welch(1.0, 0.0, 5, 9)) == pytest.approx(4.0)
    assert float(welch(0.0, 1e-300, 5, 9)) == pytest.approx(8.0)
    assert float(welch(2.0, 1.0, 5, 9)) == pytest.approx(9.0 / (4.0 / 4 + 1.0 / 8))
    assert float(welch(0.0, 0.0, 5, 9)) == 12.0
