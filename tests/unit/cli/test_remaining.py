"""The estimated time left is close to the truth, or there is none; clocks are simulated."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from genlabel_robust.cli.remaining import Remaining

#: Kinds of work: a name, the weight that is expected of it, the seconds that it takes.
Work = Sequence[tuple[str, float, float]]


def told(work: Work, reports: int) -> list[tuple[float, float | None, float]]:
    """Return (time, estimate, truth) every half second; each kind of work reports often."""
    clock = SimpleNamespace(now=0.0)
    remaining = Remaining(lambda: clock.now)
    whole, end = sum(weight for _, weight, _ in work), sum(seconds for *_, seconds in work)
    events = []
    begun = done = 0.0
    for kind, weight, seconds in work:
        events += [
            (begun + seconds * i / reports, (done + weight * i / reports) / whole, kind)
            for i in range(reports + 1)
        ]
        begun, done = begun + seconds, done + weight
    found, waiting = [], iter(events)
    event = next(waiting, None)
    for tick in range(int(2 * end) + 1):
        while event is not None and event[0] <= tick / 2:
            clock.now = event[0]
            remaining.report(event[1], event[2])
            event = next(waiting, None)
        clock.now = tick / 2
        found.append((clock.now, remaining.seconds(), end - clock.now))
    return found


def test_work_of_one_kind_at_one_pace_is_foretold() -> None:
    found = told([("", 1.0, 60.0)], 40)
    assert all(estimate is None for now, estimate, _ in found if now < 5)
    estimates = [(e, truth) for now, e, truth in found if 13 < now < 55]
    assert all(e is not None and e == pytest.approx(truth, abs=4) for e, truth in estimates)


def test_nothing_is_told_from_one_kind_about_the_next() -> None:
    # what was shown as "left 0:00:01" at 5 s and "0:00:06" at 15 s
    work = [("fgsm", 1.0, 0.2), ("pgd", 500.0, 4.8), ("sign-bisect", 300.0, 15.0)]
    for now, estimate, truth in told(work, 1):
        assert estimate is None, (now, estimate, truth)
    for now, estimate, truth in told(work, 10):
        assert estimate is None, (now, estimate, truth)


def test_kinds_that_take_what_they_weigh_are_foretold() -> None:
    work = [("a", 10.0, 10.0), ("b", 20.0, 22.0), ("checks", 30.0, 28.0)]
    found = [(e, truth) for _, e, truth in told(work, 20) if e is not None]
    assert len(found) > 20
    assert all(e == pytest.approx(truth, abs=8) for e, truth in found)


@pytest.mark.parametrize("slower", [3.0, 10.0])
def test_a_pace_that_falls_is_not_told_as_if_it_had_not(slower: float) -> None:
    first, second = [("", 1.0, 20.0)], [("", 1.0, 20.0 * slower)]
    after = [(n, e, t) for n, e, t in told([*first, *second], 40) if n > 24]
    wrong = [(n, e, t) for n, e, t in after if e is not None and not t / 2 < e < 2 * t and t > 5]
    assert wrong == []


def test_work_that_stops_reporting_is_no_longer_foretold() -> None:
    clock = SimpleNamespace(now=0.0)
    remaining = Remaining(lambda: clock.now)
    for second in range(1, 11):
        clock.now = float(second)
        remaining.report(second / 20)
    assert remaining.seconds() == pytest.approx(10)
    clock.now = 45.0
    assert remaining.seconds() is None
