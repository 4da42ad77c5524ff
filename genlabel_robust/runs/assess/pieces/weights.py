"""How much work the pieces of an assessment are said to be, before they are done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from genlabel_robust.runs.assess.probes import SAMPLE, Subject
from genlabel_robust.runs.cells.cell import Checks
from genlabel_robust.threat.norms import gives

#: What the costly checks do again: every attack once at the full range, and with twice its budget.
_AGAIN = 3.0


@dataclass(frozen=True)
class Weights:
    """The weight of each of the ``attacks``, of all ``proofs``, and of all ``checks``.

    That of an attack is its cost, times the number of ε for one that runs at each; of one that the
    model does not let run, none. Single columns are among the checks.
    """

    attacks: tuple[float, ...]
    proofs: float
    checks: float

    @classmethod
    def of(cls, subject: Subject, checks: Checks) -> Self:
        """Return the weights of what is done to ``subject``."""
        n = max(len(subject.y), 1)
        attacks = tuple(
            float(attack.cost * (len(subject.threat.eps) if attack.kind == "fixed" else 1))
            if gives(subject.model.knowledge, attack.needs)
            else 0.0
            for attack in subject.attacks
        )
        sampled = {"off": 0.0, "light": 0.0, "quick": min(SAMPLE / n, 1.0), "full": 1.0}[checks]
        # reading what the attacks found is never quite nothing
        rest = max(sum(attacks), 1) * max(_AGAIN * sampled, 0.01)
        return cls(attacks, rest / 2, rest / 2)

    @property
    def whole(self) -> float:
        """All of it."""
        return sum(self.attacks) + self.proofs + self.checks
