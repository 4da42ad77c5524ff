"""Splitting a table of results into tables that fit the terminal."""

from rich import table as rich_table
from rich.console import Console
from rich.measure import Measurement

from genlabel_robust.reports.tables.table import Column, Table
from genlabel_robust.reports.text.terminal_tables import across


def least_width(*parts: object) -> int:
    """Return the width that tables need so that no digit is cut off."""
    console = Console(width=1000)
    return max(
        (
            Measurement.get(console, console.options, part).maximum
            for part in parts
            if isinstance(part, rich_table.Table)
        ),
        default=0,
    )


def fitting(table: Table, title: str, caption: str, width: int | None) -> list[rich_table.Table]:
    """Split ``table`` into tables that are no wider than ``width`` if possible.

    A table that is too wide loses its bars. If that is not enough, attacks get separate tables.
    """
    barred = across(table, title, caption, bars=True)
    if width is None or least_width(barred) <= width:
        return [barred]
    whole = across(table, title, caption)
    if least_width(whole) <= width:
        return [whole]
    without = table.only(lambda column: column.kind != "attack")
    barred = across(without, title, caption, bars=True)
    tables = [barred if least_width(barred) <= width else across(without, title, caption)]
    attacks = [column for column in table.columns if column.kind == "attack"]
    while attacks:
        count = len(attacks)
        while count > 1 and least_width(_under(table, attacks[:count])) > width:
            count -= 1
        tables.append(_under(table, attacks[:count]))
        attacks = attacks[count:]
    return tables


def _under(table: Table, attacks: list[Column]) -> rich_table.Table:
    return across(table.only(lambda column: column in attacks), "under each attack alone")
