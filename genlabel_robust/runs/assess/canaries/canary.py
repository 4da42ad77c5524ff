"""A canary: a model with known margins, and rows to attack."""

from dataclasses import dataclass

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.models import Model
from genlabel_robust.threat import AttackSpace


@dataclass(frozen=True, eq=False)
class Canary:
    """A model, rows ``raw`` (n, d) of the unit cube and their ``exact`` distances (n,).

    ``pool`` (p, d): rows that attacks may start from. The true labels are the model's own, so no
    row is misclassified.
    """

    model: Model
    raw: FloatArray
    exact: FloatArray
    pool: FloatArray

    @property
    def space(self) -> AttackSpace:
        """The unit cube, in which the attacker may change all features."""
        return unit_cube(self.raw.shape[1])


def unit_cube(d: int) -> AttackSpace:
    """Return the attack space of ``d`` features between 0 and 1."""
    return AttackSpace(np.zeros(d), np.ones(d), np.zeros(d), np.ones(d), np.ones(d, dtype=bool))
