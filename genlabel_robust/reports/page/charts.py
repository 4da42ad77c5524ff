"""The charts of the report: intervals, curves over ε, survival curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.reports.page import svg
from genlabel_robust.reports.page.markup import Markup, element
from genlabel_robust.statistics import Estimate

#: Estimates as in ``results.json``, None where there is none.
Estimates: TypeAlias = Sequence[Estimate | None]

WIDTH = 720
_STEPS = 60


def interval_chart(
    title: str,
    names: Sequence[str],
    measures: Sequence[tuple[str, Estimates]],
    *,
    of: str = "models",
) -> svg.Drawing:
    """Return marks with whiskers: a line for each name, a mark for each measure (at most three).

    ``of``: what the names are of.
    """
    pitch = 14 * len(measures) + 12
    height = 30 + pitch * len(names)
    frame = svg.Frame(170, WIDTH - 20, 30, height, 0.0, 1.0)
    body = svg.percent_axis(frame, "accuracy, %, with its interval")
    for index, (measure, _) in enumerate(measures):
        body += [
            svg.mark(178 + 170 * index, 14, index),
            svg.text(190 + 170 * index, 18, measure, "b"),
        ]
    for row, one in enumerate(names):
        middle = 30 + pitch * (row + 0.5)
        body.append(svg.label(160, middle + 4, one, 22))
        for index, (_, estimates) in enumerate(measures):
            y = middle + 14 * (index - (len(measures) - 1) / 2)
            body += _whisker(frame, y, estimates[row], index)
    said = f"{len(names)} {of}; marks are {', '.join(m for m, _ in measures)}, lines intervals."
    return svg.Drawing(title, said, WIDTH, height + 44, tuple(body))


def bracket_chart(
    title: str, names: Sequence[str], ranges: Sequence[tuple[float, float]]
) -> svg.Drawing:
    """Return a bar for each name: filled up to the lower end of its range, light up to the upper.

    ``ranges``: shares that are proved, and that nothing broke.
    """
    height = 30 + 24 * len(names)
    frame = svg.Frame(170, WIDTH - 110, 20, height, 0.0, 1.0)
    body = svg.percent_axis(frame, "robust accuracy, %")
    for row, (one, (low, high)) in enumerate(zip(names, ranges, strict=True)):
        y = 20 + 24 * row + 5
        body.append(svg.label(160, y + 11, one, 22))
        body += [svg.bar(frame, y, 14, 0.0, low, "p"), svg.bar(frame, y, 14, low, high, "q")]
        body.append(svg.bar(frame, y, 14, 0.0, 1.0, "f"))
        told = f"{100 * high:.1f}" if high == low else f"{100 * low:.1f} to {100 * high:.1f}"
        body.append(svg.text(WIDTH - 102, y + 11, told, "b"))
    said = f"{len(names)} models; filled is proved, light is neither proved nor broken."
    return svg.Drawing(title, said, WIDTH, height + 44, tuple(body))


def difference_chart(title: str, names: Sequence[str], estimates: Estimates) -> svg.Drawing:
    """Return paired differences with whiskers around a line at zero, in percentage points."""
    known = [e for e in estimates if e is not None]
    reach = max([0.01, *(abs(end) for e in known for end in (e.low, e.high))])
    height = 20 + 24 * len(names)
    frame = svg.Frame(170, WIDTH - 20, 20, height, -reach, reach)
    ticks = svg.nice_ticks(-reach, reach, 6)
    body = svg.value_axis(
        frame, ticks, [_signed(tick) for tick in ticks], "difference, percentage points"
    )
    body.append(svg.line(frame.x(0), 20, frame.x(0), height, "z"))
    for row, one in enumerate(names):
        y = 20 + 24 * (row + 0.5)
        body.append(svg.label(160, y + 4, one, 22))
        body += _whisker(frame, y, estimates[row], 0)
    said = f"{len(names)} differences; a line that does not cross zero is an interval without it."
    return svg.Drawing(title, said, WIDTH, height + 44, tuple(body))


def sweep_chart(
    title: str, eps: Sequence[float], series: Sequence[tuple[str, Estimates]]
) -> svg.Drawing:
    """Return a curve for each series over ε, with a band of its intervals."""
    height = max(300, 40 + 20 * len(series))
    frame = svg.Frame(50, WIDTH - 210, 34, height, 0.0, max(eps))
    ticks = svg.nice_ticks(0.0, max(eps))
    body = svg.percent_height(frame, "accuracy, %")
    body += svg.value_axis(frame, ticks, [f"{tick:g}" for tick in ticks], "ε")
    points = [
        [(e, one) for e, one in zip([0.0, *eps], estimates, strict=True) if one is not None]
        for _, estimates in series
    ]
    for index, curve in enumerate(points):
        low = [f"{frame.x(e)} {frame.y(one.low)}" for e, one in curve]
        high = [f"{frame.x(e)} {frame.y(one.high)}" for e, one in curve]
        if curve:
            outline = f"M{'L'.join(high)}L{'L'.join(reversed(low))}Z"
            body.append(element("path", d=outline, class_=f"a s{index % svg.SERIES}"))
    for index, curve in enumerate(points):
        if curve:
            path = "L".join(f"{frame.x(e)} {frame.y(one.value)}" for e, one in curve)
            body.append(svg.curve(f"M{path}", index))
        body += [svg.mark(frame.x(e), frame.y(one.value), index) for e, one in curve]
    body += svg.legend(WIDTH - 190, 40, {i: one for i, (one, _) in enumerate(series)})
    said = "Accuracy on clean rows at ε = 0, then in the worst case; bands are intervals."
    return svg.Drawing(title, said, WIDTH, height + 44, tuple(body))


@dataclass(frozen=True, eq=False)
class Survival:
    """The distances (n,) of a curve, infinite where censored; none where there is no curve.

    ``least`` (n,): what is known of them from below, None where they are known or nothing is.
    """

    name: str
    distances: FloatArray
    least: FloatArray | None = None


def survival_chart(
    title: str, axis: str, eps: Sequence[float], series: Sequence[Survival]
) -> svg.Drawing:
    """Return, for each series, the share of examples beyond each distance, which ``axis`` names.

    A curve with censored examples ends in a hollow mark; where distances are known up to bounds,
    a band lies below the curve if it is the only one.
    """
    finite = np.concatenate([s.distances[np.isfinite(s.distances)] for s in series])
    reach = max([*eps, float(np.quantile(finite, 0.98)) if len(finite) else 0.0]) * 1.08
    height = max(300, 40 + 20 * len(series))
    frame = svg.Frame(50, WIDTH - 210, 34, height, 0.0, reach)
    ticks = svg.nice_ticks(0.0, reach)
    body = svg.percent_height(frame, "examples with a larger margin, %")
    body += svg.value_axis(frame, ticks, [f"{tick:g}" for tick in ticks], axis)
    for one in eps:
        body.append(svg.line(frame.x(one), frame.y0, frame.x(one), frame.y1, "z"))
    if len(eps) == 1:
        body.append(svg.text(float(frame.x(eps[0])) + 4, frame.y0 + 12, "ε", "b"))
    shown = [(index, found) for index, found in enumerate(series) if len(found.distances)]
    if len(shown) == 1:  # of several, bands cover each other
        body += _band(frame, shown[0][1], shown[0][0])
    for index, found in shown:
        body += _survival(frame, found.distances, index)
    body += svg.legend(WIDTH - 190, 40, {index: found.name for index, found in shown})
    said = (
        "Each curve falls where an example's margin ends. A hollow mark at the right edge: some "
        "examples of that curve were never broken (censored)."
    )
    if any(found.least is not None for _, found in shown):
        said += " A true curve may lie below: not every distance is known."
    return svg.Drawing(title, said, WIDTH, height + 44, tuple(body))


def _survival(frame: svg.Frame, distances: FloatArray, index: int) -> list[Markup]:
    path = _path(frame, _falls(frame, distances))
    left = float((distances > frame.high).mean())
    if not left:
        return [svg.curve(path, index)]
    drawn = [svg.curve(f"{path}H{frame.x(frame.high)}", index)]
    if np.isinf(distances).any():
        drawn.append(svg.mark(frame.x1, frame.y(left), index, hollow=True))
    return drawn


def _band(frame: svg.Frame, one: Survival, index: int) -> list[Markup]:
    """Return the area in which the curve may lie."""
    if one.least is None:
        return []
    outline = f"{_path(frame, _falls(frame, one.distances))}H{frame.x(frame.high)}"
    falls = _falls(frame, one.least)
    # back along the lower curve: to its height, then to where it fell to that
    back = "".join(f"V{y}H{x}" for x, y in reversed(falls))
    outline += f"{back}V{frame.y(1)}Z"
    return [element("path", d=outline, class_=f"a s{index % svg.SERIES}")]


def _path(frame: svg.Frame, falls: Sequence[tuple[str, str]]) -> str:
    return f"M{frame.x(0)} {frame.y(1)}" + "".join(f"H{x}V{y}" for x, y in falls)


def _falls(frame: svg.Frame, distances: FloatArray) -> list[tuple[str, str]]:
    """Return where the curve of the share beyond each distance falls, and to what height."""
    shown = np.sort(distances[distances <= frame.high])
    rank = np.unique(np.linspace(1, len(shown), min(len(shown), _STEPS)).astype(int))
    return [
        (frame.x(float(shown[number - 1])), frame.y(1 - number / len(distances))) for number in rank
    ]


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
