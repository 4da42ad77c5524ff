"""The elements of a chart as SVG: axes, whiskers, curves and legends, in the page's colours.

Series differ by colour (Okabe and Ito's), dashes, and shape of marks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from genlabel_robust.reports.page.markup import Markup, element, plain_name

SERIES = 8
#: The maximum length of a name in a legend, and the approximate width of a character in pixels.
_LEGEND, _WIDE = 34, 7.4
_SHAPES = (
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "M-3.6-3.6h7.2v7.2h-7.2z",
    "M0-5L4.6 3.4h-9.2z",
    "M0-5.2L5 0L0 5.2L-5 0z",
    "M0 5L4.6-3.4h-9.2z",
    "M-1.6-4.8h3.2v3.2h3.2v3.2h-3.2v3.2h-3.2v-3.2h-3.2v-3.2h3.2z",
    "M-4.6-2.6L0-5.2L4.6-2.6V2.6L0 5.2L-4.6 2.6z",
    "M-5-2.6h10v5.2h-10z",
)


@dataclass(frozen=True)
class Frame:
    """A plotting area in pixels; x values from ``low`` to ``high`` span ``x0`` to ``x1``."""

    x0: float
    x1: float
    y0: float
    y1: float
    low: float
    high: float

    def x(self, value: float) -> str:
        """Return the x coordinate of ``value``, clipped to the area."""
        share = (value - self.low) / (self.high - self.low)
        return pixel(self.x0 + min(max(share, 0.0), 1.0) * (self.x1 - self.x0))

    def y(self, share: float) -> str:
        """Return the y coordinate of a fraction."""
        return pixel(self.y1 - share * (self.y1 - self.y0))


def pixel(value: float) -> str:
    """Format a coordinate with one decimal, without a trailing zero."""
    return f"{value:.1f}".removesuffix(".0")


@dataclass(frozen=True)
class Drawing:
    """A chart of ``width`` by ``height`` pixels, with a title and a description for readers."""

    title: str
    description: str
    width: int
    height: float
    body: tuple[Markup, ...]

    def inside(self, identifier: str) -> Markup:
        """Return the chart as an accessible ``svg`` element; its data are in the table behind."""
        return element(
            "svg",
            element("title", self.title, id=f"{identifier}-title"),
            element("desc", self.description, id=f"{identifier}-desc"),
            *self.body,
            **_size(self.width, self.height),
            role="img",
            aria_labelledby=f"{identifier}-title {identifier}-desc",
        )


def picture(title: str, note: str, drawings: Sequence[Drawing], style: Markup) -> bytes:
    """Return an SVG file with ``drawings`` one below the other, each under its title.

    ``title``: for screen readers, not drawn. ``note``: a remark above all drawings, or "".
    ``style``: the style sheet, with values in place of the page's variables.
    """
    y, panels = 12.0, []
    if note:
        panels, y = [text(16, 24, note, "t")], 36.0
    for one in drawings:
        panels.append(text(16, y + 14, one.title, "h"))
        # a transform, as not all viewers support x and y of a nested svg
        drawn = element("svg", *one.body, **_size(one.width, one.height))
        panels.append(element("g", drawn, transform=f"translate(0 {pixel(y + 20)})"))
        y += one.height + 36
    # with long names, a title can be wider than its drawing
    wide = round(32 + _WIDE * max(map(len, [note, *(one.title for one in drawings)])))
    width = max([wide, *(one.width for one in drawings)])
    whole = element(
        "svg",
        element("title", title),
        element("style", style),
        element("rect", width="100%", height="100%", class_="paper"),
        *panels,
        xmlns="http://www.w3.org/2000/svg",
        **_size(width, y),
        role="img",
    )
    return f"{whole}\n".encode()


def _size(width: int, height: float) -> dict[str, str]:
    return {
        "viewBox": f"0 0 {width} {pixel(height)}",
        "width": str(width),
        "height": pixel(height),
    }


def text(x: float | str, y: float | str, words: str, class_: str | None = None) -> Markup:
    """Return a text; with ``class_`` "e" it ends at x, with "m" it is centred there."""
    return element("text", words, x=_at(x), y=_at(y), class_=class_)


def label(x: float, y: float, words: str, room: int, class_: str = "e", after: str = "") -> Markup:
    """Return a name cut to ``room`` characters, followed by ``after``.

    A name that is cut has the full name as its tooltip.
    """
    whole = plain_name(words)
    if len(whole) <= room:
        return text(x, y, whole + after, class_)
    short = f"{whole[: room - 1]}…{after}"
    return element("text", element("title", whole), short, x=_at(x), y=_at(y), class_=class_)


def line(x1: float | str, y1: float | str, x2: float | str, y2: float | str, cls: str) -> Markup:
    """Return a straight line."""
    return element("line", x1=_at(x1), y1=_at(y1), x2=_at(x2), y2=_at(y2), class_=cls)


def bar(frame: Frame, y: float, height: float, low: float, high: float, cls: str) -> Markup:
    """Return a bar from ``low`` to ``high``; ``cls``: "p" filled, "q" light, "f" frame only."""
    left, right = float(frame.x(low)), float(frame.x(high))
    return element(
        "rect",
        x=pixel(left),
        y=pixel(y),
        width=pixel(right - left),
        height=pixel(height),
        class_=cls,
    )


def mark(x: float | str, y: float | str, series: int, hollow: bool = False) -> Markup:
    """Return the mark of a series."""
    number = series % SERIES
    # after eight series, colours repeat with other shapes
    shape = _SHAPES[(series + series // SERIES) % SERIES]
    return element(
        "path",
        d=shape,
        transform=f"translate({_at(x)} {_at(y)})",
        class_=f"k s{number}" + (" o" if hollow else ""),
    )


def curve(path: str, series: int) -> Markup:
    """Return the line of a series."""
    return element("path", d=path, class_=f"c s{series % SERIES}")


def percent_axis(frame: Frame, title: str) -> list[Markup]:
    """Return a horizontal axis in percent, with its grid."""
    ticks = [tick / 100 for tick in range(0, 101, 20)]
    return value_axis(frame, ticks, [f"{100 * tick:.0f}" for tick in ticks], title)


def value_axis(
    frame: Frame, ticks: Sequence[float], words: Sequence[str], title: str
) -> list[Markup]:
    """Return a horizontal axis, with its grid."""
    marks = []
    for tick, word in zip(ticks, words, strict=True):
        x = frame.x(tick)
        marks += [line(x, frame.y0, x, frame.y1, "g"), text(x, frame.y1 + 16, word, "m")]
    middle = (frame.x0 + frame.x1) / 2
    return [*marks, text(middle, frame.y1 + 34, title, "m t")]


def percent_height(frame: Frame, title: str) -> list[Markup]:
    """Return a vertical axis in percent, with its grid."""
    marks = []
    for tick in range(0, 101, 20):
        y = frame.y(tick / 100)
        marks.append(line(frame.x0, y, frame.x1, y, "g"))
        marks.append(text(frame.x0 - 6, float(y) + 4, str(tick), "e"))
    return [*marks, text(frame.x0, frame.y0 - 10, title, "t")]


def legend(x: float, y: float, end: float, names: Mapping[int, str]) -> tuple[list[Markup], float]:
    """Return a line, a mark and a name for each series, and the height of the next line.

    Entries are placed side by side up to ``end``, and continue in the next line.
    """
    placed, below = _flowing(x, y, end, [*names.values()], 36)
    entries = []
    for index, (entry, left, height) in zip(names, placed, strict=True):
        entries += [
            curve(f"M{pixel(left)} {pixel(height)}h28", index),
            mark(left + 14, height, index),
            label(left + 34, height + 4, entry, _LEGEND, "b"),
        ]
    return entries, below


def key(
    x: float, y: float, end: float, entries: Sequence[tuple[str, str]]
) -> tuple[list[Markup], float]:
    """Return a box and a text for each of ``entries``, (class, text), placed like ``legend``."""
    placed, below = _flowing(x, y, end, [words for words, _ in entries], 20)
    drawn = []
    for (words, cls), (_, left, height) in zip(entries, placed, strict=True):
        box = Frame(left, left + 13, 0, 0, 0.0, 1.0)
        drawn += [
            bar(box, height - 7, 13, 0.0, 1.0, cls),
            label(left + 19, height + 4, words, _LEGEND, "b"),
        ]
    return drawn, below


def _flowing(
    x: float, y: float, end: float, words: Sequence[str], beside: float
) -> tuple[list[tuple[str, float, float]], float]:
    """Return ``words`` with the position of each entry, and the height of the next line."""
    placed, left = [], x
    for one in words:
        wide = beside + _WIDE * min(len(plain_name(one)), _LEGEND) + 14
        if left > x and left + wide > end + 14:
            left, y = x, y + 20
        placed.append((one, left, y))
        left += wide
    return placed, y + 14


def nice_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Return round numbers between ``low`` and ``high``."""
    if not high > low:
        return [low]
    raw = (high - low) / about
    power: float = 10.0 ** int(f"{raw:e}".partition("e")[2])
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * (1 - 1e-9))
    first = int(-(-low // step))
    return [n * step for n in range(first, first + 4 * about) if n * step <= high + step * 1e-9]


def _at(value: float | str) -> str:
    return value if isinstance(value, str) else pixel(value)
