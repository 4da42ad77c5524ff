"""Results on single columns, computed by hand: four rows with a number, a category and another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from genlabel_robust.certify.singles.singles import Singles
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.cells.few_features import FewFeatures
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.results.few_features import FewFeaturesRow, SingleColumn, few_features_row
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.table_columns import TableColumn

INF, NAN = np.inf, np.nan
COLUMNS = (
    TableColumn("size", (0, 1), flag=1),
    TableColumn("colour", (2, 3), levels=("red", "green")),
    TableColumn("weight", (4,)),
    TableColumn("fixed", (5,)),
)
RAW = np.tile([5.0, 0.0, 1.0, 0.0, 2.0, 7.0], (4, 1))
SPACE = AttackSpace(
    np.zeros(6), np.ones(6), np.zeros(6), np.ones(6), np.array([1, 1, 1, 1, 1, 0], dtype=bool)
)


def few() -> FewFeatures:
    upper = np.full((4, 4), INF)
    lower = np.full((4, 4), INF)
    value = np.full((4, 6), NAN)
    # the first row falls by more of size, by green, and the second by size that is missing
    upper[0, :2], lower[0, :2], value[0, :4] = (0.1, 0.2), (0.1, 0.2), (6.5, 0.0, 0.0, 1.0)
    upper[1, 0], lower[1, 0], value[1, :2] = 0.15, 0.15, (5.0, 1.0)
    # of the third it is not known what weight does
    lower[2, 2] = 0.05
    upper[3], lower[3] = 0.0, 0.0
    sparse = np.full((2, 4, 6), NAN)
    sparse[:, 0] = (6.5, 0.0, 1.0, 0.0, 2.0, 7.0)
    sparse[1, 1] = (5.0, 1.0, 1.0, 0.0, 2.0, 7.0)
    sparse[1, 2] = (5.5, 0.0, 1.0, 0.0, 2.5, 7.0)
    return FewFeatures(Singles(lower, upper, value, left_out=1), sparse)


@pytest.fixture
def panel(result: Callable[..., CellResult]) -> Panel:
    cell = result({"pgd": (0.1, 0.15, 0.3, 0.0)})
    cell = replace(cell, predictions=cell.labels.copy())
    cell.predictions[3] = 1 - cell.labels[3]
    return Panel([replace(cell, few=few()), replace(cell, few=few())])


def test_each_column_has_the_answers_that_it_breaks_alone_and_which_way(panel: Panel) -> None:
    found = few_features_row(panel, 0.25, 1, COLUMNS, SPACE, RAW)
    assert found is not None
    size, colour, weight = found.columns
    assert (size.name, size.broken, size.open, size.moved) == ("size", 4, 0, 6)
    assert size.toward == {"missing": 2, "up": 2}
    assert (size.least, size.median) == (1.5, 1.5)
    assert (colour.broken, colour.toward, colour.least) == (2, {"green": 2}, None)
    assert (weight.broken, weight.open, weight.exact, weight.moved) == (0, 2, False, 2)
    assert found.worst == size


def test_answers_are_counted_over_columns_and_seeds(panel: Panel) -> None:
    found = few_features_row(panel, 0.25, 1, COLUMNS, SPACE, RAW)
    assert found is not None
    assert (found.correct, found.broken, found.open, found.left_out) == (6, 4, 2, 2)
    assert found.fewest == {"1": 4, "2": 2}
    # one of two columns may do for the third row: it is not known
    assert found.least == 4
    assert found.median == 1


def test_at_a_smaller_budget_only_what_lies_within_counts(panel: Panel) -> None:
    found = few_features_row(panel, 0.12, 0, COLUMNS, SPACE, RAW)
    assert found is not None
    assert (found.broken, found.open, found.fewest) == (2, 2, {"1": 2})
    assert [column.broken for column in found.columns] == [2, 0, 0]
    nothing = few_features_row(panel, 0.01, 0, COLUMNS, SPACE, RAW)
    assert nothing is not None
    assert nothing.worst is None
    assert nothing.exact


def test_where_a_seed_has_nothing_of_it_the_row_has_not(panel: Panel) -> None:
    older = Panel([panel.results[0], replace(panel.results[1], few=None)])
    assert few_features_row(older, 0.25, 1, COLUMNS, SPACE, RAW) is None


def test_of_columns_that_break_as_many_the_one_that_more_examples_need_comes_first() -> None:
    columns = tuple(SingleColumn(name, 2, 0, moved) for name, moved in (("a", 1), ("b", 5)))
    found = FewFeaturesRow(9, 2, 0, columns, {}, 0)
    assert [one.name for one in found.ranked] == ["b", "a"]
    assert found.worst == columns[1]


def test_it_is_read_as_it_was_written(panel: Panel) -> None:
    found = few_features_row(panel, 0.25, 1, COLUMNS, SPACE, RAW)
    assert found is not None
    many = replace(found, fewest={"1": 4, "2": 1, "10": 1})
    sorted_as_words = many.as_dict() | {"fewest": {"1": 4, "10": 1, "2": 1}}
    assert FewFeaturesRow.from_dict(sorted_as_words) == many
    assert [*FewFeaturesRow.from_dict(sorted_as_words).fewest] == ["1", "2", "10"]
