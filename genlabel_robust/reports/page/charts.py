"""The charts of the report: outcomes of correct predictions, intervals and differences."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from genlabel_robust.reports.page import svg
from genlabel_robust.reports.page.markup import Markup
from genlabel_robust.statistics import Estimate

#: Estimates as in ``results.json``, with None for missing ones.
Estimates: TypeAlias = Sequence[Estimate | None]

#: Narrow, so that text stays legible when a drawing is scaled to a phone.
WIDTH = 400
LEFT, RIGHT = 10, WIDTH - 14
#: The number of characters of a name that fit the full width, and with figures after it.
_ROOM, _SHORTER = 34, 22


@dataclass(frozen=True)
class Outcomes:
    """The outcomes of a model's predictions under attack.

    ``answers``: the number of predictions. Of those, ``kept`` are proved to stay correct,
    ``open`` are undecided, ``turned`` are broken, and the others are wrong without an attack.
    ``proves``: whether there are proofs about the model.
    """

    name: str
    answers: int
    kept: int
    open: int
    turned: int
    proves: bool

    @property
    def wrong(self) -> int:
        """The number of predictions that are wrong without an attack."""
        return self.answers - self.kept - self.open - self.turned

    @property
    def words(self) -> str:
        """The accuracy under attack: "71.0 %"."""
        low, high = (100 * count / self.answers for count in (self.kept, self.kept + self.open))
        if not self.proves:
            return f"{high:.1f} % or less"
        return f"{low:.1f} to {high:.1f} %" if self.open else f"{low:.1f} %"


#: The parts of a bar: label, CSS class, and the field of ``Outcomes`` with the count.
_PARTS = (
    ("proved to stay right", "p", "kept"),
    ("neither turned nor proved", "q", "open"),
    ("turned wrong by the attacker", "x", "turned"),
    ("wrong before any attack", "n", "wrong"),
)


def outcome_chart(title: str, of: Sequence[Outcomes]) -> svg.Drawing:
    """Draw a bar of outcomes for each model; with counts if there is only one model."""
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
    """Draw a mark with whiskers for each measure (at most three), under each name.

    ``of``: a plural noun for what the names stand for.
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
    """Draw paired differences with whiskers around a line at zero, in percentage points."""
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
