"""The attacks break what can be broken on an affine model of known margins."""

from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, broken_on_canary


def _judge(evidence: Evidence) -> Check | None:
    return broken_on_canary("canary-affine", evidence, "affine", "an affine model", 0.99)


CRITERION = Criterion(_judge, needs="canaries")
