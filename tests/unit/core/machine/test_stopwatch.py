"""Durations that a clock set back does not change."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from genlabel_robust.core.machine import stopwatch
from genlabel_robust.core.machine.stopwatch import Stopwatch


def test_a_clock_that_is_set_back_changes_stamps_and_no_duration(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = SimpleNamespace(wall=1_800_000_000.0, ticks=50.0)
    clocks = SimpleNamespace(time=lambda: now.wall, monotonic=lambda: now.ticks)
    monkeypatch.setattr(stopwatch, "time", clocks)
    watch = Stopwatch.start()
    now.wall, now.ticks = now.wall - 7200, now.ticks + 12.3456
    assert watch.times(ended=True) == {
        "started": "2027-01-15T08:00:00+00:00",
        "finished": "2027-01-15T06:00:00+00:00",
        "seconds": 12.346,
    }
    assert watch.times(ended=False) == {
        "started": "2027-01-15T08:00:00+00:00",
        "finished": None,
        "seconds": None,
    }
