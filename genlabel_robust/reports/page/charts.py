"""The charts of the report: what becomes of right answers, intervals, differences."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from genlabel_robust.reports.page import svg
from genlabel_robust.reports.page.markup import Markup
from genlabel_robust.statistics import Estimate

#: Estimates as in ``results.json``, None where there is none.
Estimates: TypeAlias = Sequence[Estimate | None]

#: Narrow, so that text stays legible when a drawing is scaled to a telephone.
WIDTH = 400
LEFT, RIGHT = 10, WIDTH - 14
#: So many characters of a name fit from one side to the other, and with figures after it.
_ROOM, _SHORTER = 34, 22


@dataclass(frozen=True)
class Outcomes:
    """How many ``answers`` of a model are proved to stay right, open or turned.

    The others were wrong before. ``proves``: whether anything is proved of the model.
    """

    name: str
    answers: int
    kept: int
    open: int
    turned: int
    proves: bool

    @property
    def wrong(self) -> int:
        """The answers that are wrong before any attack."""
        return self.answers - self.kept - self.open - self.turned

    @property
    def words(self) -> str:
        """The accuracy under attack: "71.0 %"."""
        low, high = (100 * count / self.answers for count in (self.kept, self.kept + self.open))
        if not self.proves:
            return f"{high:.1f} % or less"
        return f"{low:.1f} to {high:.1f} %" if self.open else f"{low:.1f} %"


#: The parts of a bar: what they are called, how they are drawn, and whose count they have.
_PARTS = (
    ("proved to stay right", "p", "kept"),
    ("neither turned nor proved", "q", "open"),
    ("turned wrong by the attacker", "x", "turned"),
    ("wrong before any attack", "n", "wrong"),
)


def outcome_chart(title: str, of: Sequence[Outcomes]) -> svg.Drawing:
    """Return a bar for each model, of what becomes of its answers; of one model with counts."""
    several = len(of) > 1
    parts = [part for part in _PARTS if any(getattr(one, part[2]) for one in of)]
    entries = [
        (words if several else f"{getattr(of[0], count):,} {words}", cls)
        for words, cls, count in parts
    ]
    key, below = svg.key(LEFT, 16, RIGHT, entries)
    top = below + 6
    pitch = 46 if several else 30
    height = top + pitch * len(of)
    frame = svg.Frame(LEFT, RIGHT, top, height, 0.0, 1.0)
    body = [*svg.percent_axis(frame, "share of all answers, %"), *key]
    for row, one in enumerate(of):
        y = top + pitch * row + (22 if several else 4)
        if several:
            body.append(svg.label(LEFT + 4, y - 6, one.name, _SHORTER, "b", f": {one.words}"))
        start = 0.0
        for _, cls, count in parts:
            end = start + getattr(one, count) / one.answers
            body.append(svg.bar(frame, y, 20, start, end, cls))
            start = end
    said = f"{len(of)} models; each bar is {', then '.join(words for words, _ in entries)}."
    return svg.Drawing(title, said, WIDTH, height + 44, tuple(body))


def interval_chart(
    title: str,
    names: Sequence[str],
    measures: Sequence[tuple[str, Estimates]],
    *,
    of: str = "models",
) -> svg.Drawing:
    """Return marks with whiskers under each name, a mark for each measure (at most three).

    ``of``: what the names are of.
    """
    key, below = svg.legend(LEFT, 16, RIGHT, {i: words for i, (words, _) in enumerate(measures)})
    pitch = 14 * len(measures) + 26
    top = below + 4
    height = top + pitch * len(names)
    frame = svg.Frame(LEFT, RIGHT, top, height, 0.0, 1.0)
    body = [*svg.percent_axis(frame, "accuracy, %, with its interval"), *key]
    for row, one in enumerate(names):
        y = top + pitch * row + 16
        body.append(svg.label(LEFT + 4, y, one, _ROOM, "b"))
        for index, (_, estimates) in enumerate(measures):
            body += _whisker(frame, y + 12 + 14 * index, estimates[row], index)
    said = f"{len(names)} {of}; marks are {', '.join(m for m, _ in measures)}, lines intervals."
    return svg.Drawing(title, said, WIDTH, height + 44, tuple(body))


def difference_chart(title: str, names: Sequence[str], estimates: Estimates) -> svg.Drawing:
    """Return paired differences with whiskers around a line at zero, in percentage points."""
    known = [e for e in estimates if e is not None]
    reach = max([0.01, *(abs(end) for e in known for end in (e.low, e.high))])
    height = 8 + 38 * len(names)
    frame = svg.Frame(LEFT, RIGHT, 8, height, -reach, reach)
    ticks = svg.nice_ticks(-reach, reach, 6)
    body = svg.value_axis(
        frame, ticks, [_signed(tick) for tick in ticks], "difference, percentage points"
    )
    body.append(svg.line(frame.x(0), 8, frame.x(0), height, "z"))
    for row, one in enumerate(names):
        y = 8 + 38 * row
        body.append(svg.label(LEFT + 4, y + 14, one, _ROOM, "b"))
        body += _whisker(frame, y + 26, estimates[row], 0)
    said = f"{len(names)} differences; a line that does not cross zero is an interval without it."
    return svg.Drawing(title, said, WIDTH, height + 44, tuple(body))


def _whisker(frame: svg.Frame, y: float, estimate: Estimate | None, index: int) -> list[Markup]:
    if estimate is None:
        return [svg.text(frame.x0 + 4, y + 4, "n/a", "b")]
    low, high = frame.x(estimate.low), frame.x(estimate.high)
    return [
        svg.line(low, y, high, y, f"w s{index}"),
        svg.mark(frame.x(estimate.value), y, index),
    ]


def _signed(tick: float) -> str:
    return f"{100 * tick + 0.0:+.3g}".replace("-", "−") if abs(tick) > 1e-12 else "0"
