from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.gates.verdicts.endpoint import Endpoint
from genlabel_robust.gates.verdicts.margin import compare_margins
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.cells.panel import Panel

Make = Callable[..., CellResult]
MARGIN = Endpoint("margin", "iris", "vanilla", "mlp", None)
RNG = np.random.default_rng(0)
ROWS = RNG.uniform(0.1, 0.3, 301)


def compare(now: list[CellResult], then: list[CellResult], mode: str = "checkpoint"):
    return compare_margins(MARGIN, Panel(now), Panel(then), mode, 0.05, "iris")


@pytest.mark.parametrize(
    ("factor", "status"), [(1.0, "pass"), (1.1, "pass"), (0.8, "fail"), (0.95, "inconclusive")]
)
def test_a_share_of_the_median_may_be_lost(make_result: Make, factor: float, status: str) -> None:
    noise = np.random.default_rng(1).normal(0, 0.02, ROWS.size)
    verdict, p_worse = compare([make_result([factor * ROWS + noise])], [make_result([ROWS])])
    assert verdict.status == status
    assert verdict.figures.allowed == pytest.approx(-0.05 * np.median(ROWS))
    assert p_worse is not None
    assert (p_worse < 0.05) == (status == "fail")


def test_what_no_attack_found_is_a_tie_and_not_a_difference(make_result: Make) -> None:
    beyond = np.where(np.arange(301) < 250, np.inf, ROWS)
    verdict, _ = compare([make_result([beyond])], [make_result([beyond])])
    assert verdict.status == "pass"
    assert verdict.figures.difference["value"] == 0.0


def test_where_nothing_was_found_nothing_is_decided(make_result: Make) -> None:
    verdict, _ = compare([make_result([[np.inf] * 9])], [make_result([[np.inf] * 9])])
    assert verdict.status == "inconclusive"


@pytest.mark.parametrize(
    ("broken", "status"), [(120, "pass"), (180, "inconclusive"), (301, "inconclusive")]
)
def test_rows_that_only_the_candidate_lost_are_no_ties(
    make_result: Make, broken: int, status: str
) -> None:
    """The attacks stop at ε, where their points lie: nobody knows how far the baseline is ahead.

    Capped at ε, the candidate would tie on every row, and pass although all of them are broken.
    """
    whole = np.where(np.arange(301) < 20, 0.1, np.inf)
    lost = np.where(np.arange(301) < broken, 0.1, np.inf)
    verdict, p_worse = compare([make_result([lost])], [make_result([whole])])
    assert verdict.status == status
    assert p_worse == pytest.approx(1.0)
    assert (f"; {broken - 20} rows were broken in only one" in verdict.sentence) == (
        status == "inconclusive"
    )
    assert "median margin beyond 0.1 -> " in verdict.sentence
    gained, _ = compare([make_result([whole])], [make_result([lost])])
    assert gained.status == "pass"


def test_rows_proved_beyond_everything_found_are_ties(make_result: Make) -> None:
    """Proved on both sides up to ε, and never broken: neither side lost anything known."""
    high = np.where(np.arange(301) < 100, 0.05, np.inf)
    low = np.where(np.arange(301) < 100, 0.05, 0.1)
    side = bounded(make_result, low, high)
    verdict, _ = compare([side], [side])
    assert (verdict.status, verdict.figures.by) == ("pass", "bounds")
    found = np.full(301, 0.05)
    lost, _ = compare([bounded(make_result, found, found)], [side])
    assert lost.status != "pass"


def test_both_medians_of_a_sentence_are_the_same_kind_of_median(make_result: Make) -> None:
    """Of an even number of rows: the smaller of the two in the middle, as in the results."""
    side = [make_result([[0.1, 0.2, 0.3, 0.4]])]
    verdict, _ = compare(side, side)
    assert "median margin 0.2 -> 0.2 (" in verdict.sentence


