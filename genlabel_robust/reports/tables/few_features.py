"""The table of mutable features: how many predictions each alone breaks."""

from collections.abc import Sequence

from genlabel_robust.reports.tables.table import Cell, Column, Table
from genlabel_robust.reports.words.few_features import known, size, way
from genlabel_robust.reports.words.wording import NOT_AVAILABLE
from genlabel_robust.runs.results.few_features import FewFeaturesRow, SingleColumn
from genlabel_robust.runs.results.row import Row

ALONE, SPARSE = "breaks alone", "needed in adversarial examples"


def few_features_table(found: FewFeaturesRow) -> Table:
    """Return a line for each mutable feature, those that break most first."""
    return Table(
        (
            Column("feature", "name"),
            Column(ALONE),
            Column("%"),
            Column("how known", "text"),
            Column("which way", "name"),
            Column("least change"),
            Column("median change"),
            Column(SPARSE),
        ),
        tuple(_line(one, found.correct) for one in found.ranked),
    )


def few_features_of_models(rows: Sequence[Row]) -> Table:
    """Return a line for each model: predictions that one feature breaks, and how few suffice.

    The first is in percent of the correct predictions, with the undecided ones. The second is the
    median of the smallest numbers of features found to suffice.
    """
    known_rows = [(row, row.few_features) for row in rows if row.few_features is not None]
    return Table(
        (
            Column("strategy", "name"),
            Column("one alone, %"),
            Column("unknown, %"),
            Column("strongest", "name"),
            Column("needed"),
        ),
        tuple(_model(row, found) for row, found in known_rows),
    )


def _line(one: SingleColumn, correct: int) -> tuple[Cell, ...]:
    return (
        Cell(one.name),
        Cell(str(one.broken)),
        Cell(_percent(one.broken, correct)),
        Cell(known(one)),
        Cell(way(one) if one.toward else "none"),
        Cell(size(one.least)),
        Cell(size(one.median)),
        Cell(str(one.moved)),
    )


def _model(row: Row, found: FewFeaturesRow) -> tuple[Cell, ...]:
    worst, median = found.worst, found.median
    return (
        Cell(row.strategy),
        Cell(_percent(found.broken, found.correct)),
        Cell(_percent(found.open, found.correct)),
        Cell("none" if worst is None else worst.name),
        Cell(NOT_AVAILABLE if median is None else f"{median:g}"),
    )


def _percent(count: int, of: int) -> str:
    return NOT_AVAILABLE if not of else f"{100 * count / of:.1f}"
