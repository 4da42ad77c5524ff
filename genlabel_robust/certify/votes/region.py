"""The accepted rows near one example, for one choice of categories and missing values."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.certify.nets.bounds.region import Ball
from genlabel_robust.certify.nets.discrete import Choice
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.threat import TOLERANCE, AttackSpace, Norm

#: The rounding error of a whole step.
_SLACK = 1e-6


@dataclass(frozen=True, eq=False)
class Region:
    """All rows of a ``choice`` that the run accepts: a box of raw values, and a ball of δ.

    ``low``, ``high`` (d,): closed ends in floats; no accepted row is outside. ``inner_low``,
    ``inner_high``: a box whose rows certainly satisfy the box constraint, for witnesses. ``slack``
    (d,): the tolerance of each value's limits, in raw units. ``whole`` (w,): features that move by
    whole steps from the choice's value, up to their slack; ``free`` (f,): those with room to move.
    """

    space: AttackSpace
    choice: Choice
    norm: Norm
    ball: Ball
    low: FloatArray
    high: FloatArray
    inner_low: FloatArray
    inner_high: FloatArray
    slack: FloatArray
    whole: IntArray
    free: IntArray

    def delta(self, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return boxes (q, d) of raw values as δ in attack space, relative to the choice."""
        row, scale = self.choice.row, self.space.scale
        return (low - row) / scale, (high - row) / scale

    def empty(self, low: FloatArray, high: FloatArray) -> BoolArray:
        """Mark the boxes (q, d) that certainly contain no accepted row."""
        return np.asarray((low > high).any(axis=1) | self.ball.empty(*self.delta(low, high)))

    def wholes(self, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Shrink boxes (q, d) to the whole steps in them; low is above high if there is none."""
        if not len(self.whole):
            return low, high
        at, low, high = self.whole, low.copy(), high.copy()
        row, slack = self.choice.row[at], self.slack[at]
        first = row + np.ceil(low[:, at] - row - _SLACK) - slack
        last = row + np.floor(high[:, at] - row + _SLACK) + slack
        low[:, at] = np.maximum(low[:, at], first)
        high[:, at] = np.minimum(high[:, at], last)
        return low, high


def slack_in(space: AttackSpace, raw: FloatArray) -> FloatArray:
    """Return the tolerance (d,), in raw units, with which ``violations`` checks the box."""
    u = space.enter(raw[None])
    far = np.max([np.abs(edge - u)[0] for edge in space.box(u)], axis=0) * space.scale
    return np.where(space.mutable, 8 * np.spacing(np.abs(raw) + far + np.abs(space.offset)), 0.0)


def radius_of(space: AttackSpace, raw: FloatArray, eps: float) -> float:
    """Return a radius that covers ``eps`` plus twice its tolerance, rounding included."""
    slack = float((slack_in(space, raw) / space.scale).sum())
    return eps * (1 + 2 * TOLERANCE) * (1 + 1e-9) + slack


def region_of(
    space: AttackSpace,
    raw: FloatArray,
    choice: Choice,
    chosen: BoolArray,
    norm: Norm,
    eps: float,
) -> Region:
    """Return the region of a ``choice`` of the features ``chosen`` (d,) of ``raw`` (d,).

    It contains all rows within ``eps``, up to twice its tolerance.
    """
    scale, rules = space.scale, space.rules
    u = space.enter(raw[None])
    below, above = (((edge - u) * scale)[0] for edge in space.box(u))
    slack = slack_in(space, raw)
    radius = radius_of(space, raw, eps)
    left = choice.at_most_left(radius, norm)
    reach = scale * left * (1 + 1e-12) + slack
    low = np.maximum(below - slack, -reach)
    high = np.minimum(above + slack, reach)
    inside = scale * choice.left(eps * (1 + TOLERANCE / 2), norm)
    inner_low, inner_high = np.maximum(below, -inside), np.minimum(above, inside)
    for edge in (inner_low, inner_high):
        edge[chosen | ~space.mutable] = 0.0
    # a flag may differ from 0 or 1 by its slack, a category may not
    low[chosen], high[chosen] = -slack[chosen], slack[chosen]
    fixed = [i for group in rules.one_hot for i in group]
    fixed += np.flatnonzero(~space.mutable).tolist()
    low[fixed], high[fixed] = 0.0, 0.0
    low[[*rules.increasing]] = np.maximum(low[[*rules.increasing]], 0.0)
    high[[*rules.decreasing]] = np.minimum(high[[*rules.decreasing]], 0.0)
    row = choice.row
    whole = np.array(
        [i for i in rules.integer if space.mutable[i] and not chosen[i]], dtype=np.int64
    )
    inner_low[whole] = np.ceil(inner_low[whole] - _SLACK)
    inner_high[whole] = np.floor(inner_high[whole] + _SLACK)
    found = Region(
        space,
        choice,
        norm,
        Ball(norm, left),
        np.where(low < 0, np.nextafter(row + low, -np.inf), row),
        np.where(high > 0, np.nextafter(row + high, np.inf), row),
        row + inner_low,
        row + inner_high,
        slack,
        whole,
        whole,
    )
    low, high = (edge[0] for edge in found.wholes(found.low[None], found.high[None]))
    free = np.flatnonzero(high - low > 4 * slack + 4 * np.spacing(np.abs(row)))
    return replace(found, low=low, high=high, free=free)
