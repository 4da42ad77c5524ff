"""A check: whether the model is better than always naming the commonest class."""

import numpy as np

from genlabel_robust.parts import Check, Criterion, Evidence, at_least


def _judge(evidence: Evidence) -> Check | None:
    panel = evidence.panel
    labels = panel.labels
    chance = float(np.bincount(labels).max() / len(labels))
    right = float(panel.clean.mean())
    sentence = (
        f"The models are right on {right:.1%} of the rows; the commonest class is {chance:.1%}."
    )
    return at_least("above-chance", right, chance, sentence, otherwise="warn")


CRITERION = Criterion(_judge)
