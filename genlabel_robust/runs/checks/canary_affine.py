"""The check that the attacks break all breakable rows of an affine model with known margins."""

from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, broken_on_canary


def _judge(evidence: Evidence) -> Check | None:
    return broken_on_canary("canary-affine", evidence, "affine", "an affine model", 0.99)


CRITERION = Criterion(_judge, needs="canaries")
