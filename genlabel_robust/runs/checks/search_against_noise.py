"""The check that search attacks break what random points break."""

from genlabel_robust.attacks.declared import searches
from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, broken_by_weaker


def _judge(evidence: Evidence) -> Check | None:
    panel = evidence.panel
    luck = [i for i in panel.usable if not searches(panel.attacks[i])]
    search = [i for i in panel.usable if i not in luck]
    return broken_by_weaker(
        "search-against-noise",
        evidence,
        ("attacks that search", search),
        ("Random points", luck),
    )


CRITERION = Criterion(_judge, needs="attacks")
