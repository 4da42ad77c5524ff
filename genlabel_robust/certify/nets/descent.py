"""Steps down the lead of a label, in float64: where to look for points that a net mislabels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.structure import ReluNet
from genlabel_robust.threat import TOLERANCE, AttackSpace, Norm, project

#: Steps after which the model is asked where a descent is: a few are enough for most rows.
STEPS = (3, 12)
#: The first step as a share of the radius.
_FIRST = 0.5
#: What the next step is of one.
_SHORTER = 0.75
#: What rounding can take off a whole step, as a share of it.
_SLACK = 1e-6


@dataclass(frozen=True, eq=False)
class Walked:
    """How far descents have come: ``delta`` (q, d) and the net's ``values`` there, (q, w) each.

    ``best`` (q, d): where the lead was ``least`` (q,) so far; ``step``: the next one.
    """

    delta: FloatArray
    values: list[FloatArray]
    best: FloatArray
    least: FloatArray
    step: float

    def take(self, rows: BoolArray) -> Walked:
        """Return some of the descents."""
        values = [value[rows] for value in self.values]
        return Walked(self.delta[rows], values, self.best[rows], self.least[rows], self.step)


@dataclass(frozen=True, eq=False)
class Descent:
    """The way down from perturbations δ (q, d) of one example, or of one of each of q examples.

    ``raw``: what the moves begin from, (d,) or (q, d); ``y``: the label, or (q,); ``low``,
    ``high``: the box of δ, (d,) or (q, d). ``whole`` (w,): the features whose δ is a whole number
    of steps. ``left``: of a radius what the moves may take. ``alone``: whether each row is computed
    by itself, so that the others have no say in its last bits.
    """

    net: ReluNet
    space: AttackSpace
    norm: Norm
    whole: IntArray
    raw: FloatArray
    y: int | IntArray
    low: FloatArray
    high: FloatArray
    left: Callable[[float], float] = lambda radius: radius
    alone: bool = False

    def take(self, rows: BoolArray) -> Descent:
        """Return the way down of some of the examples."""
        y = np.asarray(self.y)[rows]
        return replace(self, raw=self.raw[rows], y=y, low=self.low[rows], high=self.high[rows])

    def allowed(self, delta: FloatArray, eps: float) -> FloatArray:
        """Return the nearest perturbations in box and ball whose whole numbers are whole."""
        low, high = self.low, self.high
        radius = self.left(eps * (1 + TOLERANCE / 2))
        delta = project(delta, np.zeros_like(low), low, high, radius, self.norm)
        if len(self.whole):
            step = 1 / self.space.scale[self.whole]
            steps = delta[:, self.whole] / step
            near = np.rint(steps) * step
            # what rounding takes off a whole step is no step less
            inward = np.sign(steps) * np.floor(np.abs(steps) + _SLACK) * step
            delta = delta.copy()
            delta[:, self.whole] = near
            room = np.zeros(delta.shape[1])
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

    def rows(self, delta: FloatArray) -> FloatArray:
        """Return the raw rows (q, d) that perturbations lead to."""
        rows = self.raw + self.space.scale * delta
        if len(self.whole):
            moved = np.rint(self.space.scale * delta)[:, self.whole]
            rows[:, self.whole] = self.raw[..., self.whole] + moved
        return np.where(delta == 0, self.raw, rows)

    def lead(self, scores: FloatArray) -> FloatArray:
        """Return how far the label leads over the best other class, (q,), by ``scores`` (q, k)."""
        others, own = scores.copy(), np.arange(len(scores))
        others[own, self.y] = -np.inf
        return np.asarray(scores[own, self.y] - others.max(axis=1))

    def begin(self, delta: FloatArray, eps: float) -> Walked:
        """Return descents that have not left ``delta``, which is allowed."""
        values = self.net.values(self.rows(delta), alone=self.alone)
        return Walked(delta, values, delta, self.lead(values[-1]), _FIRST * eps)

    def onward(self, walked: Walked, steps: int, eps: float) -> Walked:
        """Return descents after more steps: of signs under L∞, else along the gradient."""
        delta, values, step = walked.delta, walked.values, walked.step
        best, least = walked.best, walked.least
        rows = self.rows(delta)
        for _ in range(steps):
            slope = self.net.lead_gradient_at(values, rows, self.y, alone=self.alone)
            slope = slope * self.space.scale
            if self.norm == "linf":
                move = -step * np.sign(slope)
            else:
                move = -step * slope / np.maximum(np.linalg.norm(slope, axis=1), 1e-300)[:, None]
            delta = self.allowed(delta + move, eps)
            rows = self.rows(delta)
            values = self.net.values(rows, alone=self.alone)
            lead = self.lead(values[-1])
            better = lead < least
            best, least = np.where(better[:, None], delta, best), np.where(better, lead, least)
            step *= _SHORTER
        return Walked(delta, values, best, least, step)
