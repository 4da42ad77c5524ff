"""Lower bounds for rows of an affine model that allow for the rounding of its scores."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.certify.affine.nearest_rival import nearest_rival, rivals_of
from genlabel_robust.certify.affine.rivals import Found, Rivals
from genlabel_robust.certify.affine.steps import Steps, steps_at
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.structure import Affine
from genlabel_robust.threat import AttackSpace, Norm, distance
from genlabel_robust.threat.features import Features

#: The rounding error of a distance, as a share of it.
_DISTANCE = 1e-9
#: The error that bisection leaves in a distance, as a share of the longest step.
_HALVED = 2.0**-58


@dataclass(frozen=True, eq=False)
class RoundedBounds:
    """Proved lower bounds ``lower`` (n,) of rows (n, d), reached with ``work`` (n,).

    ``ahead`` (n, k): the most that rounding can add to the score of each of the ``rivals``;
    ``reached`` (n,): whether any rival can win with that head start. ``steps``: the whole-number
    and categorical features, None without any; ``features``: what counts as one feature under L0.
    """

    rivals: Rivals
    steps: Steps | None
    features: Features
    ahead: FloatArray
    lower: FloatArray
    reached: BoolArray
    work: IntArray

    @classmethod
    def of(
        cls,
        structure: Affine,
        space: AttackSpace,
        raw: FloatArray,
        y: IntArray,
        norm: Norm,
        work: int | None,
    ) -> RoundedBounds:
        """Return the bounds of ``raw`` (n, d), labels ``y`` (n,); see ``certify_affine``."""
        found, steps = rivals_of(structure, space, raw, y), steps_at(space, raw)
        near = nearest_rival(found, steps, norm, work, space.touchable)
        # under L0 a touched feature may move through its whole box
        far = np.full(len(raw), np.inf) if norm == "l0" else near.upper
        ahead = head_start(structure, space, raw, y, found, far)
        level = nearest_rival(
            found.demanding(found.gap - ahead), steps, norm, work, space.touchable
        )
        lower = level.lower
        if norm != "l0":  # L0 lengths are counts or sums of prices, which do not round
            # subtract what rounding and the tolerance for accepted rows can amount to
            radius = np.where(np.isfinite(level.lower), level.lower, 0.0)
            beside = distance(_slack(space, *_reached(space, raw, found, radius)), norm)
            beside += _HALVED * np.maximum(found.down, found.up).max(axis=1, initial=0.0)
            lower = np.maximum(level.lower * (1 - _DISTANCE) - beside, 0.0)
        reached, spent = np.isfinite(level.upper), near.work + level.work
        return cls(found, steps, space.touchable, ahead, lower, reached, spent)

    def pushed(self, push: FloatArray, rows: IntArray, norm: Norm, work: int | None) -> Found:
        """Return the nearest rivals of ``rows`` (q,) if each gap is larger by ``push`` (n, k)."""
        part = Rivals(
            self.rivals.toward[rows],
            (self.rivals.gap + push)[rows],
            self.rivals.down[rows],
            self.rivals.up[rows],
        )
        steps = (
            None if self.steps is None else replace(self.steps, category=self.steps.category[rows])
        )
        return nearest_rival(part, steps, norm, work, self.features)


def head_start(
    structure: Affine,
    space: AttackSpace,
    raw: FloatArray,
    y: IntArray,
    found: Rivals,
    radius: FloatArray,
) -> FloatArray:
    """Return the most that rounding can add to each rival's lead (n, k), within ``radius`` (n,).

    The scores of both classes can be off by their ``error``, and an accepted row can differ from
    the nearest valid one by ``_slack``.
    """
    low, high = _reached(space, raw, found, radius)
    error = structure.error(low, high)
    beside = (np.abs(found.toward) * _slack(space, low, high)[:, None, :]).sum(axis=2)
    return np.asarray(error[np.arange(len(y)), y][:, None] + error + beside)


def _reached(
    space: AttackSpace, raw: FloatArray, found: Rivals, radius: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the bounds (n, d), in raw units, of a box slightly wider than ``radius`` (n,)."""
    wide = radius[:, None] * (1 + 1e-3)
    down, up = (np.minimum(room, wide) * space.scale for room in (found.down, found.up))
    return raw - down, raw + up


def _slack(space: AttackSpace, low: FloatArray, high: FloatArray) -> FloatArray:
    """Return how far (n, d), in attack space, an accepted row can be from the nearest valid one.

    Twice the tolerance of ``violations``; 0 for features that may not change.
    """
    size = np.maximum(np.abs(low), np.abs(high)) + np.abs(space.offset)
    return np.where(space.mutable, 8 * np.spacing(size) / space.scale, 0.0)
