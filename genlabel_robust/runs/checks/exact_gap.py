"""The check of how much attacks overestimate robust accuracy, if the exact value is known."""

from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, at_most

#: The maximum gap between the attacks' robust accuracy and the exact one.
_GAP = 0.005


def _judge(evidence: Evidence) -> Check | None:
    panel, eps = evidence.panel, evidence.eps
    if panel.attacked is not None and evidence.all_decided:
        gap = float(panel.robust(panel.attacked, eps).mean() - evidence.robust.mean())
        sentence = "The attacks alone would have found the exact robust accuracy."
        if gap > 0:
            sentence = (
                f"The attacks alone would have left robust accuracy {100 * gap:.3g} points above "
                "the exact value; what is reported is the exact one."
            )
        # the reported figure is exact, so any gap is allowed
        return at_most("exact-gap", gap, 1.0, sentence, otherwise="warn")
    if panel.exact is None:
        return None
    gap = float(evidence.robust.mean() - panel.robust(panel.exact, eps).mean())
    sentence = "The attacks’ robust accuracy is no higher than the exact one."
    if gap > 0:
        sentence = (
            f"The attacks’ robust accuracy is {100 * gap:.3g} points above the exact one; at most "
            "0.5 points are allowed."
        )
    return at_most("exact-gap", gap, _GAP, sentence, otherwise="warn")


CRITERION = Criterion(_judge, needs="attacks")