def test_few_rows_have_infinite_bounds_and_no_infinite_figures(make_result: Make) -> None:
    verdict, _ = compare([make_result([[0.1, 0.2]])], [make_result([[0.1, 0.2]])])
    assert verdict.status == "inconclusive"
    assert verdict.figures.difference["low"] is None
    assert verdict.figures.difference["high"] is None


def bounded(make_result: Make, low: np.ndarray, high: np.ndarray) -> CellResult:
    """A model with distances proved to be at least ``low``, and attacked at ``high``."""
    nothing = np.zeros((len(low), 2)), np.zeros(len(low), dtype=np.int64)
    return replace(make_result([high]), certificate=Certificate(low, high, *nothing))


def test_a_margin_verdict_by_bounds_holds_whatever_the_distances_are(make_result: Make) -> None:
    """Between the bounds the truth may be anything; attacks alone would see no difference."""
    then = bounded(make_result, 0.98 * ROWS, ROWS)
    for now, status, by in (
        (bounded(make_result, 1.01 * ROWS, 1.1 * ROWS), "pass", "bounds"),
        (bounded(make_result, 0.5 * ROWS, 0.8 * ROWS), "fail", "bounds"),
        # a wide bracket decides nothing, and attacks found the same on both sides
        (bounded(make_result, 0.5 * ROWS, ROWS), "pass", "attacks"),
    ):
        verdict, p_worse = compare([now], [then])
        assert (verdict.status, verdict.figures.by) == (status, by)
        assert (p_worse is not None and p_worse < 0.05) == (status == "fail")
        words = "holds for all distances" if by == "bounds" else "distances that attacks found"
        assert words in verdict.sentence


def test_a_drop_that_attacks_do_not_see_fails_by_bounds(make_result: Make) -> None:
    """The candidate's attacks are as far as the baseline's, and a witness of its proof is not."""
    then = bounded(make_result, ROWS, ROWS)
    near = bounded(make_result, 0.4 * ROWS, 0.5 * ROWS)
    now = replace(near, distances=ROWS[None])
    verdict, _ = compare([now], [then])
    assert (verdict.status, verdict.figures.by) == ("fail", "bounds")


def test_without_attacks_wide_bounds_decide_nothing(make_result: Make) -> None:
    """Margins that nobody attacked are not compared as if they were all zero."""
    unable = np.full((1, ROWS.size), int(Outcome.NOT_APPLICABLE))
    wide = replace(bounded(make_result, 0.5 * ROWS, ROWS), outcomes=unable)
    verdict, _ = compare([wide], [wide])
    assert verdict.status == "inconclusive"
    assert "would decide" in verdict.sentence


def noisy(make_result: Make, rng: np.random.Generator, scale: float = 1.0) -> list[CellResult]:
    """Ten seeds, each with all margins scaled by about a tenth up or down."""
    return [make_result([scale * ROWS * rng.lognormal(0, 0.1)]) for _ in range(10)]


def test_an_unchanged_recipe_hardly_ever_fails_by_its_margin(make_result: Make) -> None:
    """200 pairs of recipes whose seeds move all rows together.

    The row-wise interval alone is as narrow as nothing, and fails a sixth of them; with the
    seeds' part no more than 5 % may fail: 18 or more of 200 by chance in 1 % of the runs.
    """
    rng = np.random.default_rng(5)
    pairs = [(noisy(make_result, rng), noisy(make_result, rng)) for _ in range(200)]
    rows_only = sum(compare(a, b)[0].status == "fail" for a, b in pairs)
    with_seeds = sum(compare(a, b, "recipe")[0].status == "fail" for a, b in pairs)
    assert rows_only > 25
    assert with_seeds < 18


def test_a_recipe_that_lost_its_margin_fails(make_result: Make) -> None:
    rng = np.random.default_rng(6)
    verdict, p_worse = compare(noisy(make_result, rng, 0.7), noisy(make_result, rng), "recipe")
    assert verdict.status == "fail"
    assert p_worse is not None
    assert p_worse < 0.01
