"""The check that no row with an exact distance beyond ε counts as broken within ε."""

import numpy as np

from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, at_most, of


def _judge(evidence: Evidence) -> Check | None:
    exact, eps = evidence.panel.exact, evidence.eps
    if exact is None or evidence.all_decided:
        return None
    robust = evidence.panel.robust(exact, eps)
    # rounding may put rows with an exact distance of ε on either side
    beyond = np.abs(exact - eps) > 1e-3 * eps
    below = float((robust & ~evidence.robust & beyond).sum())
    sentence = "No row whose exact distance lies beyond ε counts as broken."
    if below:
        sentence = (
            f"Attacks claim to have broken {of(below, robust.sum(), 'rows')} whose exact distance "
            "lies beyond ε, which is impossible; none is allowed."
        )
    return at_most("exact-bound", below, 0.0, sentence, otherwise="fail")


CRITERION = Criterion(_judge, needs="attacks")
