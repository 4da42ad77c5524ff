"""How far an attacker can really move each feature: by whole steps, or to another category."""

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import TOLERANCE, Norm, distance


def reach(space: AttackSpace, norm: Norm, eps: float) -> FloatArray:
    """Return by how many raw units (d,) each feature can be moved within ``eps``.

    Up or down, if no other feature moves, and whatever the box is. A whole number goes by
    whole steps; a column of a one-hot group by 1, if the ball lets another one of its group
    take the 1 or give it; and what may not change by 0.
    """
    raw = np.where(space.mutable, eps * space.scale, 0.0)
    whole = list(space.rules.integer)
    # the ball is wider by its tolerance, as it is to the attacks
    raw[whole] = np.floor(raw[whole] * (1 + TOLERANCE))
    for group in space.rules.one_hot:
        free = [i for i in group if space.mutable[i]]
        for i in free:
            pairs = np.array([[1 / space.scale[i], 1 / space.scale[j]] for j in free if j != i])
            raw[i] = float(len(pairs) and distance(pairs, norm).min() <= eps * (1 + TOLERANCE))
    return raw
