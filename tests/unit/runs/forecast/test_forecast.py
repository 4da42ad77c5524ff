from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from genlabel_robust.core.files.writing import json_text
from genlabel_robust.reports.text.forecast import duration, forecast_text, size
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.forecast.forecast import Forecast, _makespan, forecast, gate_of
from genlabel_robust.runs.plan.recipe_plan import make_plan


@pytest.fixture(scope="module")
def found() -> Forecast:
    config = RunConfig(
        datasets=("iris",),
        strategies=("vanilla",),
        architectures=("logistic",),
        seeds=1,
        suite="quick",
        max_examples=3,
        settings={"train": {"epochs": 2}},
        out="nowhere/run",
    )
    return forecast(make_plan(config))


def test_a_forecast_is_frozen_and_plain_json(found: Forecast) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.seconds = 0.0  # type: ignore[misc]
    assert '"folder": "nowhere/run"' in json_text(found.as_dict())
    assert not Path("nowhere").exists()


def test_where_no_drop_can_be_detected_the_reason_is_told(found: Forecast) -> None:
    for drop in found.drops:
        assert (drop.max_drop is None) == (drop.reason is not None)
    hopeless = dataclasses.replace(
        found, drops=tuple(dataclasses.replace(d, max_drop=None, reason="few") for d in found.drops)
    )
    assert forecast_text(hopeless).splitlines()[-1].split() == ["iris", "3", "n/a", "n/a", "n/a"]


@pytest.mark.parametrize(
    ("seeds", "gate"), [(1, "checkpoint"), (2, None), (4, None), (5, "recipe"), (9, "recipe")]
)
def test_the_gate_depends_on_the_seeds(seeds: int, gate: str | None) -> None:
    assert gate_of(seeds) == gate


@pytest.mark.parametrize(
    ("seconds", "jobs", "end"),
    [([], 2, 0.0), ([3.0, 2.0, 2.0], 1, 7.0), ([2.0, 3.0, 2.0], 2, 4.0), ([1.0, 9.0], 4, 9.0)],
)
def test_the_longest_cells_are_begun_first(seconds: list[float], jobs: int, end: float) -> None:
    assert _makespan(seconds, jobs) == end


def test_times_and_sizes_are_written_for_people() -> None:
    assert [duration(s) for s in (0.2, 3.4, 89, 600, 7200)] == [
        "a second",
        "3 seconds",
        "89 seconds",
        "10 minutes",
        "2.0 hours",
    ]
    assert [size(n) for n in (12, 1234, 56_700_000, 4.2e12)] == [
        "12 B",
        "1.23 kB",
        "56.7 MB",
        "4.2e+03 GB",
    ]
