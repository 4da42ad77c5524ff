"""The check of how many rows are decided, by proofs and by adversarial examples."""

from genlabel_robust.runs.checks.judging import Check, Criterion, Evidence, at_most, of, percent


def _judge(evidence: Evidence) -> Check | None:
    certified = evidence.panel.certified(evidence.eps)
    if certified is None:
        return None
    undecided = float(evidence.panel.undecided(evidence.eps).sum())
    total = float(certified.size)
    low, high = certified.mean(), evidence.robust.mean()
    sentence = (
        f"Every answer is decided: robust accuracy is {percent(high)} exactly, by proofs and by "
        "points that the model mislabels."
    )
    if undecided:
        sentence = (
            f"{of(undecided, total, 'answers')} {'is' if undecided == 1 else 'are'} neither proved "
            f"nor broken: robust accuracy lies between {percent(low)} and {percent(high)}."
        )
    # any number of open rows is allowed
    return at_most("decided", undecided / total, 1.0, sentence, otherwise="warn")


CRITERION = Criterion(_judge)
