"""Points that a model mislabels: looked for in float64, believed when the model says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.certify.by_search import Nearest
from genlabel_robust.certify.nets.discrete import Choice
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.models import Model
from genlabel_robust.structure import ReluNet
from genlabel_robust.threat import TOLERANCE, AttackSpace, Norm, project, within
from genlabel_robust.threat.violations import violations

#: Points of one call that the model itself is asked about.
_ASKED = 16
#: Steps of the descent after which is asked: a few are enough for most rows.
_STEPS = (3, 12)
#: The first step as a share of the radius.
_FIRST = 0.5
#: What rounding can take off a whole step, as a share of it.
_SLACK = 1e-6
#: Random starts of the first descent.
_STARTS = 16


@dataclass(frozen=True, eq=False)
class Hunt:
    """The search for rows near ``raw`` (d,), of label ``y``, that ``model`` mislabels.

    ``low``, ``high`` (d,): the box of the perturbation δ in attack space; ``whole`` (w,): the
    features whose δ is a whole number of steps. ``choice``: what the moves begin from, at its
    cost; ``nearest``: what is found.
    """

    net: ReluNet
    model: Model
    space: AttackSpace
    raw: FloatArray
    y: int
    low: FloatArray
    high: FloatArray
    norm: Norm
    whole: IntArray
    choice: Choice
    nearest: Nearest

    def among(self, choice: Choice, chosen: BoolArray) -> Hunt:
        """Return the search from another choice of the features ``chosen`` (d,), which stay so."""
        low, high = (np.where(chosen, 0.0, edge) for edge in (self.low, self.high))
        whole = self.whole[~chosen[self.whole]]
        net = self.net.at(choice.row)
        return replace(self, net=net, low=low, high=high, whole=whole, choice=choice)

    def broken(self, eps: float) -> bool:
        """Say whether a row was found within ``eps``."""
        return self.nearest.within(eps)

    def begin(self, eps: float) -> bool:
        """Descend from the example, then from random points; say whether one is broken."""
        return self.descend(eps) or self.draw(eps)

    def descend(self, eps: float) -> bool:
        """Descend from the example, and say whether it is broken."""
        return self.look(np.zeros((1, len(self.raw))), eps)

    def draw(self, eps: float) -> bool:
        """Descend from random points, and say whether the example is broken."""
        rng = np.random.default_rng(0)  # the same for each row: the company is not to matter
        drawn = rng.uniform(-eps, eps, (_STARTS, len(self.raw)))
        drawn[: _STARTS // 2] = np.sign(drawn[: _STARTS // 2]) * eps
        return self.look(drawn, eps, _STARTS)

    def look(self, delta: FloatArray, eps: float, descents: int = 2) -> bool:
        """Ask about perturbations ``delta`` (q, d), and where descents from the best end."""
        if not len(delta):
            return False
        delta = self._allowed(delta, eps)
        lead = self._lead(delta)
        if self._ask(delta, lead, eps):
            return True
        best = np.argsort(lead, kind="stable")[:descents]
        return any(self._ask(ends, lead, eps) for ends, lead in self._descend(delta[best], eps))

    def _allowed(self, delta: FloatArray, eps: float) -> FloatArray:
        """Return the nearest perturbations in box and ball whose whole numbers are whole."""
        low, high = self.low, self.high
        radius = self.choice.left(eps * (1 + TOLERANCE / 2), self.norm)
        delta = project(delta, np.zeros_like(low), low, high, radius, self.norm)
        if len(self.whole):
            step = 1 / self.space.scale[self.whole]
            steps = delta[:, self.whole] / step
            near = np.rint(steps) * step
            # what rounding takes off a whole step is no step less
            inward = np.sign(steps) * np.floor(np.abs(steps) + _SLACK) * step
            delta = delta.copy()
            delta[:, self.whole] = near
            room = np.zeros_like(self.low)
            room[self.whole] = _SLACK * step
            out = (delta < low - room) | (delta > high + room)
            if self.norm == "linf":
                out |= np.abs(delta) > radius + room
            delta[:, self.whole] = np.where(out[:, self.whole], inward, near)
            if self.norm != "linf":
                delta = self._fitted(delta, radius, step)
        return delta

    def _fitted(self, delta: FloatArray, radius: float, step: FloatArray) -> FloatArray:
        """Return perturbations (q, d) in the ball: the whole numbers as they are, if they fit."""
        power = 1 if self.norm == "l1" else 2
        whole = np.zeros(delta.shape[1], dtype=bool)
        whole[self.whole] = True
        size = np.abs(delta) ** power
        left, rest = radius**power - size[:, whole].sum(axis=1), size[:, ~whole].sum(axis=1)
        share = np.clip(left / np.maximum(rest, 1e-300), 0.0, 1.0) ** (1 / power)
        # what does not fit at all goes a step back
        part = delta[:, self.whole]
        back = np.sign(part) * np.maximum(np.abs(part) - step, 0.0)
        fitted = np.where(whole, delta, delta * share[:, None])
        fitted[:, self.whole] = np.where((left < 0)[:, None], back, part)
        return fitted

    def _rows(self, delta: FloatArray) -> FloatArray:
        start = self.choice.row
        rows = start + self.space.scale * delta
        if len(self.whole):
            moved = np.rint(self.space.scale * delta)[:, self.whole]
            rows[:, self.whole] = start[self.whole] + moved
        return np.where(delta == 0, start, rows)

    def _lead(self, delta: FloatArray) -> FloatArray:
        """Return how far the label leads over the best other class in exact arithmetic, (q,)."""
        return self._lead_of(self.net.scores(self._rows(delta)))

    def _lead_of(self, scores: FloatArray) -> FloatArray:
        others = scores.copy()
        others[:, self.y] = -np.inf
        return np.asarray(scores[:, self.y] - others.max(axis=1))

    def _ask(self, delta: FloatArray, lead: FloatArray, eps: float) -> bool:
        """Say whether the model mislabels the perturbations whose lead is least, and keep them."""
        best = np.argsort(lead, kind="stable")[:_ASKED]
        # what leads by more than rounding can change is not asked about
        best = best[lead[best] <= 1e-3 * (1 + np.abs(lead[best]).max(initial=0.0))]
        if not len(best):
            return False
        rows = self._rows(delta[best])
        origin = np.broadcast_to(self.raw, rows.shape)
        distances = self.space.distance(origin, rows, self.norm)
        fine = ~violations(self.space, origin, rows) & within(distances, eps)
        wrong = self._mislabelled(rows)
        kept = fine & wrong
        self.nearest.keep(rows[kept], distances[kept], self._mislabelled)
        return self.broken(eps)

    def _mislabelled(self, rows: FloatArray) -> BoolArray:
        return np.asarray(self.model.predict(rows) != self.y)

    def _descend(self, delta: FloatArray, eps: float) -> Iterator[tuple[FloatArray, FloatArray]]:
        """Yield the best of the steps down the lead, those of each norm, from ``delta`` (q, d).

        And the lead (q,) there; after each number of ``_STEPS``.
        """
        rows = self._rows(delta)
        values = self.net.values(rows)
        best, least = delta, self._lead_of(values[-1])
        step = _FIRST * eps
        for number in range(1, _STEPS[-1] + 1):
            slope = self.net.lead_gradient_at(values, rows, self.y) * self.space.scale
            if self.norm == "linf":
                move = -step * np.sign(slope)
            else:
                move = -step * slope / np.maximum(np.linalg.norm(slope, axis=1), 1e-300)[:, None]
            delta = self._allowed(delta + move, eps)
            rows = self._rows(delta)
            values = self.net.values(rows)
            lead = self._lead_of(values[-1])
            better = lead < least
            best, least = np.where(better[:, None], delta, best), np.where(better, lead, least)
            step *= 0.75
            if number in _STEPS:
                yield best, least
