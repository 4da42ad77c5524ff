from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from genlabel_robust.reports.tables.subgroups import subgroups_table
from genlabel_robust.reports.words.subgroups import all_exact, answers, differing, distinct
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row
from genlabel_robust.runs.results.subgroups.subgroup import Subgroup, SubgroupDifference
from genlabel_robust.statistics import Estimate


def estimate(value: float, low: float, high: float) -> Estimate:
    return Estimate(value, low, high, 0.95, "newcombe", 100)


def difference(value: float, low: float, high: float, p: float, **more: float) -> Any:
    return SubgroupDifference(estimate(value, low, high), p / 2, p, **more)


WEAK = Subgroup(
    "sex",
    "f",
    30,
    clean_accuracy=estimate(0.9, 0.8, 0.95),
    robust_accuracy=estimate(0.5, 0.4, 0.6),
    robust_difference=difference(-0.12, -0.19, -0.05, 0.0001),
)
STRONG = replace(WEAK, name="m", robust_difference=difference(0.2, 0.1, 0.3, 0.02))
LIKE = replace(WEAK, name="x", robust_difference=difference(0.01, -0.1, 0.1, 1.0))
SMALL = Subgroup("job", "a", 7, reason="7 rows; at least 20 are needed")


@pytest.fixture
def row(results: dict[str, Any]) -> Row:
    found: Row = Results(results).rows[0]
    return replace(found, n_examples=100)


def test_the_weakest_group_is_named_first_with_the_size_of_its_difference(row: Row) -> None:
    first, second = answers(replace(row, subgroups=(STRONG, WEAK, LIKE)))
    assert first == (
        "Group sex=f (30 rows) is 12.0 points less robust than the 70 other rows "
        "(95 % interval 5.0 to 19.0; p < 0.001 by Holm)."
    )
    assert second.startswith("Group sex=m (30 rows) is 20.0 points more robust than")
    assert "95 % interval 10.0 to 30.0; p = 0.02 by Holm" in second


def test_what_chance_explains_is_no_difference(row: Row) -> None:
    chosen = replace(row, subgroups=(LIKE, replace(LIKE, column="job")))
    assert differing(chosen) == []
    assert answers(chosen) == [
        "No group by sex or job differs from the rest in robust accuracy by more than "
        "chance explains (5 %, by Holm)."
    ]


def test_a_group_that_is_less_accurate_already_says_so(row: Row) -> None:
    clean = difference(-0.1, -0.15, -0.02, 0.01)
    (said,) = answers(replace(row, subgroups=(replace(WEAK, clean_difference=clean),)))
    assert said.endswith(
        "and 10.0 points less accurate before any attack (95 % interval 2.0 to 15.0)."
    )


def test_open_answers_are_told_with_what_they_leave_possible(row: Row) -> None:
    unsure = difference(-0.12, -0.19, -0.05, 0.0001, least=-0.3, most=0.02)
    (said,) = answers(replace(row, subgroups=(replace(WEAK, robust_difference=unsure),)))
    assert "the difference on these rows lies between −30.0 and +2.0 points" in said


def test_small_groups_are_listed_and_have_no_figures(row: Row) -> None:
    chosen = replace(row, subgroups=(WEAK, SMALL))
    ((_, sentences),) = distinct([row, chosen])
    assert sentences[-1] == "Too few rows to compare, at least 20 are needed: job=a (7)."
    table = subgroups_table([chosen])
    assert [column.title for column in table.columns] == [
        *("group", "rows", "clean", "worst case", "to the rest", "p", "remark")
    ]
    said = [[cell.said for cell in line] for line in table.rows]
    assert said[0] == ["sex=f", "30", "90.0", "50.0", "−12.0", "< 0.001", ""]
    assert said[1] == ["job=a", "7", "n/a", "n/a", "n/a", "n/a", SMALL.reason]


def test_rows_without_a_robust_accuracy_say_nothing_of_it(row: Row) -> None:
    only_clean = replace(WEAK, robust_accuracy=None, robust_difference=None)
    assert answers(replace(row, subgroups=(only_clean,))) == []
    assert not all_exact([replace(row, subgroups=(only_clean,))])


def test_exact_groups_have_one_column_and_brackets_have_two(row: Row) -> None:
    exact = replace(WEAK, exact_robust_accuracy=WEAK.robust_accuracy)
    open_ = replace(WEAK, certified_accuracy=estimate(0.4, 0.3, 0.5))
    titles = [
        [column.title for column in subgroups_table([replace(row, subgroups=(one,))]).columns]
        for one in (exact, open_)
    ]
    assert titles[0][3] == "exact"
    assert titles[1][3:5] == ["worst case", "proved"]


def test_several_models_and_budgets_are_told_apart(row: Row) -> None:
    rows = [replace(row, subgroups=(WEAK,)), replace(row, strategy="b", eps=0.2, subgroups=(WEAK,))]
    table = subgroups_table(rows)
    assert [cell.said for cell in table.rows[1]][:3] == ["sex=f", "b", "0.2"]
