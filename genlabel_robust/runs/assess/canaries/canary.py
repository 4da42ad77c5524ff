"""A model whose margins are known, and the rows to attack it on."""

from dataclasses import dataclass

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.models import Model
from genlabel_robust.threat import AttackSpace


@dataclass(frozen=True, eq=False)
class Canary:
    """A model, rows ``raw`` (n, d) of the unit cube and their ``exact`` distances (n,).

    ``pool`` (p, d): rows that attacks may start from.

    The true labels are the model's own: no row is misclassified.
    """

    model: Model
    raw: FloatArray
    exact: FloatArray
    pool: FloatArray

    @property
    def space(self) -> AttackSpace:
        """The unit cube, all of whose features the attacker may change."""
        return unit_cube(self.raw.shape[1])


def unit_cube(d: int) -> AttackSpace:
    """Return the attack space of ``d`` features between 0 and 1."""
    return AttackSpace(np.zeros(d), np.ones(d), np.zeros(d), np.ones(d), np.ones(d, dtype=bool))
