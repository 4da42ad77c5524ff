"""How far an attacker can really move each feature: by steps, to another category, or nowhere."""

import numpy as np

from genlabel_robust.core import FloatArray, PriceError
from genlabel_robust.threat.norms import Norm
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import TOLERANCE, ThreatModel, distance

#: Where a threat file states the budget.
BUDGET = ("budget", "cost")


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


def refuse_idle(space: AttackSpace, threat: ThreatModel) -> None:
    """Raise ``PriceError`` if the largest budget is below every price in ``space``.

    Of a threat with costs, where some feature may change: whoever states what an attacker can
    spend means that it buys something.
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
    """Return the price of the cheapest feature, under L1 of the cheapest whole step or switch."""
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
