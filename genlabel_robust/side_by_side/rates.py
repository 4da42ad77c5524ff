"""The differences between two models' numbers, paired if their rows are the same."""

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
    quantile_summary,
    recipe_difference,
)
from genlabel_robust.statistics.margin_difference import largest_known, margin_difference
from genlabel_robust.statistics.paired_median import PairedMedian
from genlabel_robust.statistics.recipes import LEAST_SEEDS

By: TypeAlias = Literal["exact", "attacks"]


@dataclass(frozen=True)
class MedianDifference:
    """A difference of median margins; ``by``: the distances used; ``reason``: why there is none."""

    median: PairedMedian | None = None
    by: By | None = None
    reason: str | None = None


def can_pair(now: Panel, before: Panel) -> bool:
    """Return whether two panels of the same rows can be paired, given their numbers of seeds.

    They can if the numbers are equal, or both large enough to estimate the variance of seeds.
    """
    counts = len(now.results), len(before.results)
    return counts[0] == counts[1] or min(counts) >= LEAST_SEEDS


def rate_difference(now: BoolArray, before: BoolArray, level: float, *, paired: bool) -> Estimate:
    """Return the rate of ``now`` (S1, n) minus that of ``before`` (S2, m).

    ``paired``: whether the rows are the same (n = m) and ``can_pair`` holds. With one seed each,
    or ``LEAST_SEEDS`` or more each, the statistics are those of the gate. With numbers in
    between, seeds are paired in order, as in the differences between strategies of a run.
    """
    if not paired:
        return independent_difference(now, before, level)
    if min(len(now), len(before)) >= LEAST_SEEDS:
        return recipe_difference(now, before, level)
    return paired_difference(now, before, level)


def median_difference(now: Panel, before: Panel, level: float, *, paired: bool) -> MedianDifference:
    """Return the difference of the median margins, from exact distances if both sides have them.

    Otherwise it uses, on both sides, the nearest points that attacks found, which are upper
    bounds of the distances. Witnesses of proofs are left out, as one side may lack them.
    """
    by: By = "attacks"
    sides: tuple[FloatArray | None, FloatArray | None] = now.attacked, before.attacked
    if now.exact is not None and before.exact is not None:
        by, sides = "exact", (now.exact, before.exact)
    first, second = sides
    if first is None or second is None:
        return MedianDifference(reason="no attack could work on one of the models")
    if not largest_known(first, second):
        return MedianDifference(reason="nothing was broken at any distance")
    # most rows of such a side are ties, or differences of unknown size
    if any(quantile_summary(side)["median"] is None for side in (first, second)):
        return MedianDifference(reason="a median is beyond what was found")
    if not paired:
        return MedianDifference(independent_medians(first, second, level), by)
    least_seeds = min(len(first), len(second))
    whole = margin_difference(first, second, level, of_seeds=least_seeds > 1)
    return MedianDifference(whole.as_paired_median(), by)


def turned(now: Panel, before: Panel, right: tuple[BoolArray, BoolArray]) -> Turned:
    """Return the rows correct in a smaller or larger fraction of seeds in ``now`` than ``before``.

    ``right``: the correct rows of ``now`` and of ``before``, (S1, n) and (S2, n).
    """
    # compared as integers: equal fractions of three and of five seeds can differ as floats
    first, second = (side.sum(axis=0) * len(other) for side, other in (right, (right[1], right[0])))
    ids = before.results[0].ids
    return Turned(
        tuple(int(one) for one in ids[first < second]),
        tuple(int(one) for one in ids[first > second]),
    )


def states(panel: Panel, eps: float | None) -> list[str]:
    """Return the state of each row (n,) of a panel with one seed, at ``eps`` if not None."""
    clean = panel.clean[0]
    if eps is None:
        return ["right" if one else "misclassified" for one in clean]
    robust = clean if panel.nearest is None else panel.robust(panel.nearest, eps)[0]
    proved = certain(panel, eps)
    sure = np.zeros_like(clean) if proved is None else proved[0] & robust
    names = np.where(sure, "certified", np.where(robust, "open", "broken"))
    return [str(one) for one in np.where(clean, names, "misclassified")]


def certain(panel: Panel, eps: float) -> BoolArray | None:
    """Mark the rows (S, n) that are proved to be robust at ``eps``; None without proofs."""
    if panel.lower is None and panel.exact is not None:
        return panel.robust(panel.exact, eps)
    return panel.certified(eps)
