"""Estimates of the amount of work in the pieces of an assessment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from genlabel_robust.runs.assess.probes import SAMPLE, Subject
from genlabel_robust.runs.cells.cell import Checks
from genlabel_robust.threat.norms import gives

#: The work of the costly checks in units of all attacks: once at full range, and at twice the cost.
_AGAIN = 3.0


@dataclass(frozen=True)
class Weights:
    """The weight of each of the ``attacks``, of all ``proofs``, and of all ``checks``.

    An attack's weight is its cost, times the number of ε if it runs at each; 0 if it cannot run on
    the model. The search of single columns counts as a check.
    """

    attacks: tuple[float, ...]
    proofs: float
    checks: float

    @classmethod
    def of(cls, subject: Subject, checks: Checks) -> Self:
        """Return the weights of the assessment of ``subject``."""
        n = max(len(subject.y), 1)
        attacks = tuple(
            float(attack.cost * (len(subject.threat.eps) if attack.kind == "fixed" else 1))
            if gives(subject.model.knowledge, attack.needs)
            else 0.0
            for attack in subject.attacks
        )
        sampled = {"off": 0.0, "light": 0.0, "quick": min(SAMPLE / n, 1.0), "full": 1.0}[checks]
        # never 0, because reading the attacks' results takes some time
        rest = max(sum(attacks), 1) * max(_AGAIN * sampled, 0.01)
        return cls(attacks, rest / 2, rest / 2)

    @property
    def whole(self) -> float:
        """The total weight."""
        return sum(self.attacks) + self.proofs + self.checks
