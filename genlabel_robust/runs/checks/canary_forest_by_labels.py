"""The check that label-based attacks break the breakable rows of a small forest."""

from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, broken_on_canary


def _judge(evidence: Evidence) -> Check | None:
    return broken_on_canary(
        "canary-forest-by-labels", evidence, "forest-by-labels", "a small forest", 0.9
    )


CRITERION = Criterion(_judge, needs="canaries")
