from __future__ import annotations

from genlabel_robust.reports.tables.table import (
    Cell,
    Column,
    accuracy,
    between,
    difference,
    table_of_text,
)
from genlabel_robust.statistics.estimate import Estimate


def estimate(value: float, low: float, high: float) -> Estimate:
    return Estimate(value, low, high, 0.95, "wilson", 10)


def test_an_accuracy_says_its_interval_beside_it_and_keeps_what_a_bar_is_drawn_of() -> None:
    assert accuracy(estimate(0.951, 0.892, 0.98)) == Cell("95.1", "89.2–98.0", 0.951, (0.892, 0.98))
    assert accuracy(None, "early stop") == Cell("n/a", why="early stop")


def test_a_difference_stands_with_its_ends() -> None:
    assert difference(estimate(-0.25, -0.5, 0.0)) == Cell("−25.0", "−50.0 to +0.0")
    assert difference(None) == Cell("n/a")


def test_a_bracket_is_one_figure_where_its_ends_meet() -> None:
    low, high = estimate(0.5, 0.4, 0.6), estimate(0.75, 0.6, 0.8)
    assert between(low, high).said == "[50.0, 75.0]"
    assert between(high, high).said == "75.0"
    assert between(low, None).said == "[50.0, n/a]"


def test_a_plain_title_is_that_of_text_and_chosen_columns_keep_the_first() -> None:
    table = table_of_text(("a", Column("b"), Column("c")), [("x", "1", "2")])
    assert [column.is_text for column in table.columns] == [True, False, False]
    kept = table.only(lambda column: column.title == "c")
    assert [column.title for column in kept.columns] == ["a", "c"]
    assert kept.rows == ((Cell("x"), Cell("2")),)
