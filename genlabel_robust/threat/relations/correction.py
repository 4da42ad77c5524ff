"""Correction of points: moves features, form after form, until forms have the values wanted."""

from __future__ import annotations

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.threat.lattice import ROUNDING
from genlabel_robust.threat.relations.moves import Form, Moves
from genlabel_robust.threat.relations.wanted import Start, Wanted
from genlabel_robust.threat.shortest_step import least_step

#: How many passes are made over all forms.
_ROUNDS = 6


class Correction:
    """Moves points so that their forms lie within ``wanted``, as far as possible."""

    def __init__(self, moves: Moves, start: Start, wanted: Wanted) -> None:
        self._moves, self._start, self._wanted = moves, start, wanted

    def run(self, points: FloatArray) -> FloatArray:
        """Return corrected ``points`` (q, m); some may still be wrong after the last pass."""
        points = points.copy()
        for _ in range(_ROUNDS):
            still = True
            for number, form in enumerate(self._moves.forms):
                need = self._need(number, form, points)
                rows = np.flatnonzero(np.abs(need) > 0.25 * self._start.slack[:, number])
                if len(rows) and len(form.at):
                    still = False
                    points[rows] = self._corrected(number, form, points[rows], need[rows], rows)
            if still:
                break
        return points

    def _value(self, number: int, form: Form, points: FloatArray) -> FloatArray:
        return np.asarray(self._start.before[:, number] + form.shift(points))

    def _need(self, number: int, form: Form, points: FloatArray) -> FloatArray:
        """Return the change (q,) that the form needs; 0 where its value is unknown."""
        value = self._value(number, form, points)
        low, high = self._wanted.low[:, number], self._wanted.high[:, number]
        need = np.where(value < low, low - value, np.where(value > high, high - value, 0.0))
        return np.asarray(np.where(np.isnan(need), 0.0, need))

    def _corrected(
        self, number: int, form: Form, points: FloatArray, need: FloatArray, rows: IntArray
    ) -> FloatArray:
        """Return ``points`` (q, m) of ``rows``, the form changed by ``need`` (q,) if possible."""
        start, wanted = self._start.of(rows), self._wanted.of(rows)
        equal = wanted.low[:, number] == wanted.high[:, number]
        enough = np.maximum(0.25 * start.slack[:, number], 1e-13 * form.power)
        tried, left = points.copy(), need.copy()
        if form.follows >= 0 and self._moves.group_of[form.follows] >= 0:
            tried, settled = self._followed(form, tried, start, rows)
            left = np.where(settled, 0.0, left)
        elif form.follows >= 0:
            own = int(np.flatnonzero(form.at == form.follows)[0])
            part = np.where(equal, left, 0.0)
            left = left - part + self._moved(form, own, tried, part, equal, start)
        if not equal.all():
            left = np.where(equal, left, self._shared(form, tried, np.where(equal, 0, left), start))
        for place in form.scalars.tolist():
            left = self._moved(form, place, tried, left, equal, start)
        bad = np.abs(left) > enough
        if bad.any():
            tried[bad] = self._given_back(form, points[bad])
        return tried

    def _moved(
        self,
        form: Form,
        place: int,
        points: FloatArray,
        need: FloatArray,
        equal: BoolArray,
        start: Start,
    ) -> FloatArray:
        """Move one feature of ``points`` in place to meet ``need`` (q,); return what remains."""
        feature, slope = int(form.at[place]), float(form.slope[place])
        here = points[:, feature].copy()
        step = need / slope
        if self._moves.whole[feature]:
            unit = 1 / float(self._moves.scale[feature])
            count = np.abs(step) / unit
            # inequalities round up to the next whole step, equalities down to the last one
            count = np.where(equal, np.floor(count + ROUNDING), np.ceil(count - ROUNDING))
            step = np.sign(step) * count * unit
        there = np.clip(here + step, start.low[:, feature], start.high[:, feature])
        points[:, feature] = there
        rest = need - slope * (there - here)
        # an inequality may be exceeded
        return np.asarray(np.where(~equal & (np.sign(rest) != np.sign(need)), 0.0, rest))

    def _shared(self, form: Form, points: FloatArray, need: FloatArray, start: Start) -> FloatArray:
        """Move all features of a form in place by the shortest L2 step; return the rest (q,)."""
        if not len(form.scalars):
            return need
        at, slope = form.at[form.scalars], form.slope[form.scalars]
        way = np.sign(slope) * np.sign(need)[:, None]
        here = points[:, at]
        room = np.where(way > 0, start.high[:, at] - here, here - start.low[:, at])
        length = least_step(
            np.broadcast_to(np.abs(slope), here.shape), np.maximum(room, 0.0), np.abs(need), "l2"
        )
        step = np.where(need[:, None] == 0, 0.0, way * length)
        unit = 1 / self._moves.scale[at]
        step = np.where(self._moves.whole[at], np.rint(step / unit) * unit, step)
        there = np.clip(here + step, start.low[:, at], start.high[:, at])
        points[:, at] = there
        change = np.zeros(len(points))
        for column, one in enumerate(slope.tolist()):
            change = change + one * (there - here)[:, column]
        rest = need - change
        return np.asarray(np.where(np.sign(rest) != np.sign(need), 0.0, rest))

    def _followed(
        self, form: Form, points: FloatArray, start: Start, rows: IntArray
    ) -> tuple[FloatArray, BoolArray]:
        """Return ``points`` with the dependent category set, and marks where this was possible."""
        group = self._moves.groups[int(self._moves.group_of[form.follows])]
        followers = self._moves.followers[int(self._moves.group_of[form.follows])]
        step = 1 / self._moves.scale
        chosen = np.full(len(points), -1)
        for feature, number in followers:
            value = start.before[:, number] + self._moves.forms[number].shift(points)
            here = start.own[:, feature] + points[:, feature] / step[feature]
            required = np.isfinite(self._wanted.low[rows, number])
            chosen = np.where(required & (here - value > 0.5), feature, chosen)
        wanted = (group == chosen[:, None]).astype(np.float64) - start.own[:, group]
        there = wanted * step[group]
        low, high = start.low[:, group], start.high[:, group]
        near = ROUNDING * step[group]
        able = ((there >= low - near) & (there <= high + near)).all(axis=1) & (chosen >= 0)
        moved = points.copy()
        moved[np.ix_(able, group)] = there[able]
        return moved, able

    def _given_back(self, form: Form, points: FloatArray) -> FloatArray:
        """Return ``points`` (q, m) with the form's categories reset, or else all its features."""
        back = points.copy()
        away = np.zeros(len(points), dtype=bool)
        for group in form.groups:
            features = self._moves.groups[group]
            away |= (points[:, features] != 0).any(axis=1)
            back[:, features] = 0.0
        still = ~away
        back[np.ix_(still, form.at)] = 0.0
        return back
