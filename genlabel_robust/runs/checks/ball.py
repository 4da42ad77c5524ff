"""The check that the points that attacks claim lie inside the ball and the box."""

from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, at_most


def _judge(evidence: Evidence) -> Check:
    outside, claimed = evidence.recorded("outside"), evidence.claimed
    sentence = "No attack claimed a point outside the ball or the box."
    if outside:
        sentence = (
            f"Of {claimed:.0f} adversarial points that attacks claimed, {outside:.0f} lay outside "
            "the ball or the box; none is allowed."
        )
    return at_most("ball", outside / max(claimed, 1.0), 0.0, sentence, otherwise="fail")


CRITERION = Criterion(_judge)
