"""How long work still takes, from its own pace: no estimate rather than a wrong one."""

import time
from collections.abc import Callable, Sequence
from itertools import pairwise

#: Seconds, and the share of the work, before which nothing is estimated.
_SECONDS, _SHARE = 5.0, 0.05
#: Paces that differ by more than this factor foretell nothing: those of the third and of the
#: fourth quarter of the time so far, and those of two kinds of work.
_APART, _KINDS_APART = 1.5, 2.0
#: A kind of work that is less than this share of the whole says nothing about pace.
_WEIGHTY = 0.05
#: So many times the longest wait between two reports, and the last one is no longer true.
_SILENT = 3.0


class Remaining:
    """Estimates the seconds that are left of work of one kind, or of several in turn.

    The share of the work that is done is known by the weights that someone expects. Whether
    these are right, the work itself shows: while its pace changes, or one kind of work has taken
    far more time for its weight than another, or only one of several has been seen, there is no
    estimate.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started = clock()
        self._reports: list[tuple[float, float]] = []
        self._kinds: dict[str, list[tuple[float, float]]] = {}
        self._kind = ""

    def report(self, share: float, kind: str = "") -> None:
        """Say that ``share`` of the work is done, and of what ``kind`` the work at hand is."""
        report = self._clock() - self._started, share
        self._reports.append(report)
        # where one kind begins the last one ends
        for one in {self._kind, kind}:
            if one == kind or one in self._kinds:
                self._kinds.setdefault(one, []).append(report)
        self._kind = kind

    def seconds(self) -> float | None:
        """Return the seconds that are left, None where nothing honest can be said."""
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
        """Say whether every kind of work so far took about as long for its weight."""
        if len(self._kinds) < 2:
            return "" in self._kinds
        paces = [
            pace
            for reports in self._kinds.values()
            if reports[-1][1] - reports[0][1] >= _WEIGHTY and (pace := _pace(reports)) is not None
        ]
        return len(paces) > 1 and max(paces) <= _KINDS_APART * min(paces)


def _pace(reports: Sequence[tuple[float, float]]) -> float | None:
    """Return the seconds that the whole takes at the pace of ``reports``, None without one."""
    if not reports:
        return None
    (begun, first), (ended, last) = reports[0], reports[-1]
    return (ended - begun) / (last - first) if ended > begun and last > first else None
