"""How far an attacker can really move each feature: by whole steps, or to another category."""

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import TOLERANCE, Norm, distance


def raw_budget(space: AttackSpace, norm: Norm, eps: float) -> FloatArray:
    """Return what ``eps`` is in raw units (d,) for each feature, be it of whole steps or not.

    Under L0 it is how far the box of the training part goes from one end to the other, or the
    feature's own ε, if ``eps`` buys the feature.
    """
    if norm != "l0":
        return np.asarray(eps * space.scale)
    room = space.high - space.low
    if space.own_eps is not None:
        room = np.minimum(room, space.own_eps)
    owned = space.touchable
    bought = owned.price[owned.owner] <= eps * (1 + TOLERANCE)
    return np.where(space.mutable & bought, room * space.scale, 0.0)


def reach(space: AttackSpace, norm: Norm, eps: float) -> FloatArray:
    """Return by how many raw units (d,) each feature can be moved within ``eps``.

    Up or down, if no other feature moves, and whatever the box is. A whole number goes by
    whole steps; a column of a one-hot group by 1, if the ball lets another one of its group
    take the 1 or give it; and what may not change by 0.
    """
    raw = np.where(space.mutable, raw_budget(space, norm, eps), 0.0)
    whole = list(space.rules.integer)
    # the ball is wider by its tolerance, as it is to the attacks
    raw[whole] = np.floor(raw[whole] * (1 + TOLERANCE))
    for group in space.rules.one_hot:
        free = [i for i in group if space.mutable[i]]
        if norm == "l0":
            raw[free] = len(free) > 1 and bool((raw[free] * (1 + TOLERANCE) >= 1).all())
            continue
        for i in free:
            pairs = np.array([[1 / space.scale[i], 1 / space.scale[j]] for j in free if j != i])
            raw[i] = float(len(pairs) and distance(pairs, norm).min() <= eps * (1 + TOLERANCE))
    return raw
