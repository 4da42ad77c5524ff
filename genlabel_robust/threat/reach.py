"""How far an attacker can move each feature: by whole steps, to another category, or not at all."""

import numpy as np

from genlabel_robust.core import FloatArray, PriceError
from genlabel_robust.threat.norms import Norm
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import TOLERANCE, ThreatModel, distance

#: The keys of a threat file that state the budget.
BUDGET = ("budget", "cost")


def raw_budget(space: AttackSpace, norm: Norm, eps: float) -> FloatArray:
    """Return ``eps`` in raw units (d,) for each feature, without rounding to whole steps.

    Under L0 it is the size of the feature's box, or the feature's own ε, if ``eps`` can buy the
    feature, otherwise 0.
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
    """Return how many raw units (d,) each feature can move within ``eps``.

    This holds in either direction, if no other feature moves, and regardless of the box. An integer
    moves by whole steps. A column of a one-hot group moves by 1 if the ball allows another column
    of its group to take or give the 1. Immutable features move by 0.
    """
    raw = np.where(space.mutable, raw_budget(space, norm, eps), 0.0)
    whole = list(space.rules.integer)
    # the ball includes its tolerance, as for attacks
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


def refuse_idle(space: AttackSpace, threat: ThreatModel) -> None:
    """Raise ``PriceError`` if the largest budget is below every price in ``space``.

    Applies only to a threat with costs and at least one mutable feature: a user who states a budget
    expects that it buys something.
    """
    most = threat.eps[-1]
    if not threat.constraints.costs or not space.mutable.any():
        return
    if reach(space, threat.norm, most)[space.mutable].any():
        return
    raise PriceError(
        f"a budget of {most:g} lets an attacker change nothing: the cheapest change costs "
        f"{_cheapest(space, threat.norm):.4g}; raise the budget, or lower a cost",
        (BUDGET,),
    )


def _cheapest(space: AttackSpace, norm: Norm) -> float:
    """Return the price of the cheapest feature; under L1, of the cheapest whole step or switch."""
    if norm == "l0":
        owned = space.touchable
        return float(owned.price[owned.owner[space.mutable]].min())
    length = 1 / space.scale
    steps = [length[i] for i in space.rules.integer if space.mutable[i]]
    for group in space.rules.one_hot:
        own = length[[i for i in group if space.mutable[i]]]
        pairs = own[:, None] + own
        steps += pairs[~np.eye(len(own), dtype=bool)].tolist()
    return float(min(steps, default=np.inf))
