"""The results of a run's attacks on a canary, a model with known margins."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from genlabel_robust.core.files.json_values import json_fields


@dataclass(frozen=True)
class AttackOnCanary:
    """The result of one attack on a canary.

    ``broken``: its share of the breakable examples, None if it cannot work on the canary;
    ``median_ratio``: the median ratio of its distances to the exact ones, None if it broke nothing;
    ``lost``: adversarial points that it queried but did not return; ``outside``: points outside of
    the ball.
    """

    broken: float | None
    median_ratio: float | None
    lost: int
    outside: int

    def as_dict(self) -> dict[str, Any]:
        """Return the record as in ``results.json``."""
        return json_fields(self)


@dataclass(frozen=True)
class CanaryRecord:
    """The results of the ``attacks``, by name, at ``eps``, the median of the exact margins.

    ``broken``: the share of the breakable examples that the attacks break together; None if none
    of them can work on the canary.
    """

    eps: float
    broken: float | None
    attacks: Mapping[str, AttackOnCanary]

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Self:
        """Read what ``as_dict`` wrote."""
        attacks = {name: AttackOnCanary(**one) for name, one in found["attacks"].items()}
        return cls(found["eps"], found["broken"], attacks)

    def as_dict(self) -> dict[str, Any]:
        """Return the record as in ``results.json``."""
        return json_fields(self)
