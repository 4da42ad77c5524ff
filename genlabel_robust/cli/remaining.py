"""Estimates of the time left from the pace so far, or none rather than a wrong one."""

import time
from collections.abc import Callable, Sequence
from itertools import pairwise

#: The seconds, and the fraction of the work, before which there is no estimate.
_SECONDS, _SHARE = 5.0, 0.05
#: There is no estimate if paces differ by more than these factors: the paces of the third and the
#: fourth quarter of the time so far, and the paces of two kinds of work.
_APART, _KINDS_APART = 1.5, 2.0
#: The pace of a kind of work with less than this fraction of the whole is ignored.
_WEIGHTY = 0.05
#: The last report is outdated after this many times the longest wait between two reports.
_SILENT = 3.0


class Remaining:
    """Estimates the seconds left for work of one kind, or of several kinds one after another.

    The fraction of the work that is done comes from assumed weights, which may be wrong. So there
    is no estimate while the pace changes, if one kind of work took far more time for its weight
    than another, or if only one of several kinds has been seen.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started = clock()
        self._reports: list[tuple[float, float]] = []
        self._kinds: dict[str, list[tuple[float, float]]] = {}
        self._kind = ""

    def report(self, share: float, kind: str = "") -> None:
        """Record that the fraction ``share`` of the work is done; ``kind``: of the current work."""
        report = self._clock() - self._started, share
        self._reports.append(report)
        # the end of one kind of work is the start of the next
        for one in {self._kind, kind}:
            if one == kind or one in self._kinds:
                self._kinds.setdefault(one, []).append(report)
        self._kind = kind

    def seconds(self) -> float | None:
        """Return the estimated seconds left, or None without a reliable estimate."""
        now = self._clock() - self._started
        if now < _SECONDS or not self._reports or self._reports[-1][1] < _SHARE:
            return None
        late = [report for report in self._reports if report[0] >= now / 2]
        middle = 0.75 * now
        older = _pace([report for report in late if report[0] <= middle])
        newer = _pace([report for report in late if report[0] >= middle])
        if older is None or newer is None or not self._even():
            return None
        waits = [second[0] - first[0] for first, second in pairwise(late)]
        silent = now - late[-1][0] > _SILENT * max(waits)
        if silent or max(older, newer) > _APART * min(older, newer):
            return None
        pace = _pace(late)
        left = None if pace is None else (1 - late[-1][1]) * pace - (now - late[-1][0])
        return left if left is not None and left > 0 else None

    def _even(self) -> bool:
        """Return whether all kinds of work so far had about the same pace for their weights."""
        if len(self._kinds) < 2:
            return "" in self._kinds
        paces = [
            pace
            for reports in self._kinds.values()
            if reports[-1][1] - reports[0][1] >= _WEIGHTY and (pace := _pace(reports)) is not None
        ]
        return len(paces) > 1 and max(paces) <= _KINDS_APART * min(paces)


def _pace(reports: Sequence[tuple[float, float]]) -> float | None:
    """Return the seconds for the whole work at the pace of ``reports``, or None if unknown."""
    if not reports:
        return None
    (begun, first), (ended, last) = reports[0], reports[-1]
    return (ended - begun) / (last - first) if ended > begun and last > first else None
