"""The check that the model confirms the adversarial points that attacks claim."""

from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, at_most, of

#: The maximum fraction of claims that the model does not confirm.
_UNCONFIRMED = 0.01


def _judge(evidence: Evidence) -> Check:
    unconfirmed = evidence.recorded("unconfirmed")
    claimed = evidence.claimed
    sentence = f"The model confirmed all {claimed:.0f} adversarial points that attacks claimed."
    if unconfirmed:
        sentence = (
            f"The model did not confirm {of(unconfirmed, claimed, 'adversarial points')} that "
            "attacks claimed, and they do not count; at most 1 % is allowed."
        )
    share = unconfirmed / max(claimed, 1.0)
    return at_most("claims", share, _UNCONFIRMED, sentence, otherwise="warn")


CRITERION = Criterion(_judge)
