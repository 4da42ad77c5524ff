from __future__ import annotations

import pytest

from genlabel_robust.gates.baselines.text import _median
from genlabel_robust.runs.results.margins import Margin
from genlabel_robust.statistics.censored_quantiles import Bounds
from genlabel_robust.statistics.quantiles import Interval


def margin(median: float | None, least: float | None) -> Margin:
    ends = None if least is None else Bounds(low=least, high=median)
    between = Interval(low=0.0, high=None, level=0.95, method="order statistics")
    return Margin("linf", "attack", median, 0.0, 0.0, None, 0.5, between, median_bounds=ends)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (None, "beyond what was broken"),
        (margin(None, None), "beyond what was broken"),
        (margin(0.12345, None), "0.1235"),
        (margin(0.12345, 0.1), "0.1 to 0.1235"),
        (margin(0.12345, 0.0), "at most 0.1235"),
        (margin(None, 0.1), "above 0.1"),
        (margin(0.0, 0.0), "0"),
    ],
)
def test_a_median_is_shown_with_what_is_known_of_it(found: Margin | None, said: str) -> None:
    assert _median(found) == said
