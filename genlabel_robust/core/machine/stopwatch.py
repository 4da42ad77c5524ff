"""Start times and durations, from the two clocks that suit each."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Stopwatch:
    """A start time by the system clock, ``stamp``, and by the monotonic clock, ``ticks``.

    Both in seconds. The system clock may be set back during a run, so it is used for time stamps
    only, and the monotonic clock for durations.
    """

    stamp: float
    ticks: float

    @classmethod
    def start(cls) -> Stopwatch:
        """Return a stopwatch that starts now."""
        return cls(time.time(), time.monotonic())

    def times(self, *, ended: bool) -> dict[str, Any]:
        """Return the start time and, if ``ended``, the current time as the end and the duration."""
        return {
            "started": _iso(self.stamp),
            "finished": _iso(time.time()) if ended else None,
            "seconds": round(time.monotonic() - self.ticks, 3) if ended else None,
        }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
