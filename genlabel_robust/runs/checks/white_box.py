"""The check that gradient attacks ran, as the result of other attacks is a loose upper bound."""

from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, at_least, percent


def _judge(evidence: Evidence) -> Check:
    panel = evidence.panel
    ran = sum(panel.needs[index] == "gradients" for index in panel.usable)
    least = 0 if evidence.all_decided else 1
    sentence = f"{ran} of {len(panel.attacks)} attacks ran with gradients."
    if not ran:
        sentence = _without(evidence)
    return at_least("white-box", ran, least, sentence, otherwise="warn")


def _without(evidence: Evidence) -> str:
    certified = evidence.panel.certified(evidence.eps)
    if evidence.all_decided:
        return "No attack with gradients ran, and none was needed: every answer is decided."
    if certified is None:
        return "No attack with gradients ran: the true robust accuracy may be far lower."
    return (
        "No attack with gradients ran: the true robust accuracy may be as low as the "
        f"{percent(certified.mean())} that are proved."
    )


CRITERION = Criterion(_judge, needs="attacks")
