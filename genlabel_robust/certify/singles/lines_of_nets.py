"""Decisions about the lines of many columns of a net, made together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.singles.asking import Asker, Nearest
from genlabel_robust.certify.singles.halves import Halves, Rows
from genlabel_robust.certify.singles.net_bounds import NetOnLines
from genlabel_robust.certify.singles.net_lines import decide_halves
from genlabel_robust.certify.singles.ways import Lines, Points, Ways
from genlabel_robust.core import IntArray
from genlabel_robust.structure import ReluNet
from genlabel_robust.threat.table_columns import TableColumn

#: How far a point is pushed past a boundary until it is confirmed, as a share of its distance. Its
#: label must not depend on the last bits.
_PUSHES = (0.0, 1e-5, 1e-4, 1e-3, 1e-2)


@dataclass(frozen=True, eq=False)
class Begun:
    """The lines of one ``column`` that are still to be decided, and where results go."""

    column: TableColumn
    lines: Lines
    whole: bool
    nearest: Nearest


def begun(asker: Asker, column: TableColumn, ways: Ways, nearest: Nearest) -> Begun:
    """Query the starts of the lines in ``ways``, and return the lines that are still open."""
    lines = ways.lines
    start = np.flatnonzero(lines.cost > 0)
    points = lines.at(start, lines.values[start, 0])
    wrong = asker.mislabelled(column, points)
    points = Points(points.rows[wrong], points.values[wrong])
    nearest.take_points(asker, column, points, listed=True)
    left = np.ones(len(lines), dtype=bool)
    left[start[wrong]] = False
    return Begun(column, lines.take(left), ways.whole, nearest)


def lines_of_net(asker: Asker, net: ReluNet, eps: tuple[float, ...], waiting: list[Begun]) -> None:
    """Decide all lines of ``waiting``, and write the results into their ``nearest``."""
    rows = _rows(asker, eps, waiting)
    every = np.arange(len(rows.y))
    here = rows.begin[every, rows.number]
    low, high, least, most = (
        np.concatenate([getattr(one.lines, name) for one in waiting]) - here
        for name in ("low", "high", "least", "most")
    )
    reach = np.maximum(np.abs(low), np.abs(high))
    edges = np.abs(rows.begin) + np.abs(asker.space.offset)
    edges[every, rows.number] += reach
    lines = NetOnLines.of(net, rows.begin, rows.number, reach, 8 * np.spacing(edges), rows.y)
    both = [
        Halves.of(rows, every, 1.0, np.maximum(high, 0.0), np.maximum(most, 0.0)),
        Halves.of(rows, every, -1.0, np.maximum(-low, 0.0), np.maximum(-least, 0.0)),
    ]
    for halves in both:
        decide_halves(lines, halves)
    start = 0
    for one in waiting:
        own = np.arange(start, start + len(one.lines))
        start += len(one.lines)
        for halves in both:
            _write(asker, one, halves, own)


def _rows(asker: Asker, eps: tuple[float, ...], waiting: list[Begun]) -> Rows:
    begin, number = [], []
    for one in waiting:
        rows = asker.changed(one.column, Points(one.lines.rows, one.lines.values))
        begin.append(rows)
        number.append(np.full(len(rows), one.column.features[0]))
    numbers = np.concatenate(number)
    return Rows(
        quick=asker.quick,
        begin=np.concatenate(begin),
        y=np.concatenate([asker.y[one.lines.rows] for one in waiting]),
        number=numbers,
        scale=asker.space.scale[numbers],
        cost=np.concatenate([one.lines.cost for one in waiting]),
        whole=np.concatenate([np.full(len(one.lines), one.whole) for one in waiting]),
        norm=asker.norm,
        eps=eps,
    )


def _write(asker: Asker, one: Begun, halves: Halves, own: IntArray) -> None:
    """Write the results of the half-lines ``own`` (l,), one for each line of ``one``."""
    lines = one.lines
    broken, goal, open_ = halves.broken[own], halves.goal[own], halves.open[own]
    breaks = np.isfinite(broken)
    # the first wrong whole step follows the last one that is known to be right
    known = np.where(breaks & one.whole, broken, goal)
    known = np.minimum(known, open_)
    doubtful = np.flatnonzero(breaks | np.isfinite(open_))
    far = halves.rows.distance(own, known) * (1 - 1e-12)
    one.nearest.doubt(lines.rows[doubtful], far[doubtful])
    _keep(asker, one, halves, own, np.flatnonzero(breaks))


def _keep(asker: Asker, one: Begun, halves: Halves, own: IntArray, which: IntArray) -> None:
    """Keep the break points of the lines ``which``, pushed outward until they are confirmed."""
    here, sign = one.lines.values[:, 0], halves.sign[own]
    for push in _PUSHES:
        if not len(which) or (push and one.whole):
            return
        t = np.minimum(halves.broken[own[which]] * (1 + push), halves.ask[own[which]])
        points = one.lines.at(which, here[which] + sign[which] * t)
        counts = asker.allowed(one.column, points) & asker.confirmed(one.column, points)
        kept = Points(points.rows[counts], points.values[counts])
        one.nearest.keep(kept, asker.distances(one.column, kept))
        which = which[~counts]
