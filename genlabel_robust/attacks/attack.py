"""What an attack is told and what it returns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, ClassVar, Literal

from genlabel_robust.attacks.settings import check_settings
from genlabel_robust.core import AttackError, FloatArray, IntArray, NotApplicableError
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat import Ball, Knowledge, Norm


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
    """What an attack claims. It counts only after the model has predicted the points again.

    ``points`` (n, m): the best point for each example, in attack space, inside its
    box; ``outcome`` (n,) of ``Outcome``; ``queries`` (n,): how many points were queried.
    """

    points: FloatArray
    outcome: IntArray
    queries: IntArray
    health: GradientHealth = GradientHealth()


@dataclass(frozen=True)
class Attack(ABC):
    """A frozen dataclass whose fields, declared by ``attacks.settings``, are its settings.

    A subclass sets these attributes, and defines ``_attack``. ``needs``: what the model must
    offer. ``kind``: "fixed" searches inside the ball of one ε; "minimum" searches for the
    closest adversarial point, whatever ε is. ``cost``: the order of magnitude of the queries for
    one example; with early stop, the cheapest attack runs first. ``searches``: False
    for a control that lets chance alone choose, which any search must beat. ``repeats``: the
    name of the attack whose single step it repeats, from several starts, and which it must
    therefore beat. ``uses_scores``: whether it uses scores if a model offers them, although it
    needs less.
    """

    name: ClassVar[str]
    needs: ClassVar[Knowledge]
    kind: ClassVar[Literal["fixed", "minimum"]]
    norms: ClassVar[tuple[Norm, ...]]
    cost: ClassVar[int]
    searches: ClassVar[bool] = True
    repeats: ClassVar[str | None] = None
    uses_scores: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_settings(self)

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
        of a smaller ε. What an example draws and gets does not depend on the others. Raises
        ``NotApplicableError`` for another norm than its own, and ``AttackError`` where
        start or result are not of the shape of the examples.
        """
        if (refusal := self.refusal(norm)) is not None:
            raise NotApplicableError(refusal)
        self._check_shape("start", start, target.x.shape)
        result: Any = self._attack(target, (norm, eps), seed, start)
        if not isinstance(result, AttackResult):
            raise AttackError(
                f"attack {self.name!r}: _attack returned {type(result).__name__!r}; it must "
                "return an AttackResult"
            )
        self._check_shape("points", result.points, target.x.shape)
        for part in ("outcome", "queries"):
            self._check_shape(part, getattr(result, part), target.y.shape)
        return result

    def refusal(self, norm: Norm) -> str | None:
        """Return why the attack does not work under ``norm``, None if it does."""
        if norm in self.norms:
            return None
        allowed = ", ".join(self.norms)
        return f"attack {self.name!r} does not work under norm {norm!r}; it allows {allowed}"

    @abstractmethod
    def _attack(
        self, target: AttackTarget, ball: Ball, seed: int, start: FloatArray | None
    ) -> AttackResult:
        """Search as ``__call__`` says; with kind "minimum", whatever the radius of ``ball`` is.

        ``target.x`` (n, m) are the examples in attack space, ``target.y`` (n,) their labels;
        ``ball``: the norm and ε. ``seed`` must be the only source of chance. All arrays are numpy
        arrays of float64.
        """

    def _check_shape(self, part: str, array: Any, expected: tuple[int, ...]) -> None:
        if array is not None and array.shape != expected:
            raise AttackError(
                f"attack {self.name!r}: {part} has shape {array.shape}; it must be {expected}"
            )
