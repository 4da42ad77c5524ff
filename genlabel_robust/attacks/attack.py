"""What an attack is told and what it returns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Literal, Protocol

from genlabel_robust.core.arrays import FloatArray, IntArray
from genlabel_robust.core.threat import Knowledge, Norm
from genlabel_robust.estimators.target import AttackTarget


class Outcome(IntEnum):
    """What became of one example under one attack."""

    BROKEN = 0
    SURVIVED = 1
    NO_START = 2
    NOT_APPLICABLE = 3
    MISCLASSIFIED = 4


@dataclass(frozen=True)
class GradientHealth:
    """How many of the gradients that an attack computed were of use."""

    rows: int = 0
    zero: int = 0
    nonfinite: int = 0

    def __add__(self, other: GradientHealth) -> GradientHealth:
        return GradientHealth(
            self.rows + other.rows, self.zero + other.zero, self.nonfinite + other.nonfinite
        )


@dataclass(frozen=True, eq=False)
class AttackResult:
    """What an attack claims; nothing of it is believed before it is predicted again.

    ``points`` (n, m): the best point for each example, in attack space, inside its
    box; ``outcome`` (n,) of ``Outcome``; ``queries`` (n,): points asked about.
    """

    points: FloatArray
    outcome: IntArray
    queries: IntArray
    health: GradientHealth = GradientHealth()


class Attack(Protocol):
    """A frozen dataclass whose fields are the attack's settings.

    ``needs``: what the model must offer. ``kind``: "fixed" looks inside the ball of
    one ε; "minimum" looks for the closest adversarial point, whatever ε.
    """

    name: ClassVar[str]
    needs: ClassVar[Knowledge]
    kind: ClassVar[Literal["fixed", "minimum"]]
    norms: ClassVar[tuple[Norm, ...]]

    def __call__(self, target: AttackTarget, norm: Norm, eps: float, seed: int) -> AttackResult:
        """Attack every example of ``target``; the same seed gives the same result."""
