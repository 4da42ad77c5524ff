"""The check that gradient attacks break what attacks without gradients break."""

from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, broken_by_weaker


def _judge(evidence: Evidence) -> Check | None:
    panel = evidence.panel
    white = [i for i in panel.usable if panel.needs[i] == "gradients"]
    black = [i for i in panel.usable if panel.needs[i] != "gradients"]
    return broken_by_weaker(
        "white-box-against-black-box",
        evidence,
        ("attacks with gradients", white),
        ("Attacks without gradients", black),
    )


CRITERION = Criterion(_judge, needs="attacks")
