"""The check that no row is robust at an ε if it is broken at a smaller one."""

from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, at_most


def _judge(evidence: Evidence) -> Check:
    panel, eps = evidence.panel, evidence.eps
    smaller = [panel.robust(evidence.nearest, other) for other in evidence.sweep if other < eps]
    risen = float(sum((evidence.robust & ~before).sum() for before in smaller))
    sentence = f"No row that a smaller ε broke counts as robust at ε = {eps:g}."
    if risen:
        sentence = (
            f"In {risen:.0f} cases an answer that a smaller ε broke counts as robust at ε = "
            f"{eps:g}; none is allowed."
        )
    return at_most("order-of-eps", risen, 0.0, sentence, otherwise="fail")


CRITERION = Criterion(_judge)
