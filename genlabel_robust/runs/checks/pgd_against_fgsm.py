"""Many steps break what one step breaks."""

from __future__ import annotations

from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, broken_by_weaker


def _judge(evidence: Evidence) -> Check | None:
    panel = evidence.panel
    many = [i for i in panel.usable if panel.attacks[i] == "pgd"]
    one = [i for i in panel.usable if panel.attacks[i] == "fgsm"]
    return broken_by_weaker("pgd-against-fgsm", evidence, ("PGD", many), ("FGSM", one))


CRITERION = Criterion(_judge, needs="attacks")
