"""Tables in Markdown."""

import re
from collections.abc import Iterable, Iterator, Sequence

from genlabel_robust.reports.tables.table import Cell, Column, Table
from genlabel_robust.runs.results.row import Row

#: Control characters, and those that change the direction of writing.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def table_lines(table: Table) -> Iterator[str]:
    """Yield the lines of ``table``, and an empty one after it."""
    yield _line(plain(column.title) for column in table.columns)
    yield _line("---" if column.is_text else "---:" for column in table.columns)
    for row in table.rows:
        yield _line(map(_written, table.columns, row))
    yield ""


def answer_lines(title: str, chosen: Sequence[tuple[Row, list[str]]]) -> Iterator[str]:
    """Yield ``title`` and the sentences on each row, with its strategy if there are several."""
    yield title
    yield ""
    for row, sentences in chosen:
        who = f"{plain(row.strategy)}: " if len(chosen) > 1 else ""
        yield from (f"- {who}{plain(said)}" for said in sentences)
    yield ""


def plain(text: str) -> str:
    """Escape ``text`` so that Markdown makes no elements, links or columns of it."""
    one_line = " ".join(_UNSEEN.sub(" ", text).split())
    return re.sub(r"<(?=[A-Za-z/!?])|[|\[\]`]", r"\\\g<0>", one_line)


def _written(column: Column, cell: Cell) -> str:
    said = plain(cell.said) if column.kind == "name" else cell.said
    return f"{said} ({cell.beside})" if cell.beside else said


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
