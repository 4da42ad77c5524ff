"""The base class of attacks, and their results."""

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
    """The result of one attack on one example."""

    BROKEN = 0
    SURVIVED = 1
    NO_START = 2
    NOT_APPLICABLE = 3
    MISCLASSIFIED = 4
    SKIPPED = 5
    OUT_OF_TIME = 6


@dataclass(frozen=True)
class GradientHealth:
    """Counts of an attack's gradients: computed (``rows``), ``zero``, and ``nonfinite`` ones."""

    rows: int = 0
    zero: int = 0
    nonfinite: int = 0

    def __add__(self, other: GradientHealth) -> GradientHealth:
        return GradientHealth(
            self.rows + other.rows, self.zero + other.zero, self.nonfinite + other.nonfinite
        )


@dataclass(frozen=True, eq=False)
class AttackResult:
    """The claim of an attack; it counts only after the model has predicted the points again.

    ``points`` (n, m): the best point for each example, in attack space, inside its
    box; ``outcome`` (n,) of ``Outcome``; ``queries`` (n,): the number of points queried.
    """

    points: FloatArray
    outcome: IntArray
    queries: IntArray
    health: GradientHealth = GradientHealth()


@dataclass(frozen=True)
class Attack(ABC):
    """An attack; a subclass is a frozen dataclass with fields declared by ``attacks.settings``.

    A subclass sets these attributes and defines ``_attack``. ``needs``: the knowledge that the
    model must offer. ``kind``: "fixed" searches inside the ball of one ε; "minimum" searches for
    the closest adversarial point, whatever ε is. ``cost``: the order of magnitude of the queries
    per example; with early stop, the cheapest attack runs first. ``searches``: False for a control
    that draws points at random, which any search must beat. ``repeats``: the name of a single-step
    attack whose step this one repeats from several starts, so that it must do better.
    ``uses_scores``: whether it uses scores where a model offers them, although it needs less.
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

        ``start`` (n, m): additional points to start from, such as the best points of a smaller ε.
        The random numbers and the result of an example do not depend on the other examples.
        Raises ``NotApplicableError`` for a norm that the attack does not support, and
        ``AttackError`` if start or result do not have the shape of the examples.
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
        """Search as ``__call__`` describes; an attack of kind "minimum" ignores the radius.

        ``target.x`` (n, m) are the examples in attack space, ``target.y`` (n,) their labels;
        ``ball``: the norm and ε. ``seed`` must be the only source of randomness. All arrays are
        numpy arrays of float64.
        """

    def _check_shape(self, part: str, array: Any, expected: tuple[int, ...]) -> None:
        if array is not None and array.shape != expected:
            raise AttackError(
                f"attack {self.name!r}: {part} has shape {array.shape}; it must be {expected}"
            )
