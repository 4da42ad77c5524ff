"""A budget in prices that lets an attacker change nothing at all."""

import numpy as np

from genlabel_robust.core import ConfigurationError
from genlabel_robust.threat.reach import reach
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import Norm, ThreatModel


def refuse_idle(space: AttackSpace, threat: ThreatModel) -> None:
    """Raise ``ConfigurationError`` if the largest budget is below every price in ``space``.

    Of a threat with costs, where some feature may change: whoever states what an attacker can
    spend means that it buys something.
    """
    most = threat.eps[-1]
    if not threat.constraints.costs or not space.mutable.any():
        return
    if reach(space, threat.norm, most)[space.mutable].any():
        return
    raise ConfigurationError(
        f"a budget of {most:g} lets an attacker change nothing: the cheapest change costs "
        f"{_cheapest(space, threat.norm):.4g}; raise the budget, or lower a cost"
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
