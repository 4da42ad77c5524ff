"""Check that a changed row is valid under the threat."""

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray
from genlabel_robust.threat.space import AttackSpace


def violations(space: AttackSpace, raw: FloatArray, raw_adv: FloatArray) -> BoolArray:
    """Mark the rows (q,) of ``raw_adv`` (q, d) into which ``raw`` (q, d) must not be changed.

    A valid row is finite and in its row's box; immutable features are unchanged, monotone ones
    changed in the right direction, integer ones by whole units; every one-hot group has exactly one
    1; and the relations hold. The ball is not checked: ε is not known here.
    """
    # NaN and infinity compare as false, and their differences must not warn
    finite = np.isfinite(raw_adv).all(axis=1, keepdims=True)
    raw_adv = np.where(finite, raw_adv, raw)
    moved = raw_adv - raw
    slack = slack_of(raw, raw_adv, space.offset)

    u = space.enter(raw)
    low, high = ((edge - u) * space.scale for edge in space.box(u))
    allowed = inside(moved, low, high, slack)
    allowed[:, ~space.mutable] = (moved == 0)[:, ~space.mutable]
    for sign, columns in ((1, space.rules.increasing), (-1, space.rules.decreasing)):
        allowed[:, columns] &= sign * moved[:, columns] >= 0
    whole = list(space.rules.integer)
    allowed[:, whole] &= whole_steps(raw[:, whole], raw_adv[:, whole])
    for group in space.rules.one_hot:
        values = raw_adv[:, group]
        one = np.isin(values, (0.0, 1.0)).all(axis=1) & (values.sum(axis=1) == 1)
        allowed[:, group] &= one[:, None]
    good: BoolArray = np.asarray((finite & allowed).all(axis=1))
    good[good] = space.relations.kept(raw[good], raw_adv[good])
    return ~good


def inside(moved: FloatArray, low: FloatArray, high: FloatArray, slack: FloatArray) -> BoolArray:
    """Mark the moves between ``low`` and ``high``, up to ``slack``; all of the same shape.

    A limit of 0 has no tolerance: a feature that cannot move has no rounding errors. A tolerance
    would accept a move from 0 to 1e-35, which is where LightGBM splits a feature at zero.
    """
    below, above = np.where(low < 0, slack, 0.0), np.where(high > 0, slack, 0.0)
    return np.asarray((moved >= low - below) & (moved <= high + above))


def whole_steps(raw: FloatArray, raw_adv: FloatArray) -> BoolArray:
    """Mark the values ``raw_adv`` that are whole steps from ``raw``; all of the same shape.

    The changed value must be exactly the sum, as a float, of the value in ``raw`` and an integer.
    A tolerance would accept values on the wrong side of a threshold next to it.
    """
    return np.asarray(raw_adv == raw + np.rint(raw_adv - raw))


def slack_of(raw: FloatArray, raw_adv: FloatArray, offset: FloatArray) -> FloatArray:
    """Return by how much a changed value may exceed its limits, due to rounding.

    It is the rounding error of sums of the features and the ``offset`` by which they were shifted.
    """
    return np.asarray(4 * np.spacing(np.maximum(np.abs(raw), np.abs(raw_adv)) + np.abs(offset)))
