"""The table of groups of test rows: their accuracies, and differences to the other rows."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from genlabel_robust.reports.tables.results import CLEAN, EXACT, WORST
from genlabel_robust.reports.tables.table import Cell, Column, Table, accuracy, difference
from genlabel_robust.reports.words.subgroups import all_exact
from genlabel_robust.reports.words.wording import NOT_AVAILABLE
from genlabel_robust.runs.results.row import Row
from genlabel_robust.runs.results.subgroups.subgroup import Subgroup, SubgroupDifference

#: A column, and the function that returns its cell for a group in a row of results.
_Measure: TypeAlias = tuple[Column, Callable[[Row, Subgroup], Cell]]


def subgroups_table(rows: Sequence[Row]) -> Table:
    """Return a line for each group of each of ``rows``, with columns for names and ε if needed.

    Differences are those of robust accuracies.
    """
    measures = _measures(rows)
    return Table(
        tuple(column for column, _ in measures),
        tuple(
            tuple(cell(row, one) for _, cell in measures) for row in rows for one in row.subgroups
        ),
    )


def _measures(rows: Sequence[Row]) -> list[_Measure]:
    measures: list[_Measure] = [(Column("group", "name"), lambda row, one: Cell(one.label))]
    if len({row.strategy for row in rows}) > 1:
        measures.append((Column("strategy", "name"), lambda row, one: Cell(row.strategy)))
    if len({row.eps for row in rows}) > 1:
        measures.append((Column("ε"), lambda row, one: Cell(f"{row.eps:g}")))
    measures.append((Column("rows"), lambda row, one: Cell(str(one.n_examples))))
    measures.append((Column(CLEAN, "accuracy"), lambda row, one: accuracy(one.clean_accuracy)))
    exact = all_exact(rows)
    headline = Column(EXACT if exact else WORST, "headline")
    measures.append((headline, lambda row, one: accuracy(one.robust_accuracy)))
    if not exact and any(one.certified_accuracy for row in rows for one in row.subgroups):
        proved = Column("proved", "accuracy")
        measures.append((proved, lambda row, one: accuracy(one.certified_accuracy)))
    measures.append((Column("to the rest", "difference"), lambda row, one: _to_rest(one)))
    measures.append((Column("p"), lambda row, one: Cell(_p(one.robust_difference))))
    if any(one.reason for row in rows for one in row.subgroups):
        measures.append((Column("remark", "text"), lambda row, one: Cell(one.reason or "")))
    return measures


def _to_rest(one: Subgroup) -> Cell:
    found = one.robust_difference
    return difference(None if found is None else found.estimate)


def _p(found: SubgroupDifference | None) -> str:
    if found is None:
        return NOT_AVAILABLE
    return "< 0.001" if found.p_adjusted < 0.001 else f"{found.p_adjusted:.3f}"
