"""The attacks by labels break what can be broken on a small forest."""

from __future__ import annotations

from genlabel_robust.runs.checks.judging.canary import broken_on_canary
from genlabel_robust.runs.checks.judging.check import Check
from genlabel_robust.runs.checks.judging.criterion import Criterion
from genlabel_robust.runs.checks.judging.evidence import Evidence


def _judge(evidence: Evidence) -> Check | None:
    return broken_on_canary(
        "canary-forest-by-labels", evidence, "forest-by-labels", "a small forest", 0.9
    )


CRITERION = Criterion(_judge, needs="canaries")
