"""The baseline's adversarial examples, shown to the candidate.

A candidate that was attacked badly looks robust; what broke the baseline and breaks it as
well shows that it is not.
"""

from collections.abc import Callable

import numpy as np

from genlabel_robust.core import BoolArray
from genlabel_robust.models import Model
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.threat import within


def broken_by_replay(
    baseline: Panel, candidate: Panel, models: Callable[[int], Model], eps: float
) -> BoolArray:
    """Mark what the baseline's examples of at most ``eps`` break on the candidate, (S, n).

    ``models``: the candidate's model of each of its S seeds, by number. Both panels are
    of the same rows in the same attack space. Each seed meets the examples of the
    baseline's seed of the same number, counted around: with all of them, a candidate
    would be attacked by more models than the baseline was.
    """
    broken = np.zeros_like(candidate.clean)
    for number in range(len(broken)):
        before = baseline.results[number % len(baseline.results)]
        found = before.distances
        usable = np.isfinite(found) & (found > 0) & within(found, eps)
        usable &= candidate.clean[number]
        attack, row = np.nonzero(usable)
        if not len(row):
            continue
        labels = models(number).predict(before.adversarial[attack, row])
        broken[number, row[labels != candidate.labels[row]]] = True
    return broken
