"""Concerns about the data appear next to the figures, wherever these are shown."""

from __future__ import annotations

from io import StringIO
from typing import Any

from rich.console import Console

from genlabel_robust.reports.text.markdown import markdown_report
from genlabel_robust.reports.text.terminal import terminal_report

ORDER = {"kind": "class_order", "text": "The classes are probably in the wrong order."}
FAR = {"kind": "far_value", "text": "A value far off makes the range of a column."}


def _shown(results: dict[str, Any]) -> str:
    console = Console(width=200, record=True, file=StringIO())
    console.print(terminal_report(results))
    return console.export_text()


def test_the_order_of_classes_is_told_before_any_figure(results: dict[str, Any]) -> None:
    results["datasets"]["two"]["concerns"] = [ORDER, FAR]
    for text in (_shown(results), markdown_report(results)):
        assert text.index(ORDER["text"]) < text.index("vanilla")
        assert FAR["text"] in text


def test_a_concern_names_its_data_where_there_are_several(results: dict[str, Any]) -> None:
    results["datasets"]["two"]["concerns"] = [FAR]
    assert f"two: {FAR['text']}" not in _shown(results)
    results["datasets"]["more"] = {**results["datasets"]["two"], "concerns": []}
    assert f"two: {FAR['text']}" in _shown(results)


def test_nothing_is_told_where_nothing_was_seen(results: dict[str, Any]) -> None:
    assert ORDER["text"] not in _shown(results)
