from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from genlabel_robust.reports.page import notebook
from genlabel_robust.reports.page.charts_of_run import margin_figure, robust_accuracy_figure
from genlabel_robust.reports.page.curves import HOLLOW, Curve, curve_chart, has_intervals
from genlabel_robust.runs.cells.cell import CellResult, empty_result
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.results.results import Results
from genlabel_robust.statistics import Estimate


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


def test_a_picture_of_one_data_set_has_one_title(run: StoredRun) -> None:
    for draw, title in (
        (margin_figure, "Right answers on two as ε grows"),
        (robust_accuracy_figure, "Accuracy on two at ε = 0.1"),
    ):
        titles = re.findall(r'class="h">([^<]+)<', draw(run).decode())
        assert titles == [title]


def curve(name: str, *, estimates: bool = False) -> Curve:
    ends = {0.1: Estimate(0.5, 0.25, 0.75, 0.95, "wilson", 4)} if estimates else {}
    return Curve(name, np.array([0.0, 0.1, 0.2, np.inf]), estimates=ends)


@pytest.mark.parametrize(("curves", "each"), [(1, 0), (2, 4), (4, 4), (5, 3), (8, 3)])
def test_several_curves_have_the_marks_of_their_legend(curves: int, each: int) -> None:
    drawn = "".join(curve_chart("t", "ε", [0.1], [curve(str(i)) for i in range(curves)]).body)
    marks = re.findall(r'transform="translate\(([\d.]+) ([\d.]+)\)" class="k s(\d)"', drawn)
    in_legend = curves > 1
    assert Counter(series for *_, series in marks) == {
        str(i): each + in_legend for i in range(curves if each else 0)
    }
    # on lines that cover each other, no mark covers another
    places = sorted(float(x) for x, y, _ in marks if float(y) > 100)
    assert all(after - before > 9 for before, after in pairwise(places))


def test_marks_lie_on_their_line_and_not_on_the_floor() -> None:
    drawn = "".join(curve_chart("t", "ε", [0.1], [curve("a"), curve("b")]).body)
    (path,) = re.findall(r'd="(M[^"]+V[^"]+)" class="c s0"', drawn)
    corners = re.findall(r"H([\d.]+)V([\d.]+)", path)
    marks = re.findall(r'translate\(([\d.]+) ([\d.]+)\)" class="k s0"', drawn)[1:]
    for x, y in marks:
        before = [height for at, height in corners if float(at) <= float(x)]
        assert y == (before[-1] if before else path.split()[1].split("H")[0])
    low = Curve("low", np.array([0.04, 0.04]))
    drawn = "".join(curve_chart("t", "ε", [0.1], [low, curve("b")]).body)
    assert drawn.count('class="k s0"') == 2  # in the legend, and before it falls


@pytest.mark.parametrize(("curves", "shown"), [(1, True), (5, True), (6, False)])
def test_intervals_stand_at_eps_as_long_as_they_are_few(curves: int, shown: bool) -> None:
    chosen = [curve(str(i), estimates=True) for i in range(curves)]
    drawn = "".join(curve_chart("t", "ε", [0.1], chosen).body)
    assert drawn.count('class="w s') == (curves if shown else 0)
    assert has_intervals(chosen) == shown
    assert not has_intervals([curve("a")])


def test_a_run_of_few_strategies_has_its_intervals_and_says_so(run: StoredRun) -> None:
    drawn = margin_figure(run).decode()
    assert drawn.count('class="w s') == 2
    assert "dashed: ε of the run; bars: 95 % intervals" in drawn


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


def test_a_hollow_mark_is_explained_where_there_is_one(
    run: StoredRun,
) -> None:
    assert "hollow mark: some answers were never turned" in margin_figure(run).decode()
    assert HOLLOW in "".join(map(str, notebook._pictures(run)))
    fallen = replace(run, panels={("two", "mlp", "mixup"): panel([0.0, 0.0, 0.2, 0.5])})
    assert "ollow mark" not in margin_figure(fallen).decode()
    assert "ollow mark" not in "".join(map(str, notebook._pictures(fallen)))
