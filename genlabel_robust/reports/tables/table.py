"""A table before it is text or a page: columns with titles and kinds, and typed cells."""

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

#: What the cells of a column are. "headline": the accuracy that the table is about; "attack":
#: that under one attack, by whose name the column is called.
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
        """Say whether cells begin on the left and are sorted as words."""
        return self.kind in ("name", "text")


@dataclass(frozen=True)
class Cell:
    """A figure or words, and in smaller print ``beside`` them, such as an interval.

    ``share``: the accuracy, a fraction, that a bar may be drawn of, with its ``ends``; None where
    there is none, for the reason ``why`` if it is known.
    """

    said: str
    beside: str = ""
    share: float | None = None
    ends: tuple[float, float] | None = None
    why: str = ""


@dataclass(frozen=True)
class Table:
    """Columns (c) and rows (r) of c cells each; the first cell says what a row is about."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def only(self, chosen: Callable[[Column], bool]) -> Table:
        """Return the first column and those of the others that are ``chosen``."""
        kept = [i for i, column in enumerate(self.columns) if not i or chosen(column)]
        return Table(
            tuple(self.columns[i] for i in kept),
            tuple(tuple(row[i] for i in kept) for row in self.rows),
        )


def turned(table: Table, titles: Sequence[str]) -> Table:
    """Return the only row of ``table`` as lines: what is measured, its figure, what is beside it.

    ``titles``: of these three columns. A figure that is missing has the reason beside it.
    """
    (row,) = table.rows
    lines = [
        (Cell(column.title), Cell(cell.said), Cell(cell.beside or cell.why))
        for column, cell in list(zip(table.columns, row, strict=True))[1:]
    ]
    first, *others = titles
    return Table((Column(first, "text"), *map(Column, others)), tuple(lines))


def as_column(column: Column | str) -> Column:
    """Return a column; a plain string is the title of one of text."""
    return Column(column, "text") if isinstance(column, str) else column


def table_of_text(columns: Sequence[Column | str], rows: Iterable[Sequence[str]]) -> Table:
    """Return a table whose cells are written already."""
    return Table(tuple(map(as_column, columns)), tuple(tuple(map(Cell, row)) for row in rows))


def accuracy(estimate: Estimate | None, why: str = "") -> Cell:
    """Return an accuracy in percent, with its interval."""
    if estimate is None:
        return Cell(NOT_AVAILABLE, why=why)
    ends = estimate.low, estimate.high
    return Cell(percent(estimate), interval(estimate), estimate.value, ends)


def distance(margin: Margin | None) -> Cell:
    """Return the median margin, with its interval."""
    return Cell(*median_margin(margin))


def difference(estimate: Estimate | None) -> Cell:
    """Return a difference in percentage points, with its interval."""
    if estimate is None:
        return Cell(NOT_AVAILABLE)
    value, interval_of = points_and_interval(estimate)
    return Cell(value, interval_of.strip("()"))


def between(low: Estimate | None, high: Estimate | None) -> Cell:
    """Return two ends in percent: "[71.0, 75.5]", a single figure where they are the same."""
    if low and high and low.value == high.value:
        return Cell(percent(high))
    return Cell(f"[{percent(low)}, {percent(high)}]")
