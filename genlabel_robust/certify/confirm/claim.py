"""What a second method is asked, and what it says."""

from dataclasses import dataclass

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.threat import AttackSpace, Norm


@dataclass(frozen=True, eq=False)
class Claim:
    """No row within ``radius`` of ``raw`` (d,), in attack space, has another label than ``y``."""

    space: AttackSpace
    raw: FloatArray
    y: int
    norm: Norm
    radius: float

    @property
    def room(self) -> tuple[FloatArray, FloatArray]:
        """How far each feature may go down (d,) and up (d,), in attack space; both signed."""
        u = self.space.enter(self.raw[None])
        low, high = ((edge - u)[0] for edge in self.space.box(u))
        if self.norm == "l0":  # whose radius is no distance of a single feature
            return low, high
        return np.maximum(low, -self.radius), np.minimum(high, self.radius)


@dataclass(frozen=True, eq=False)
class Answer:
    """Whether a second method ``agrees``, and raw rows (p, d) at which it says that it does not.

    Of these only the model can say what they are; without them and without agreement the method
    has not decided.
    """

    agrees: bool
    rows: FloatArray
