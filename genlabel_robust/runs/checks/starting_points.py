"""The check that attacks find starting points, as one without says nothing about robustness."""

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, at_most, of


def _judge(evidence: Evidence) -> Check:
    lacking = evidence.panel.outcomes == Outcome.NO_START
    sentence = "Every attack that needs a starting point found one for every example."
    if lacking.any():
        sentence = (
            f"The attacks found no starting point in {of(lacking.sum(), lacking.size, 'attempts')}"
            ", which say nothing about robustness; none is allowed."
        )
    needless = bool(lacking.any()) and evidence.all_decided
    if needless:
        sentence = (
            f"The attacks found no starting point in {of(lacking.sum(), lacking.size, 'attempts')}"
            ", and none was needed: every answer is decided."
        )
    limit = 1.0 if needless else 0.0
    return at_most("starting-points", float(lacking.mean()), limit, sentence, otherwise="warn")


CRITERION = Criterion(_judge, needs="attacks")
