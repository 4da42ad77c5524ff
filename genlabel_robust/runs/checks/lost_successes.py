"""The check that attacks return every adversarial point that they find."""

from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, at_most


def _judge(evidence: Evidence) -> Check:
    on_rows = [by for r in evidence.panel.results for by in r.evidence.values()]
    lost = evidence.recorded("lost")
    for record in (evidence.canaries or {}).values():
        lost += sum(by.lost for by in record.attacks.values())
    watched = any("lost" in by for by in on_rows)
    where = "on the canary and on all rows" if watched else "on the canary"
    sentence = f"No attack lost an adversarial point that it met (watched {where})."
    if lost:
        sentence = (
            f"The attacks met adversarial points for {lost:.0f} examples and did not return them "
            f"(watched {where}); none may be lost."
        )
    return at_most("lost-successes", lost, 0.0, sentence, otherwise="fail")


CRITERION = Criterion(_judge, needs="canaries")
