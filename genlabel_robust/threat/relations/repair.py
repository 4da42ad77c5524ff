"""The neighbour of a point that keeps to the relations.

Of each relation a way is chosen: the nearest, and where that leads nowhere one that the example
itself keeps to. Its comparisons are corrected one after the other: a column that follows others is
computed from them; where a comparison is not met, its columns share the shortest way to it, or
go there one after the other; a category that allows none of this goes back. What does not work
out for the whole of a change is tried for half of it and a quarter, and in the end the columns of
relations are given back: the example is a neighbour that keeps to what it must.
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

#: The shares of a change that are tried.
_SHARES = (1.0, 0.5, 0.25)


@dataclass(frozen=True, eq=False)
class Repair:
    """What brings points to relations; ``moves``: the relations over the m features that move."""

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
        """Return neighbours (q, m) of ``points`` (q, m), variants of ``raw`` (q, d), that exist.

        ``points`` are perturbations in boxes ``low``, ``high`` (q, m), on the lattice; so are the
        neighbours, and in ``ball`` if the points are. A point that keeps to the relations is its
        own neighbour.
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
        """Return ``points`` (q, m) of which a ``share`` of what relations touch is left."""
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
        """Return ``points`` (q, m) corrected, if that is possible at all."""
        low, high = within_ball(self.moves, points, start.low, start.high, ball)
        if home and ball is not None and ball[0] == "l0":
            # what was not touched stays: touching it has a price
            still = self.moves.untouched(points)
            low, high = np.where(still, points, low), np.where(still, points, high)
        room = Start(start.raw, start.before, start.slack, low, high, start.own)
        values = start.before + np.stack([form.shift(points) for form in self.moves.forms], axis=1)
        wanted = chosen_ways(self._relations, self.moves, room, values, home=home)
        tried = Correction(self.moves, room, wanted).run(points)
        if ball is None or ball[0] in ("linf", "l0"):
            return tried
        out = ~fitting(self.moves, tried, points, ball)
        # what the row itself keeps to holds all the way back to the row
        length = np.maximum(distance(tried[out], ball[0]), 1e-300)[:, None]
        tried[out] = self._existing(tried[out] * (ball[1] / length), start.own[out], ball)
        return tried


def within_ball(
    moves: Moves, points: FloatArray, low: FloatArray, high: FloatArray, ball: Ball | None
) -> tuple[FloatArray, FloatArray]:
    """Return how far (q, m) and (q, m) the features of ``points`` may move.

    In L∞ not out of ``ball``, and not farther than the points are where these are out of it.
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
    """Mark the ``points`` (q, m) that are in ``ball``, or no farther than the ``original`` ones."""
    if ball is None:
        return np.ones(len(points), dtype=bool)
    norm, eps = ball
    most = np.maximum(eps * (1 + TOLERANCE), moves.length(original, norm))
    return np.asarray(moves.length(points, norm) <= most)
