"""Repair: moves a point to a neighbour that satisfies the relations.

For each relation a way is chosen: the nearest one, or, if that fails, one that the example itself
satisfies. Its comparisons are corrected one after the other. A column that follows others is
computed from them. If a comparison is violated, its columns share the shortest step to it, or move
one after the other; a category that prevents this is reset. If the whole change cannot be repaired,
half of it and a quarter are tried, and finally the columns of the relations are reset: the example
itself is always a valid neighbour.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray
from genlabel_robust.threat.norms import Ball
from genlabel_robust.threat.relations.bound import Relations
from genlabel_robust.threat.relations.correction import Correction
from genlabel_robust.threat.relations.moves import Moves
from genlabel_robust.threat.relations.wanted import Start, chosen_ways
from genlabel_robust.threat.threat_model import TOLERANCE, distance

#: The shares of a change that are tried, in order.
_SHARES = (1.0, 0.5, 0.25)


@dataclass(frozen=True, eq=False)
class Repair:
    """Moves points to satisfy relations; ``moves``: the relations over the m mutable features."""

    moves: Moves

    @property
    def _relations(self) -> Relations:
        return self.moves.relations

    def repaired(
        self,
        raw: FloatArray,
        points: FloatArray,
        low: FloatArray,
        high: FloatArray,
        ball: Ball | None,
    ) -> FloatArray:
        """Return valid neighbours (q, m) of ``points`` (q, m), which are changes of ``raw`` (q, d).

        ``points`` are perturbations on the lattice, in boxes ``low``, ``high`` (q, m); so are the
        neighbours, which lie in ``ball`` if the points do. A point that satisfies the relations is
        its own neighbour.
        """
        kept = self._relations.kept(raw, self.moves.moved(raw, points))
        rows = np.flatnonzero(~kept)
        if not len(rows):
            return points
        found = points.copy()
        found[rows] = self._mended(raw[rows], points[rows], low[rows], high[rows], ball)
        return found

    def _mended(
        self,
        raw: FloatArray,
        points: FloatArray,
        low: FloatArray,
        high: FloatArray,
        ball: Ball | None,
    ) -> FloatArray:
        found = points.copy()
        found[:, self.moves.touched] = 0.0
        before, slack = self._relations.values(raw)
        own = raw[:, self.moves.axes] == 1
        everything = Start(raw, before, slack, low, high, own)
        open_ = np.arange(len(raw))
        for share in _SHARES:
            for home in (False, True):
                start = everything.of(open_)
                shrunk = self._shrunk(points[open_], share, start)
                tried = self._tried(shrunk, start, ball, home=home)
                good = self._relations.kept(start.raw, self.moves.moved(start.raw, tried))
                good &= fitting(self.moves, tried, points[open_], ball)
                found[open_[good]], open_ = tried[good], open_[~good]
                if not len(open_):
                    return found
        return found

    def _shrunk(self, points: FloatArray, share: float, start: Start) -> FloatArray:
        """Return ``points`` (q, m), reduced to ``share`` in the features that relations concern."""
        if share == 1.0:
            return points
        less = points.copy()
        less[:, self.moves.touched] *= share
        return self._existing(less, start.own, None)

    def _existing(self, points: FloatArray, own: BoolArray, ball: Ball | None) -> FloatArray:
        lattice = self.moves.lattice
        return points if lattice is None else lattice.nearest(points, own, ball)

    def _tried(
        self, points: FloatArray, start: Start, ball: Ball | None, *, home: bool
    ) -> FloatArray:
        """Return ``points`` (q, m) after an attempt to correct them."""
        low, high = within_ball(self.moves, points, start.low, start.high, ball)
        if home and ball is not None and ball[0] == "l0":
            # unchanged features stay unchanged, because changing them has a price
            still = self.moves.untouched(points)
            low, high = np.where(still, points, low), np.where(still, points, high)
        room = Start(start.raw, start.before, start.slack, low, high, start.own)
        values = start.before + np.stack([form.shift(points) for form in self.moves.forms], axis=1)
        wanted = chosen_ways(self._relations, self.moves, room, values, home=home)
        tried = Correction(self.moves, room, wanted).run(points)
        if ball is None or ball[0] in ("linf", "l0"):
            return tried
        out = ~fitting(self.moves, tried, points, ball)
        # a way that the row itself satisfies holds on the whole line back to the row
        length = np.maximum(distance(tried[out], ball[0]), 1e-300)[:, None]
        tried[out] = self._existing(tried[out] * (ball[1] / length), start.own[out], ball)
        return tried


def within_ball(
    moves: Moves, points: FloatArray, low: FloatArray, high: FloatArray, ball: Ball | None
) -> tuple[FloatArray, FloatArray]:
    """Return the limits (q, m), (q, m) between which the features of ``points`` may move.

    In L∞ they stay in ``ball``, or, if the points are outside, no farther out than the points.
    """
    if ball is None or ball[0] != "linf":
        return low, high
    features = np.arange(len(moves.axes))
    step = moves.whole | (moves.group_of >= 0)
    radius = np.where(step, ball[1] * (1 + TOLERANCE), ball[1])
    radius = moves.whole_steps(radius, features)
    return (
        np.minimum(np.maximum(low, -radius), points),
        np.maximum(np.minimum(high, radius), points),
    )


def fitting(moves: Moves, points: FloatArray, original: FloatArray, ball: Ball | None) -> BoolArray:
    """Mark the ``points`` (q, m) that are in ``ball``, or no longer than the ``original`` ones."""
    if ball is None:
        return np.ones(len(points), dtype=bool)
    norm, eps = ball
    most = np.maximum(eps * (1 + TOLERANCE), moves.length(original, norm))
    return np.asarray(moves.length(points, norm) <= most)
