"""The output of a dry run about gates: headings explain the figures and their units."""

from __future__ import annotations

from typing import Any

import pytest

from genlabel_robust.reports.text.forecast import forecast_text
from genlabel_robust.runs.forecast.forecast import DISCORDANCES, Drop, Forecast
from genlabel_robust.threat import ThreatModel


def planned(gate: Any, seeds: int, noises: tuple[float | None, ...]) -> str:
    drops = tuple(
        Drop("iris", 45, noise, share, None if share > 0.05 else share + 0.0123)
        for noise in noises
        for share in DISCORDANCES
    )
    return forecast_text(
        Forecast(
            folder="runs/x",
            datasets=(),
            strategies=("vanilla",),
            architectures=("mlp",),
            seeds=seeds,
            cells=1,
            held=0,
            suite="quick-1",
            threat=ThreatModel("linf", (0.1,)),
            attacks=({"name": "noise", "kind": "fixed", "needs": "decisions", "settings": {}},),
            jobs=1,
            seconds=2.0,
            measured_seconds=1.0,
            arrays_bytes=10,
            weights_bytes=10,
            gate=gate,
            power=0.8,
            drops=drops,
        )
    ).split("\n\n")[-1]


def test_a_plan_for_recipes_says_what_its_figures_are() -> None:
    assert planned("recipe", 5, (0.005, 0.01)).splitlines() == [
        "gate    the smallest drop to allow, in points of accuracy (1 point is --max-drop 0.01), "
        "so that an unchanged recipe (5 seeds on each side) passes in 80 % of cases;",
        "        it depends on the standard deviation of accuracy over seeds, and on the share of "
        "answers that differ between two trainings",
        "  data set  test rows  deviation, points  2 % differ  5 % differ  10 % differ",
        "  iris      45         0.5                3.3         6.3         n/a",
        "  iris      45         1                  3.3         6.3         n/a",
    ]


def test_a_plan_for_one_model_has_no_column_of_seeds() -> None:
    first, _, head, line = planned("checkpoint", 1, (None,)).splitlines()
    assert "so that an equally robust model passes in 80 % of cases" in first
    assert head == "  data set  test rows  2 % differ  5 % differ  10 % differ"
    assert line == "  iris      45         3.3         6.3         n/a"


@pytest.mark.parametrize("seeds", [2, 4])
def test_seeds_that_suit_no_gate_are_told_which_do(seeds: int) -> None:
    assert planned(None, seeds, ()).strip() == (
        f"gate    {seeds} seeds are compared only seed by seed, with --mode checkpoint: take 1 to "
        "compare two models, 5 or more to compare two ways of training"
    )
