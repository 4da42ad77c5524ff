"""The difference between the rates of a group of rows and of the others, under the same seeds.

Group and rest have no row in common, but they have the models: the difference is taken under
each seed, and what a seed does to both cancels. Each side's variance of rows is recovered from
its own Wilson interval, on either side (MOVER); what the seeds bring to the difference is added
under the root with Student's quantile:

    low = d - sqrt((p - p_low)² + (q_high - q)² + t² seeds),   and likewise above.

With one seed that is Newcombe's interval of two independent rates.

Source: Newcombe, Statistics in Medicine 17 (1998) 873, method 10; Zou & Donner, Statistics in
Medicine 27 (2008) 1693.
"""

import math
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.special import ndtri, stdtrit

from genlabel_robust.core import BoolArray, ConfigurationError, FloatArray
from genlabel_robust.statistics.estimate import Estimate, bounded
from genlabel_robust.statistics.panel import check_level, panel
from genlabel_robust.statistics.twolevel import rows_worth, seeds_of_difference
from genlabel_robust.statistics.wilson import wilson

NEWCOMBE = "newcombe"
TWO_LEVEL = "newcombe by rows, t by seeds"
#: Smaller p-values are given as this: quantiles farther out are not to be trusted.
_LEAST_P = 1e-15


@dataclass(frozen=True)
class GroupDifference:
    """The rate of a group minus that of the rest, and the two-sided ``p_value`` of no difference.

    The p-value is the share at which the interval of level 1 - p would end at 0.
    """

    estimate: Estimate
    p_value: float


def group_difference(group: BoolArray, rest: BoolArray, level: float = 0.95) -> GroupDifference:
    """Estimate mean(group) - mean(rest), of (seeds, n) and (seeds, m) answers.

    The same seeds on both sides, in the same order. Raises ``ConfigurationError`` if their
    numbers differ, ``UnfinishedRunError`` if a side is empty.
    """
    check_level(level)
    first, second = panel(group, "group"), panel(rest, "rest")
    if len(first) != len(second):
        raise ConfigurationError(
            f"group has {len(first)} seeds and rest {len(second)}; the difference is that of the "
            "same models: give both of every seed"
        )
    sides = _Sides(first, second)
    low, high = sides.bounds(1.0 - level)
    estimate = bounded(
        sides.value,
        low,
        high,
        least=-1.0,
        level=level,
        method=NEWCOMBE if len(first) == 1 else TWO_LEVEL,
        n=first.shape[1] + second.shape[1],
    )
    return GroupDifference(estimate, sides.p_value())


class _Sides:
    """What both sides say, so that bounds at any level need no second look at the answers."""

    def __init__(self, group: FloatArray, rest: FloatArray) -> None:
        self.p, self.q = float(group.mean()), float(rest.mean())
        self.n, self.m = rows_worth(group), rows_worth(rest)
        self.seeds, self.freedom = seeds_of_difference(group, rest), len(group) - 1
        self.value = self.p - self.q

    def bounds(self, alpha: float) -> tuple[float, float]:
        """Return the ends of the interval that misses with probability ``alpha``."""
        z = -float(ndtri(alpha / 2.0))
        shared = 0.0
        if self.seeds > 0.0:
            shared = float(stdtrit(self.freedom, alpha / 2.0)) ** 2 * self.seeds
        p_low, p_high = wilson(self.p, self.n, z)
        q_low, q_high = wilson(self.q, self.m, z)
        below = math.sqrt((self.p - p_low) ** 2 + (q_high - self.q) ** 2 + shared)
        above = math.sqrt((p_high - self.p) ** 2 + (self.q - q_low) ** 2 + shared)
        return self.value - below, self.value + above

    def p_value(self) -> float:
        """Return the ``alpha`` at which the interval ends at 0; 1 where there is no difference."""
        if self.value == 0.0:
            return 1.0

        def beyond(logarithm: float) -> float:
            low, high = self.bounds(math.exp(logarithm))
            return low if self.value > 0.0 else -high

        least = math.log(_LEAST_P)
        if beyond(least) > 0.0:
            return _LEAST_P
        return math.exp(brentq(beyond, least, 0.0))
