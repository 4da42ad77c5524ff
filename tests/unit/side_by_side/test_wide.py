"""Reasons for wide intervals, compared with the same arithmetic written out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t as student

from genlabel_robust.core import BoolArray
from genlabel_robust.side_by_side.comparison import Difference, Measure, Model, Subject, Wide
from genlabel_robust.side_by_side.rates import rate_difference
from genlabel_robust.side_by_side.wide import why_wide, wide_lines
from genlabel_robust.statistics.tango import tango


def answers(seeds: int, n: int, rate: float, spread: float, seed: int) -> BoolArray:
    """Return correct predictions (seeds, n), with a rate of its own for each seed."""
    rng = np.random.default_rng(seed)
    shares = rate + spread * np.linspace(-1, 1, seeds)
    return np.asarray(rng.random((seeds, n)) < shares[:, None])


def half_width(difference: np.ndarray, seeds: int) -> float:
    """Return the half width at 95 % for ``seeds``, from the variances in ``difference`` (S, n)."""
    s, n = difference.shape
    mean = sum(map(sum, difference)) / (s * n)
    of_rows = [sum(difference[:, i]) / s for i in range(n)]
    of_seeds = [sum(difference[k]) / n for k in range(s)]
    rows = s * sum((one - mean) ** 2 for one in of_rows) / (n - 1)
    seeds_square = n * sum((one - mean) ** 2 for one in of_seeds) / (s - 1)
    rest = sum(
        (difference[k, i] - of_rows[i] - of_seeds[k] + mean) ** 2
        for k in range(s)
        for i in range(n)
    ) / ((s - 1) * (n - 1))
    var_row = max(rows - rest, 0.0) / s
    var_seed = max(seeds_square - rest, 0.0) / n
    by_rows = student.ppf(0.975, n - 1) ** 2 * (var_row / n + rest / (n * seeds))
    by_seeds = student.ppf(0.975, seeds - 1) ** 2 * var_seed / seeds
    return math.sqrt(by_rows + by_seeds)


@pytest.mark.parametrize("seeds", [2, 3])
def test_few_seeds_are_named_with_what_five_would_bring(seeds: int) -> None:
    now, before = answers(seeds, 400, 0.7, 0.04, 0), answers(seeds, 400, 0.8, -0.03, 1)
    found = rate_difference(now, before, 0.95, paired=True)
    difference = now.astype(float) - before
    value = difference.mean()
    widths = [
        min(value + half_width(difference, count), 1)
        - max(value - half_width(difference, count), -1)
        for count in (seeds, 5)
    ]
    assert found.high - found.low == pytest.approx(widths[0])
    wide = why_wide(now, before, found, paired=True)
    assert wide == Wide("seeds", seeds, 5, pytest.approx(widths[0] / widths[1]))
    assert wide.times > 1.5


def test_where_seeds_agree_more_of_them_are_not_asked_for() -> None:
    now, before = (
        np.tile(answers(1, 4000, rate, 0, s), (2, 1)) for rate, s in ((0.7, 0), (0.8, 1))
    )
    found = rate_difference(now, before, 0.95, paired=True)
    assert why_wide(now, before, found, paired=True) is None


def test_few_rows_are_named_where_the_interval_contains_zero() -> None:
    now, before = answers(1, 60, 0.8, 0, 0), answers(1, 60, 0.8, 0, 3)
    found = rate_difference(now, before, 0.95, paired=True)
    wide = why_wide(now, before, found, paired=True)
    gained, lost = int((now & ~before).sum()), int((~now & before).sum())
    ends = [tango(k * gained, k * lost, k * 60, 1.959963984540054) for k in (1, 4)]
    times = (ends[0][1] - ends[0][0]) / (ends[1][1] - ends[1][0])
    assert wide == Wide("rows", 60, 240, pytest.approx(times))
    assert 1.7 < times < 2.1


def test_nothing_is_said_of_a_narrow_interval_or_one_that_decides() -> None:
    for n, rates in ((20_000, (0.8, 0.8)), (60, (0.2, 0.9))):
        now, before = (answers(1, n, rate, 0, s) for s, rate in enumerate(rates))
        found = rate_difference(now, before, 0.95, paired=True)
        assert why_wide(now, before, found, paired=True) is None


def test_the_sentence_is_said_once_for_each_pair_of_runs() -> None:
    model = Model("iris", "vanilla", "mlp", 150, 2)
    measures = [
        Measure("clean_accuracy", None, {}, (_wide(Wide("seeds", 2, 5, 3.04)),)),
        Measure("robust_accuracy", 0.1, {}, (_wide(Wide("seeds", 2, 5, 4.16)),)),
        Measure("robust_accuracy", 0.2, {}, (_wide(Wide("rows", 60, 240, 1.98)),)),
        Measure("robust_accuracy", 0.3, {}, (_wide(None),)),
    ]
    subject = Subject("iris", "linf", {"A": model, "B": model}, tuple(measures))
    assert [*wide_lines(subject)] == [
        "B − A: 2 intervals are wide, because there are only 2 seeds, which leave 1 degree of "
        "freedom. 5 seeds on each side would make them about 3.0 to 4.2 times as narrow.",
        "B − A: 1 interval is wide and contains 0, because there are only 60 test rows. 240 rows "
        "would make it about 2.0 times as narrow.",
    ]


def _wide(found: Wide | None) -> Difference:
    return Difference("B", "A", True, wide=found)
