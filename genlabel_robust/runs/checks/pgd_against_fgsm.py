"""The check that PGD breaks what a single step breaks."""

from genlabel_robust.attacks.declared import repeats
from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, broken_by_weaker


def _judge(evidence: Evidence) -> Check | None:
    panel = evidence.panel
    repeated = {i: repeats(panel.attacks[i]) for i in panel.usable}
    one = [i for i in panel.usable if panel.attacks[i] in repeated.values()]
    many = [i for i in panel.usable if repeated[i] in [panel.attacks[j] for j in one]]
    weaker, stronger = (
        (" and ".join(panel.attacks[i].upper() for i in which), which) for which in (one, many)
    )
    return broken_by_weaker("pgd-against-fgsm", evidence, stronger, weaker)


CRITERION = Criterion(_judge, needs="attacks")
