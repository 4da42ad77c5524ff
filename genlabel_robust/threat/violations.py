"""Whether a changed row is one that the attacker may present."""

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray
from genlabel_robust.threat.space import AttackSpace


def violations(space: AttackSpace, raw: FloatArray, raw_adv: FloatArray) -> BoolArray:
    """Mark the rows (q,) of ``raw_adv`` (q, d) that ``raw`` (q, d) must not be changed into.

    Each must be finite and in its row's box, with immutable features as they were,
    monotone ones not on the wrong side, integer ones whole units away, and exactly one 1
    in every one-hot group, and it must keep to the relations. The ball is not looked at: ε is
    not known here.
    """
    # NaN and infinity compare false, and their differences are not to warn
    finite = np.isfinite(raw_adv).all(axis=1, keepdims=True)
    raw_adv = np.where(finite, raw_adv, raw)
    moved = raw_adv - raw
    slack = slack_of(raw, raw_adv, space.offset)

    u = space.enter(raw)
    low, high = ((edge - u) * space.scale for edge in space.box(u))
    allowed = (moved >= low - slack) & (moved <= high + slack)
    allowed[:, ~space.mutable] = (moved == 0)[:, ~space.mutable]
    for sign, columns in ((1, space.rules.increasing), (-1, space.rules.decreasing)):
        allowed[:, columns] &= sign * moved[:, columns] >= 0
    whole = list(space.rules.integer)
    allowed[:, whole] &= np.abs(moved - np.rint(moved))[:, whole] <= slack[:, whole]
    for group in space.rules.one_hot:
        shown = raw_adv[:, group]
        one = np.isin(shown, (0.0, 1.0)).all(axis=1) & (shown.sum(axis=1) == 1)
        allowed[:, group] &= one[:, None]
    good: BoolArray = np.asarray((finite & allowed).all(axis=1))
    good[good] = space.relations.kept(raw[good], raw_adv[good])
    return ~good


def slack_of(raw: FloatArray, raw_adv: FloatArray, offset: FloatArray) -> FloatArray:
    """Return by how much a changed value may pass its limits: the last bits of its arithmetic.

    Those of sums of the features and of the ``offset`` that they were shifted by.
    """
    return np.asarray(4 * np.spacing(np.maximum(np.abs(raw), np.abs(raw_adv)) + np.abs(offset)))
