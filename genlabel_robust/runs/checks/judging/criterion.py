"""A criterion: the function that computes a check, and when the check applies."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from genlabel_robust.runs.checks.judging.check import Check
from genlabel_robust.runs.checks.judging.evidence import Evidence


@dataclass(frozen=True)
class Criterion:
    """The registered object of a check.

    ``judge``: returns the check, or None if the evidence does not allow one. ``needs``: "attacks"
    for a check that needs an applicable attack, "canaries" for one that needs canaries and does
    not apply if every row is decided. ``probe``: the prefix of the name of the probe it judges.
    ``masking``: whether any result but a pass is a sign of masked gradients.
    """

    judge: Callable[[Evidence], Check | None]
    needs: Literal["attacks", "canaries"] | None = None
    probe: str | None = None
    masking: bool = False

    def check(self, evidence: Evidence) -> Check | None:
        """Return the check of ``evidence``, or None if it does not apply."""
        if self.needs == "attacks" and evidence.panel.attacked is None:
            return None
        # if every row is decided, the attacks need not be trusted
        if self.needs == "canaries" and (evidence.canaries is None or evidence.all_decided):
            return None
        return self.judge(evidence)
