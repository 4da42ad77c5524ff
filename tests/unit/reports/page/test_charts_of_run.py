from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from genlabel_robust.reports.page.charts_of_run import margin_figure, robust_accuracy_figure
from genlabel_robust.runs.cells.cell import CellResult, empty_result
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.results.results import Results


def panel(distances: list[float]) -> Panel:
    n = len(distances)
    labels, nothing = np.zeros(n, dtype=np.int64), np.zeros((1, n), dtype=np.int64)
    return Panel(
        [
            CellResult(
                np.arange(n),
                labels,
                labels,
                np.zeros(n),
                ("pgd",),
                ("gradients",),
                np.array([distances]),
                nothing,
                nothing,
                np.zeros((1, n, 1)),
                None,
            )
        ]
    )


@pytest.fixture
def run(results: dict[str, Any]) -> StoredRun:
    untrained = Panel([empty_result("no", np.arange(4), np.zeros(4, dtype=np.int64))])
    panels = {
        ("two", "mlp", "vanilla"): panel([0.1, 0.2, 0.3, np.inf]),
        ("two", "mlp", "mixup"): panel([0.0, 0.0, 0.2, 0.5]),
        ("two", "mlp", "adamixup"): untrained,
    }
    return StoredRun(Path(), {}, Results(results), panels)


def texts(svg: bytes) -> set[str]:
    root = ElementTree.fromstring(svg)  # noqa: S314  our own file
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    return {element.text.strip() for element in root.iter() if element.text}


@pytest.mark.parametrize("draw", [robust_accuracy_figure, margin_figure])
def test_the_same_results_give_the_same_bytes_without_a_date(draw: Any, run: StoredRun) -> None:
    svg = draw(run)
    assert draw(run) == svg
    assert b"dc:date" not in svg


def test_accuracies_are_labelled_by_strategy_and_measure(run: StoredRun) -> None:
    shown = texts(robust_accuracy_figure(run))
    assert {"vanilla", "mixup", "adamixup", "clean", "worst case"} <= shown
    assert {"Accuracy on two at ε = 0.1", "accuracy, %, with its interval"} <= shown


def test_margins_are_labelled_and_what_was_not_trained_is_left_out(run: StoredRun) -> None:
    shown = texts(margin_figure(run))
    assert {"vanilla", "mixup", "answers that are right, %"} <= shown
    assert "adamixup" not in shown


def test_other_numbers_give_another_figure(run: StoredRun, results: dict[str, Any]) -> None:
    accuracies, margins = robust_accuracy_figure(run), margin_figure(run)
    results["rows"][0]["robust_accuracy"]["value"] = 0.6
    run = replace(run, results=Results(results))
    run.panels["two", "mlp", "vanilla"] = panel([0.1, 0.2, 0.4, np.inf])
    assert robust_accuracy_figure(run) != accuracies
    assert margin_figure(run) != margins


@pytest.mark.parametrize("draw", [robust_accuracy_figure, margin_figure])
def test_a_run_in_which_nothing_could_be_trained_is_drawn_empty(
    draw: Any, run: StoredRun, results: dict[str, Any]
) -> None:
    results["rows"] = results["rows"][2:]
    for name in ("vanilla", "mixup"):
        del run.panels["two", "mlp", name]
    assert texts(draw(run))


def test_every_group_has_its_panel(run: StoredRun, results: dict[str, Any]) -> None:
    results["rows"] += [
        row | {"architecture": f"net-{i}"} for row in results["rows"] for i in range(4)
    ]
    shown = texts(robust_accuracy_figure(run))
    assert {f"Accuracy on two, {one} at ε = 0.1" for one in ("mlp", "net-0", "net-3")} <= shown
