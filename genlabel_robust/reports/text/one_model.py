"""One model in a terminal: a line for each attack, so that any number of them fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from genlabel_robust.reports.text.bar import Line
from genlabel_robust.reports.words.decided import PROVED, is_exact
from genlabel_robust.reports.words.wording import interval, median_margin, percent

#: Why an attack has no rate of its own, by what became of its examples.
_WHY = {
    "not_applicable": "did not run",
    "skipped": "early stop",
    "out_of_time": "out of time",
}


def one_model_table(results: Mapping[str, Any], row: Mapping[str, Any]) -> Table:
    """Return the table of one row of the results: accuracies, each attack's, and the margin."""
    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("", no_wrap=True)
    table.add_column("accuracy, %", justify="right", no_wrap=True)
    table.add_column("95 % interval", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    _add(table, "clean", row["clean_accuracy"])
    for attack in results["attacks"]:
        _add(table, f"under {attack}", row["attacks"][attack], _why(row, attack))
    exact = is_exact(row)
    _add(table, "worst case", row["robust_accuracy"], style="" if exact else "bold")
    if row["certified_accuracy"] and not exact:
        _add(table, PROVED, row["certified_accuracy"])
    if exact:
        _add(table, "exact", row["exact_robust_accuracy"], style="bold")
    value, between = median_margin(row["margin"])
    table.add_row("")
    table.add_row("median margin", value, between, "in the unit of ε")
    return table


def _add(
    table: Table, what: str, estimate: Mapping[str, Any] | None, why: str = "", style: str = ""
) -> None:
    drawn: Text | Line = Text(why, style="dim") if estimate is None else Line(estimate["value"])
    table.add_row(
        Text(what, style=style),
        Text(percent(estimate), style=style),
        Text(interval(estimate), style="dim"),
        drawn,
    )


def _why(row: Mapping[str, Any], attack: str) -> str:
    counts = row["outcomes"].get(attack, {})
    return next((words for outcome, words in _WHY.items() if counts.get(outcome)), "")
