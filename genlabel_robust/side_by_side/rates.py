"""The differences of one model's numbers from another's, paired where their rows are the same."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.side_by_side.comparison import Turned
from genlabel_robust.statistics import (
    Estimate,
    independent_difference,
    independent_medians,
    paired_difference,
    recipe_difference,
)
from genlabel_robust.statistics.margin_difference import largest_known, margin_difference
from genlabel_robust.statistics.paired_median import PairedMedian
from genlabel_robust.statistics.recipes import LEAST_SEEDS

By: TypeAlias = Literal["exact", "attacks"]


@dataclass(frozen=True)
class MedianDifference:
    """A difference of median margins, and ``by`` which distances; None for a ``reason``."""

    median: PairedMedian | None = None
    by: By | None = None
    reason: str | None = None


def can_pair(now: Panel, before: Panel) -> bool:
    """Say whether the seeds of two panels of the same rows allow to compare row by row.

    One each, as many each, or enough each to tell what seeds bring.
    """
    counts = len(now.results), len(before.results)
    return counts[0] == counts[1] or min(counts) >= LEAST_SEEDS


def rate_difference(now: BoolArray, before: BoolArray, level: float, *, paired: bool) -> Estimate:
    """Return the rate of ``now`` (S1, n) minus that of ``before`` (S2, m).

    ``paired``: n = m, the rows are the same, and the seeds allow it. One seed each, and enough
    each: the statistics of the gate. Seeds in between are paired in their order, as the
    differences between strategies of a run are.
    """
    if not paired:
        return independent_difference(now, before, level)
    if min(len(now), len(before)) >= LEAST_SEEDS:
        return recipe_difference(now, before, level)
    return paired_difference(now, before, level)


def median_difference(now: Panel, before: Panel, level: float, *, paired: bool) -> MedianDifference:
    """Return the difference of the median margins, by exact distances if both sides have them.

    Else by the nearest points that attacks found, on both sides alike: an upper bound of each
    distance, which a proof's witness on one side only would make unlike.
    """
    by: By = "attacks"
    sides: tuple[FloatArray | None, FloatArray | None] = now.attacked, before.attacked
    if now.exact is not None and before.exact is not None:
        by, sides = "exact", (now.exact, before.exact)
    first, second = sides
    if first is None or second is None:
        return MedianDifference(reason="no attack could work on one of the models")
    if not paired:
        found = independent_medians(first, second, level)
        return MedianDifference(found, by, None if found else "a median is beyond what was found")
    most = largest_known(first, second)
    if not most:
        return MedianDifference(reason="nothing was broken at any distance")
    least_seeds = min(len(first), len(second))
    clipped = np.minimum(first, most), np.minimum(second, most)
    whole = margin_difference(*clipped, level, of_seeds=least_seeds > 1)
    return MedianDifference(whole.as_paired_median(), by)


def turned(now: Panel, before: Panel, right: tuple[BoolArray, BoolArray]) -> Turned:
    """Return which rows the second of two panels of the same rows has right more or less often.

    ``right``: what ``now`` and ``before`` have right, (S1, n) and (S2, n).
    """
    # whole numbers: shares of three and of five seeds are not equal in floats
    first, second = (side.sum(axis=0) * len(other) for side, other in (right, (right[1], right[0])))
    ids = before.results[0].ids
    return Turned(
        tuple(int(one) for one in ids[first < second]),
        tuple(int(one) for one in ids[first > second]),
    )


def states(panel: Panel, eps: float | None) -> list[str]:
    """Return what became of each row (n,) of a panel of one seed, at ``eps`` if there is one."""
    clean = panel.clean[0]
    if eps is None:
        return ["right" if one else "misclassified" for one in clean]
    robust = clean if panel.nearest is None else panel.robust(panel.nearest, eps)[0]
    proved = certain(panel, eps)
    sure = np.zeros_like(clean) if proved is None else proved[0] & robust
    names = np.where(sure, "certified", np.where(robust, "open", "broken"))
    return [str(one) for one in np.where(clean, names, "misclassified")]


def certain(panel: Panel, eps: float) -> BoolArray | None:
    """Mark what is proved to be robust at ``eps`` (S, n), None where nothing is."""
    if panel.lower is None and panel.exact is not None:
        return panel.robust(panel.exact, eps)
    return panel.certified(eps)
