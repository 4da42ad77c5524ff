"""Gradient descent on the lead of a label, in float64, to find points that a net mislabels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.structure import ReluNet
from genlabel_robust.threat import TOLERANCE, AttackSpace, Norm, project

#: Descent steps after which the model is queried: a few are enough for most rows.
STEPS = (3, 12)
#: The first step as a share of the radius.
_FIRST = 0.5
#: The factor by which each step is shorter than the one before.
_SHORTER = 0.75
#: The rounding error of a whole step, as a share of it.
_SLACK = 1e-6


@dataclass(frozen=True, eq=False)
class Walked:
    """The state of q descents: ``delta`` (q, d), and the net's ``values`` there, (q, w) each.

    ``best`` (q, d): the point with the smallest lead so far, ``least`` (q,); ``step``: the length
    of the next step.
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
    """A descent over perturbations δ (q, d), all of one example or each of its own example.

    ``raw``: the start of the moves, (d,) or (q, d); ``y``: the label, or (q,); ``low``, ``high``:
    the box of δ, (d,) or (q, d). ``whole`` (w,): the features whose δ is a whole number of steps.
    ``left``: maps a radius to the part of it that the moves may use. ``alone``: whether each row is
    computed on its own, so that other rows cannot change its last bits.
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
        """Return the descent for some of the examples only."""
        y = np.asarray(self.y)[rows]
        return replace(self, raw=self.raw[rows], y=y, low=self.low[rows], high=self.high[rows])

    def allowed(self, delta: FloatArray, eps: float) -> FloatArray:
        """Project perturbations onto box and ball, with whole numbers of steps."""
        low, high = self.low, self.high
        radius = self.left(eps * (1 + TOLERANCE / 2))
        delta = project(delta, np.zeros_like(low), low, high, radius, self.norm)
        if len(self.whole):
            step = 1 / self.space.scale[self.whole]
            steps = delta[:, self.whole] / step
            near = np.rint(steps) * step
            # rounding must not turn a whole step into the next smaller one
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
        """Shrink perturbations (q, d) into the ball, if possible without changing whole numbers."""
        power = 1 if self.norm == "l1" else 2
        whole = np.zeros(delta.shape[1], dtype=bool)
        whole[self.whole] = True
        size = np.abs(delta) ** power
        left, rest = radius**power - size[:, whole].sum(axis=1), size[:, ~whole].sum(axis=1)
        share = np.clip(left / np.maximum(rest, 1e-300), 0.0, 1.0) ** (1 / power)
        # where the whole numbers alone do not fit, each goes one step back
        part = delta[:, self.whole]
        back = np.sign(part) * np.maximum(np.abs(part) - step, 0.0)
        fitted = np.where(whole, delta, delta * share[:, None])
        fitted[:, self.whole] = np.where((left < 0)[:, None], back, part)
        return fitted

    def rows(self, delta: FloatArray) -> FloatArray:
        """Return the raw rows (q, d) at the perturbations ``delta``."""
        rows = self.raw + self.space.scale * delta
        if len(self.whole):
            moved = np.rint(self.space.scale * delta)[:, self.whole]
            rows[:, self.whole] = self.raw[..., self.whole] + moved
        return np.where(delta == 0, self.raw, rows)

    def lead(self, scores: FloatArray) -> FloatArray:
        """Return the lead of the label over the best other class, (q,), from ``scores`` (q, k)."""
        others, own = scores.copy(), np.arange(len(scores))
        others[own, self.y] = -np.inf
        return np.asarray(scores[own, self.y] - others.max(axis=1))

    def begin(self, delta: FloatArray, eps: float) -> Walked:
        """Return descents that start at ``delta``, which must be allowed."""
        values = self.net.values(self.rows(delta), alone=self.alone)
        return Walked(delta, values, delta, self.lead(values[-1]), _FIRST * eps)

    def onward(self, walked: Walked, steps: int, eps: float) -> Walked:
        """Take more steps: of the gradient's sign under L∞, else along the gradient."""
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
