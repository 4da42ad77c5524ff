"""When something began, and how long it takes: two clocks, and each for its own purpose."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Stopwatch:
    """A moment by the calendar, ``stamp``, and by a clock that nobody sets, ``ticks``.

    The calendar's clock may be set back while something runs: it gives stamps only, and
    durations are those of the other one. Both in seconds.
    """

    stamp: float
    ticks: float

    @classmethod
    def start(cls) -> Stopwatch:
        """Return a stopwatch that starts now."""
        return cls(time.time(), time.monotonic())

    def times(self, *, ended: bool) -> dict[str, Any]:
        """Return when this began and, if it has ``ended``, that it ends now, and its seconds."""
        return {
            "started": _iso(self.stamp),
            "finished": _iso(time.time()) if ended else None,
            "seconds": round(time.monotonic() - self.ticks, 3) if ended else None,
        }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
