"""A criterion: how one check is judged, and what else there is to know of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from genlabel_robust.runs.checks.judging.check import Check
from genlabel_robust.runs.checks.judging.evidence import Evidence


@dataclass(frozen=True)
class Criterion:
    """What is registered of a check, under its name and beside its row of docs/concepts/checks.md.

    ``judge`` returns the check, None where the evidence says nothing of it. ``needs``: "attacks"
    that could work on the model, or "canaries" that were run, where an attack has to be trusted.
    ``probe``: the measurement that it judges, by the begin of its name. ``masking``: whether
    anything but a pass is a sign that the model hides from attacks what it gives to users.
    """

    judge: Callable[[Evidence], Check | None]
    needs: Literal["attacks", "canaries"] | None = None
    probe: str | None = None
    masking: bool = False

    def check(self, evidence: Evidence) -> Check | None:
        """Return the check of ``evidence``, None where it does not apply."""
        if self.needs == "attacks" and evidence.panel.attacked is None:
            return None
        # where every row is decided, no attack has to be trusted
        if self.needs == "canaries" and (evidence.canaries is None or evidence.all_decided):
            return None
        return self.judge(evidence)
