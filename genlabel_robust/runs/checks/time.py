"""The check that no attack leaves out an example for lack of time."""

import numpy as np

from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, at_most, of


def _judge(evidence: Evidence) -> Check:
    panel, eps = evidence.panel, evidence.eps
    late = np.array([panel.out_of_time(i, eps) for i in panel.usable])
    if panel.lower is not None:  # decided rows need no attack
        late &= panel.undecided(eps)
    sentence = "No attack left out an example for want of time."
    if late.any():
        sentence = (
            f"The attacks left out {of(late.sum(), late.size, 'attempts')} for want of time "
            "(max_seconds), which say nothing about robustness; none is allowed."
        )
    return at_most("time", float(late.mean()), 0.0, sentence, otherwise="fail")


CRITERION = Criterion(_judge, needs="attacks")
