"""The claim that a second method checks, and its answer."""

from dataclasses import dataclass

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.threat import AttackSpace, Norm


@dataclass(frozen=True, eq=False)
class Claim:
    """The claim that every row within ``radius`` of ``raw`` (d,), in attack space, has label ``y``.

    ``radius``: in the given ``norm``.
    """

    space: AttackSpace
    raw: FloatArray
    y: int
    norm: Norm
    radius: float

    @property
    def room(self) -> tuple[FloatArray, FloatArray]:
        """How far each feature may go down (d,) and up (d,), in attack space, as signed numbers."""
        u = self.space.enter(self.raw[None])
        low, high = ((edge - u)[0] for edge in self.space.box(u))
        if self.norm == "l0":  # its radius does not limit a single feature
            return low, high
        return np.maximum(low, -self.radius), np.minimum(high, self.radius)


@dataclass(frozen=True, eq=False)
class Answer:
    """Whether a second method ``agrees``, and its raw candidate ``rows`` (p, d) against the claim.

    Only the model can tell whether a candidate breaks the claim. An answer that neither agrees nor
    has candidates is undecided.
    """

    agrees: bool
    rows: FloatArray
