"""The check that no misclassified row counts as robust."""

from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, at_most


def _judge(evidence: Evidence) -> Check:
    wrong = float((evidence.robust & ~evidence.panel.clean).sum())
    sentence = "No misclassified row counts as robust."
    if wrong:
        sentence = (
            f"Of {evidence.robust.sum():.0f} answers that count as robust, {wrong:.0f} are wrong "
            "on the untouched row; none is allowed."
        )
    return at_most("robust-where-correct", wrong, 0.0, sentence, otherwise="fail")


CRITERION = Criterion(_judge)
