"""Tables for the terminal: numbers above their intervals, or one measure per line."""

from typing import Literal

from rich import table as rich_table
from rich.text import Text

from genlabel_robust.reports.tables.table import Cell, Table
from genlabel_robust.reports.text.bar import Barred, Line

#: The maximum length of a name.
_LONGEST = 28


def compact(table: Table, title: str) -> rich_table.Table:
    """Render ``table`` without rules, with long names cut."""
    drawn = rich_table.Table(box=None, pad_edge=False, show_edge=False, title_justify="left")
    drawn.title = Text(title, style="table.title")
    for column in table.columns:
        justify: Literal["left", "right"] = "left" if column.is_text else "right"
        most = _LONGEST if column.kind == "name" else None
        drawn.add_column(Text(column.title), justify=justify, no_wrap=True, max_width=most)
    for row in table.rows:
        drawn.add_row(
            *(
                _stacked(cell, "bold" if column.kind == "headline" else "")
                for column, cell in zip(table.columns, row, strict=True)
            )
        )
    return drawn


def across(table: Table, title: str, caption: str = "", *, bars: bool = False) -> rich_table.Table:
    """Render ``table``; ``bars``: with a bar next to each number of the headline."""
    drawn = rich_table.Table(title_justify="left", caption_justify="left")
    # as Text: in a plain string "[red]" is markup, and a file may be named so
    drawn.title = Text(title, style="table.title")
    drawn.caption = Text(caption, style="table.caption") if caption else None
    for column in table.columns:
        justify: Literal["left", "right"] = "left" if column.is_text else "right"
        drawn.add_column(Text(column.title), justify=justify, no_wrap=True)
    for row in table.rows:
        cells: list[Text | Barred] = []
        for index, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
            headline = column.kind == "headline"
            if headline and bars:
                cells.append(Barred(cell, _widest(table, index)))
            else:
                cells.append(_stacked(cell, "bold" if headline else ""))
        drawn.add_row(*cells)
    return drawn


def down(table: Table, measure: str) -> rich_table.Table:
    """Render the only row of ``table`` with one measure per line, so any number of attacks fits.

    ``measure``: words for the unit of distances.
    """
    drawn = rich_table.Table(box=None, pad_edge=False, show_edge=False)
    for title in ("", "accuracy, %", "95 % interval", ""):
        drawn.add_column(title, justify="right" if title else "left", no_wrap=True)
    (row,) = table.rows
    for column, cell in list(zip(table.columns, row, strict=True))[1:]:
        if column.kind == "distance":
            drawn.add_row("")
            drawn.add_row(column.title, cell.said, cell.beside, measure)
            continue
        style = "bold" if column.kind == "headline" else ""
        drawn.add_row(
            Text(f"under {column.title}" if column.kind == "attack" else column.title, style=style),
            Text(cell.said, style=style),
            Text(cell.beside, style="dim"),
            Text(cell.why, style="dim") if cell.share is None else Line(cell.share),
        )
    return drawn


def _stacked(cell: Cell, style: str) -> Text:
    words = Text(cell.said, style=style)
    return words.append("\n" + cell.beside, "dim") if cell.beside else words


def _widest(table: Table, index: int) -> int:
    return max(len(words) for row in table.rows for words in (row[index].said, row[index].beside))
