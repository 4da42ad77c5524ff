"""A table independent of its output format: columns with titles and kinds, and cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from genlabel_robust.reports.words.wording import (
    NOT_AVAILABLE,
    interval,
    median_margin,
    percent,
    points_and_interval,
)
from genlabel_robust.runs.results.margins import Margin
from genlabel_robust.statistics import Estimate

#: The kind of a column's cells. "headline": the main accuracy of the table. "attack": the accuracy
#: under one attack, whose name is the column's title.
Kind: TypeAlias = Literal[
    "name", "text", "number", "accuracy", "attack", "headline", "distance", "difference"
]


@dataclass(frozen=True)
class Column:
    """A column of a table: its title, and the kind of its cells."""

    title: str
    kind: Kind = "number"

    @property
    def is_text(self) -> bool:
        """Whether cells are left-aligned and sorted as text."""
        return self.kind in ("name", "text")


@dataclass(frozen=True)
class Cell:
    """A cell with the text ``said``, and ``beside`` in smaller type, such as an interval.

    ``share``: the accuracy, a fraction, for a bar, with the ``ends`` of its interval. None if
    there is no accuracy; ``why`` is then the reason, if known.
    """

    said: str
    beside: str = ""
    share: float | None = None
    ends: tuple[float, float] | None = None
    why: str = ""


@dataclass(frozen=True)
class Table:
    """Columns (c) and rows (r) of c cells each; the first cell of a row is its name."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def only(self, chosen: Callable[[Column], bool]) -> Table:
        """Return the table with the first column, and the others that ``chosen`` accepts."""
        kept = [i for i, column in enumerate(self.columns) if not i or chosen(column)]
        return Table(
            tuple(self.columns[i] for i in kept),
            tuple(tuple(row[i] for i in kept) for row in self.rows),
        )


def turned(table: Table, titles: Sequence[str]) -> Table:
    """Transpose a table with one row: a line per column, with name, value and interval.

    ``titles``: of these three columns. A missing value has the reason in place of the interval.
    """
    (row,) = table.rows
    lines = [
        (Cell(column.title), Cell(cell.said), Cell(cell.beside or cell.why))
        for column, cell in list(zip(table.columns, row, strict=True))[1:]
    ]
    first, *others = titles
    return Table((Column(first, "text"), *map(Column, others)), tuple(lines))


def as_column(column: Column | str) -> Column:
    """Return ``column``; a ``str`` becomes a text column with that title."""
    return Column(column, "text") if isinstance(column, str) else column


def table_of_text(columns: Sequence[Column | str], rows: Iterable[Sequence[str]]) -> Table:
    """Return a table from formatted cells."""
    return Table(tuple(map(as_column, columns)), tuple(tuple(map(Cell, row)) for row in rows))


def accuracy(estimate: Estimate | None, why: str = "") -> Cell:
    """Return the cell of an accuracy in percent, with its interval."""
    if estimate is None:
        return Cell(NOT_AVAILABLE, why=why)
    ends = estimate.low, estimate.high
    return Cell(percent(estimate), interval(estimate), estimate.value, ends)


def distance(margin: Margin | None) -> Cell:
    """Return the cell of a median margin, with its interval."""
    return Cell(*median_margin(margin))


def difference(estimate: Estimate | None) -> Cell:
    """Return the cell of a difference in percentage points, with its interval."""
    if estimate is None:
        return Cell(NOT_AVAILABLE)
    value, interval_of = points_and_interval(estimate)
    return Cell(value, interval_of.strip("()"))


def between(low: Estimate | None, high: Estimate | None) -> Cell:
    """Return the cell of a bracket in percent: "[71.0, 75.5]", or one number if both are equal."""
    if low and high and low.value == high.value:
        return Cell(percent(high))
    return Cell(f"[{percent(low)}, {percent(high)}]")
