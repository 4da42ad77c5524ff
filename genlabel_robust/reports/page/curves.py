"""Curves over ε from stored distances: the fraction of predictions that stay correct."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.reports.page import svg
from genlabel_robust.reports.page.charts import LEFT, RIGHT, WIDTH
from genlabel_robust.reports.page.markup import Markup, element
from genlabel_robust.statistics import Estimate

_STEPS = 60
#: The maximum extent of the axis, as a multiple of the largest ε.
_FARTHEST = 10.0
#: The number of marks on each of several curves; the lower number if there are many curves.
_MARKS, _FEW, _MANY = 4, 3, 4
#: The maximum number of intervals of all curves; and the pixels between those at the same ε.
_INTERVALS, _BESIDE = 5, 7.0
#: The maximum width of a letter of a label, in pixels.
_LETTER = 8.0
#: The explanation of a hollow mark at the end of a line.
HOLLOW = "Hollow mark: some answers were never turned."


@dataclass(frozen=True, eq=False)
class Curve:
    """The distances behind a curve.

    ``distances`` (n,): 0 for a row misclassified without an attack, infinite if censored; empty
    without a curve. ``least`` (n,): lower bounds of the distances, None if these are exact or if
    there are no bounds. ``estimates``: ε of the run -> accuracy with its interval.
    """

    name: str
    distances: FloatArray
    least: FloatArray | None = None
    estimates: Mapping[float, Estimate] = field(default_factory=dict)


def reach_of(eps: Sequence[float], curves: Sequence[Curve]) -> float:
    """Return the right end of the axis: beyond the largest ε, but not so far that ε gets lost."""
    finite = np.concatenate([one.distances[np.isfinite(one.distances)] for one in curves])
    farthest = float(np.quantile(finite, 0.98)) if len(finite) else 0.0
    return max(*eps, min(farthest, _FARTHEST * max(eps)), 0.0) * 1.08


def curve_chart(
    title: str, axis: str, eps: Sequence[float], curves: Sequence[Curve]
) -> svg.Drawing:
    """Draw, for each curve, the fraction of predictions that stay correct over ε.

    ``axis``: the label of the ε axis. ``eps``: the budgets of the run. A curve with censored
    distances ends in a hollow mark. A single curve with bounds has a band below it. Several
    curves have the marks of the legend, side by side. Intervals at each ε are drawn if there are
    few of them.
    """
    reach = reach_of(eps, curves)
    drawn = [(index, one) for index, one in enumerate(curves) if len(one.distances)]
    key: list[Markup] = []
    below = 4.0
    if len(drawn) > 1:
        key, below = svg.legend(LEFT, 16, RIGHT, {index: one.name for index, one in drawn})
    top = below + 22
    frame = svg.Frame(38, RIGHT, top, top + 220, 0.0, reach)
    ticks = svg.nice_ticks(0.0, reach)
    body = [*key, *svg.percent_height(frame, "answers that are right, %")]
    body += svg.value_axis(frame, ticks, [f"{tick:g}" for tick in ticks], axis)
    for one in eps:
        body.append(svg.line(frame.x(one), frame.y0, frame.x(one), frame.y1, "z"))
    if len(eps) == 1:
        body.append(_label(float(frame.x(eps[0])), frame.y0 + 14, f"ε = {eps[0]:g}"))
    if len(drawn) == 1:  # bands of several curves would overlap
        body += _band(frame, drawn[0][1], drawn[0][0])
    for index, curve in drawn:
        body += _line(frame, curve.distances, index)
    for place, (index, curve) in enumerate(drawn):
        if has_intervals(curves):
            body += _whiskers(frame, curve, index, place - (len(drawn) - 1) / 2)
        if len(drawn) > 1:
            body += _marks(frame, curve.distances, index, (place + 0.5) / len(drawn), len(drawn))
    return svg.Drawing(title, _described(drawn, frame), WIDTH, frame.y1 + 44, tuple(body))


def _label(x: float, y: float, words: str) -> Markup:
    """Draw ``words`` to the right of a line at ``x``, or to its left if they do not fit."""
    if x + 5 + _LETTER * len(words) <= WIDTH:
        return svg.text(x + 5, y, words, "b")
    return svg.text(x - 5, y, words, "b e")


def censored(curves: Sequence[Curve]) -> bool:
    """Return whether ``curves`` have censored distances: predictions that were never broken."""
    return any(bool(np.isinf(one.distances).any()) for one in curves)


def has_intervals(curves: Sequence[Curve]) -> bool:
    """Return whether to draw intervals: ``curves`` have some, and not too many."""
    return 0 < sum(len(one.estimates) for one in curves) <= _INTERVALS


def _whiskers(frame: svg.Frame, one: Curve, index: int, beside: float) -> Iterator[Markup]:
    """Draw the intervals of a curve, shifted by ``beside`` places from their ε."""
    for eps, estimate in one.estimates.items():
        x = svg.pixel(float(frame.x(eps)) + beside * _BESIDE)
        yield svg.line(
            x, frame.y(estimate.low), x, frame.y(estimate.high), f"w s{index % svg.SERIES}"
        )


def _marks(
    frame: svg.Frame, distances: FloatArray, index: int, shift: float, curves: int
) -> Iterator[Markup]:
    """Draw the marks of one of ``curves`` curves, shifted by the fraction ``shift`` of a gap."""
    count = _MARKS if curves <= _MANY else _FEW
    falls = _falls(frame, distances)
    for number in range(count):
        x = frame.x0 + (number + shift) / count * (frame.x1 - frame.x0)
        heights = [y for at, y in falls if float(at) <= x]
        y = heights[-1] if heights else frame.y(_clean(distances))
        # no marks at 0, where all curves coincide
        if float(y) < frame.y1:
            yield svg.mark(x, y, index)


def _described(drawn: Sequence[tuple[int, Curve]], frame: svg.Frame) -> str:
    said = (
        "Each curve begins at the accuracy without an attack, and falls where answers are turned."
    )
    if censored([one for _, one in drawn]):
        said += " A hollow mark at the right edge: some answers of that curve were never turned."
    if any(one.least is not None for _, one in drawn):
        said += " A true curve may lie below: not every distance is known."
    return said


def _line(frame: svg.Frame, distances: FloatArray, index: int) -> list[Markup]:
    path = _path(frame, distances)
    left = float((distances > frame.high).mean())
    if not left:
        return [svg.curve(path, index)]
    drawn = [svg.curve(f"{path}H{frame.x(frame.high)}", index)]
    if np.isinf(distances).any():
        drawn.append(svg.mark(frame.x1, frame.y(left), index, hollow=True))
    return drawn


def _band(frame: svg.Frame, one: Curve, index: int) -> list[Markup]:
    """Draw the area in which the true curve may lie."""
    if one.least is None:
        return []
    outline = f"{_path(frame, one.distances)}H{frame.x(frame.high)}"
    falls = _falls(frame, one.least)
    # back along the lower curve, from right to left
    back = "".join(f"V{y}H{x}" for x, y in reversed(falls))
    # the lower curve drops at ε = 0 by the rows without a proof
    outline += f"{back}V{frame.y(_clean(one.least))}H{frame.x(0)}Z"
    return [element("path", d=outline, class_=f"a s{index % svg.SERIES}")]


def _path(frame: svg.Frame, distances: FloatArray) -> str:
    begin = f"M{frame.x(0)} {frame.y(_clean(distances))}"
    return begin + "".join(f"H{x}V{y}" for x, y in _falls(frame, distances))


def _clean(distances: FloatArray) -> float:
    """Return the fraction of predictions that are correct without an attack."""
    return float((distances > 0).mean())


def _falls(frame: svg.Frame, distances: FloatArray) -> list[tuple[str, str]]:
    """Return (x, y) of each drop of the curve: where it falls, and to what height."""
    wrong = int((distances <= 0).sum())
    fallen = np.sort(distances[(distances > 0) & (distances <= frame.high)])
    count = min(len(fallen), _STEPS)
    rank = np.unique(np.linspace(1, len(fallen), count).astype(int))
    return [
        (frame.x(float(fallen[number - 1])), frame.y(1 - (wrong + number) / len(distances)))
        for number in rank
    ]
