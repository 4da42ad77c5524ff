"""Replay of the baseline's adversarial examples on the candidate.

A candidate that was attacked poorly looks robust. If examples that broke the baseline also break
the candidate, it is not.
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
    """Mark the rows (S, n) of the candidate that the baseline's examples within ``eps`` break.

    ``models``: returns the candidate's model for the position of each of its S seeds. Both panels
    must be of the same rows in the same attack space. Each seed meets only the examples of the
    baseline's seed at the same position (modulo their number): with all examples, a candidate
    would be attacked with more models than the baseline was.
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
