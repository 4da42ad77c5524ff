"""The lattice of valid points if features are integers or categories."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.threat.norms import Ball
from genlabel_robust.threat.threat_model import TOLERANCE

#: How much rounding errors can take off a whole number of steps.
ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class Lattice:
    """Which of m features move by whole steps, and which form one-hot groups.

    ``step`` (m,): one raw unit in attack space; ``integer`` (i,): the features that move by whole
    steps; ``groups``: the features of each one-hot group. An integer feature or a group is a
    *unit*, which is rounded as a whole.
    """

    step: FloatArray
    integer: IntArray
    groups: Sequence[IntArray]

    @cached_property
    def features(self) -> IntArray:
        """All features that are not continuous."""
        return np.concatenate([self.integer, *self.groups]).astype(np.int64)

    @cached_property
    def _members(self) -> BoolArray:
        """The unit of each feature, as marks (m, units)."""
        units = [self.integer[i : i + 1] for i in range(len(self.integer))] + list(self.groups)
        members = np.zeros((len(self.step), len(units)), dtype=bool)
        for number, unit in enumerate(units):
            members[unit, number] = True
        return members

    def nearest(self, points: FloatArray, category: BoolArray, ball: Ball | None) -> FloatArray:
        """Return a neighbour (q, m) of each of the ``points`` (q, m) that is on the lattice.

        ``points`` are perturbations inside boxes that end at whole steps; ``category`` (q, m) marks
        the category of each example. Each integer feature goes to the nearest whole step and each
        group to its largest category (on a tie, the example's own); continuous features stay. So
        the neighbour lies in the box too. If it must also lie in a ``ball``, roundings away from
        the example are made in the order of how far the point had gone toward them, as long as they
        fit; the other units are truncated toward the example, which lengthens no coordinate. So the
        neighbour lies in the ball if the point does; in L∞ every integer feature is at the nearest
        step there; and a point on the lattice is its own neighbour, so all of them can be reached.
        """
        truncated, rounded = points.copy(), points.copy()
        shares = []
        if len(self.integer):
            steps = points[:, self.integer] / self.step[self.integer]
            inner = np.sign(steps) * np.floor(np.abs(steps) + ROUNDING)
            truncated[:, self.integer] = inner * self.step[self.integer]
            rounded[:, self.integer] = np.rint(steps) * self.step[self.integer]
            shares.append(np.abs(steps - inner))
        for group in self.groups:
            own = category[:, group]
            value = own + points[:, group] / self.step[group]
            winner = np.where(
                (own & (value >= value.max(axis=1, keepdims=True))).any(axis=1),
                own.argmax(axis=1),
                value.argmax(axis=1),
            )
            switched = np.where(own.any(axis=1, keepdims=True), np.eye(len(group))[winner] - own, 0)
            truncated[:, group] = 0.0
            # a group stays as it is if the example's category is not among the mutable ones
            rounded[:, group] = switched * self.step[group]
            shares.append(value.max(axis=1)[:, None])
        # under L0, rounding changes only features that the point had changed
        if ball is None or ball[0] == "l0":
            return rounded
        fits = self._fitting(truncated, rounded, np.concatenate(shares, axis=1), ball)
        return np.where(fits @ self._members.T, rounded, truncated)

    def _fitting(
        self, truncated: FloatArray, rounded: FloatArray, shares: FloatArray, ball: Ball
    ) -> BoolArray:
        """Mark the units (q, units) that can be rounded, not truncated, within ``ball``."""
        norm, eps = ball
        radius = eps * (1 + TOLERANCE)
        if norm == "linf":
            return ~((np.abs(rounded) > radius) @ self._members)
        power = 1 if norm == "l1" else 2
        inner, outer = np.abs(truncated) ** power, np.abs(rounded) ** power
        order = np.argsort(-shares, axis=1, kind="stable")
        costs = np.take_along_axis((outer - inner) @ self._members, order, axis=1)
        left = radius**power - inner.sum(axis=1, keepdims=True)
        # a unit that does not fit even alone must not block those after it
        alone = costs <= left
        affordable = alone & (np.cumsum(np.where(alone, costs, 0.0), axis=1) <= left)
        fits = np.zeros(shares.shape, dtype=bool)
        np.put_along_axis(fits, order, affordable, axis=1)
        return fits
