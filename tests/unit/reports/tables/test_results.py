"""The terminal, Markdown and the page show the same table of results."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.console import Console

from genlabel_robust.reports.page.parts import whole_table
from genlabel_robust.reports.tables.results import one_model_table, results_table
from genlabel_robust.reports.tables.table import Table
from genlabel_robust.reports.text.markdown_tables import table_lines
from genlabel_robust.reports.text.terminal_tables import across, down
from genlabel_robust.runs.results.results import Results


def words(table: Table) -> list[str]:
    """Return what a reader must see: titles, figures, and the text next to them."""
    cells = [part for row in table.rows for cell in row for part in (cell.said, cell.beside)]
    return [column.title for column in table.columns] + [part for part in cells if part]


def in_terminal(drawn: Any) -> str:
    console = Console(width=120, file=io.StringIO(), color_system=None)
    console.print(drawn)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_all_say_the_same(results: dict[str, Any]) -> None:
    found = Results(results)
    table = results_table(found, found.rows, eps=True)
    said = words(table)
    assert {"strategy", "ε", "clean", "pgd", "worst case", "median margin"} < set(said)
    assert {"vanilla", "0.1", "95.1", "89.2–98.0", "0.123", "0.05–∞", "n/a"} < set(said)
    page = re.sub("<[^>]*>", "", whole_table("t", "All", table))
    for shown in (in_terminal(across(table, "All")), "\n".join(table_lines(table)), page):
        assert [part for part in said if part not in shown] == []


def test_one_model_has_a_line_for_each_measure(results: dict[str, Any]) -> None:
    results["rows"][0]["outcomes"] = {"fgsm": {"skipped": 3}}
    results["rows"][0]["attacks"]["fgsm"] = None
    found = Results(results)
    table = one_model_table(found, found.rows[0])
    shown = in_terminal(down(table, "in the unit of ε"))
    assert [part for part in words(table)[1:] if part not in shown] == ["vanilla"]
    assert "early stop" in shown


@pytest.mark.parametrize(
    ("fields", "lower"),
    [
        ((), []),
        (("certified_accuracy",), ["proved"]),
        (("exact_robust_accuracy",), ["exact"]),
        (("certified_accuracy", "exact_robust_accuracy"), ["proved", "exact"]),
    ],
)
def test_what_bounds_the_truth_has_columns_where_there_is_any(
    results: dict[str, Any], fields: tuple[str, ...], lower: list[str]
) -> None:
    results["rows"][0] |= dict.fromkeys(fields, results["rows"][0]["robust_accuracy"])
    found = Results(results)
    titles = [column.title for column in results_table(found, found.rows).columns]
    assert titles[titles.index("worst case") + 1 : -1] == lower


def test_a_model_whose_accuracy_is_exact_has_that_as_its_headline(results: dict[str, Any]) -> None:
    row = results["rows"][0]
    row |= dict.fromkeys(("certified_accuracy", "exact_robust_accuracy"), row["robust_accuracy"])
    found = Results(results)
    kinds = {c.title: c.kind for c in one_model_table(found, found.rows[0]).columns}
    assert (kinds["exact"], kinds["worst case"]) == ("headline", "accuracy")
    assert "proved" not in kinds
    kinds = {c.title: c.kind for c in one_model_table(found, found.rows[1]).columns}
    assert kinds["worst case"] == "headline"
