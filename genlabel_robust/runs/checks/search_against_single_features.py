"""The check that search attacks break what a change of a single column breaks."""

import numpy as np

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence
from genlabel_robust.runs.checks.judging.weaker_attacks import only_weaker_broke
from genlabel_robust.threat import within


def _judge(evidence: Evidence) -> Check | None:
    panel, eps = evidence.panel, evidence.eps
    if panel.attacked is None or any(result.few is None for result in panel.results):
        return None
    spared = np.any([panel.out_of_time(i, eps) for i in panel.usable], axis=0)
    spared |= (panel.outcomes[:, panel.usable] == Outcome.SKIPPED).all(axis=1)
    missed = within(panel.alone, eps) & ~within(panel.attacked, eps) & ~spared & panel.clean
    return only_weaker_broke(
        "search-against-single-features",
        missed,
        "A change of one column alone",
        "all attacks together",
    )


CRITERION = Criterion(_judge, needs="attacks")
