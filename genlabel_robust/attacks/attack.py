"""What an attack is told and what it returns."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from enum import IntEnum
from typing import Any, ClassVar, Literal, Protocol, TypeVar

from genlabel_robust.core.arrays import FloatArray, IntArray
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat.threat_model import Knowledge, Norm


class Outcome(IntEnum):
    """What became of one example under one attack."""

    BROKEN = 0
    SURVIVED = 1
    NO_START = 2
    NOT_APPLICABLE = 3
    MISCLASSIFIED = 4
    SKIPPED = 5
    OUT_OF_TIME = 6


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
    one ε; "minimum" looks for the closest adversarial point, whatever ε. ``cost``:
    queries for one example, in the order of magnitude; the cheapest runs first where
    what is broken is skipped.
    """

    name: ClassVar[str]
    needs: ClassVar[Knowledge]
    kind: ClassVar[Literal["fixed", "minimum"]]
    norms: ClassVar[tuple[Norm, ...]]
    cost: ClassVar[int]

    def __call__(
        self,
        target: AttackTarget,
        norm: Norm,
        eps: float,
        seed: int,
        start: FloatArray | None = None,
    ) -> AttackResult:
        """Attack every example of ``target``; the same seed gives the same result.

        ``start`` (n, m): points to begin from besides the attack's own, such as the best
        of a smaller ε. What an example draws and gets does not depend on the others.
        """


def budget(default: int) -> Any:
    """Declare a setting of an attack that is a budget: ``doubled`` doubles it."""
    return field(default=default, metadata={"budget": True})


_AnyAttack = TypeVar("_AnyAttack", bound=Any)


def doubled(attack: _AnyAttack) -> _AnyAttack:
    """Return ``attack`` with every budget doubled, to see whether it had converged."""
    names = [f.name for f in fields(attack) if f.metadata.get("budget")]
    return replace(attack, **{name: 2 * getattr(attack, name) for name in names})
