"""How the attacks of a run did on a canary, a model whose margins are known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from genlabel_robust.core.files.json_values import json_fields


@dataclass(frozen=True)
class AttackOnCanary:
    """How one attack did.

    ``broken``: its share of the breakable examples, None if it cannot work on the canary;
    ``median_ratio``: the median of its distances over the exact ones, None if it broke nothing;
    ``lost``: successes that it met and did not return; ``outside``: points outside of the ball.
    """

    broken: float | None
    median_ratio: float | None
    lost: int
    outside: int

    def as_dict(self) -> dict[str, Any]:
        """Return it as ``results.json`` has it."""
        return json_fields(self)


@dataclass(frozen=True)
class CanaryRecord:
    """How the ``attacks`` did, by name, at ``eps``, the median of the exact margins.

    ``broken``: the share, of the examples that can be broken there, that they break together;
    None where none of them can work on the canary.
    """

    eps: float
    broken: float | None
    attacks: Mapping[str, AttackOnCanary]

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Self:
        """Return what ``as_dict`` wrote."""
        attacks = {name: AttackOnCanary(**one) for name, one in found["attacks"].items()}
        return cls(found["eps"], found["broken"], attacks)

    def as_dict(self) -> dict[str, Any]:
        """Return it as ``results.json`` has it."""
        return json_fields(self)
