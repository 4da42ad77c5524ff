"""The difference between the rates of a group of rows and of the rest, under the same seeds.

Group and rest have no rows in common, but the same models. The difference is taken under each
seed, so effects of a seed on both sides cancel. The variance over rows of each side is recovered
from its own Wilson interval, separately on either side (MOVER). The variance of the difference
over seeds is added under the root, with Student's quantile:

    low = d - sqrt((p - p_low)² + (q_high - q)² + t² seeds),   and likewise above.

With one seed this is Newcombe's interval for two independent rates.

Source: Newcombe, Statistics in Medicine 17 (1998) 873, method 10; Zou & Donner, Statistics in
Medicine 27 (2008) 1693.
"""

import math
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.special import ndtri, stdtrit

from genlabel_robust.core import BoolArray, ConfigurationError, FloatArray
from genlabel_robust.statistics.estimate import Estimate, bounded
from genlabel_robust.statistics.fisher import fisher_midp
from genlabel_robust.statistics.panel import check_level, panel
from genlabel_robust.statistics.twolevel import rows_worth, seeds_of_difference
from genlabel_robust.statistics.wilson import wilson

NEWCOMBE = "newcombe"
TWO_LEVEL = "newcombe by rows, t by seeds"
#: The smallest p-value that is reported, because quantiles farther out are not reliable.
_LEAST_P = 1e-15


@dataclass(frozen=True)
class GroupDifference:
    """The rate of a group minus that of the rest, with a two-sided ``p_value`` for no difference.

    The p-value is the p at which the interval of level 1 - p ends at 0, or Fisher's mid-p if that
    is larger. Far out, where a correction for many groups looks, the interval of a small group with
    few wrong or few right answers is too narrow: of 11 groups with rates of 98 %, 10 of them with
    20 rows, Holm's correction of its p-values found one that differs in a fifth of all samples
    without a difference. So an interval may leave out 0 where the p-value is above 1 - level, but
    not the other way round.
    """

    estimate: Estimate
    p_value: float


def group_difference(group: BoolArray, rest: BoolArray, level: float = 0.95) -> GroupDifference:
    """Estimate mean(group) - mean(rest) for answers (seeds, n) and (seeds, m).

    Both sides must have the same seeds in the same order. Raises ``ConfigurationError`` if the
    numbers of seeds differ, ``UnfinishedRunError`` if a side is empty.
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
    return GroupDifference(estimate, sides.tested())


class _Sides:
    """The summary statistics of both sides, from which bounds at any level are computed."""

    def __init__(self, group: FloatArray, rest: FloatArray) -> None:
        self.p, self.q = float(group.mean()), float(rest.mean())
        self.n, self.m = rows_worth(group), rows_worth(rest)
        self.seeds, self.freedom = seeds_of_difference(group, rest), len(group) - 1
        self.value = self.p - self.q

    def bounds(self, alpha: float) -> tuple[float, float]:
        """Return the ends of the interval whose error probability is ``alpha``."""
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
        """Return the ``alpha`` at which the interval ends at 0; 1 if there is no difference."""
        if self.value == 0.0:
            return 1.0

        def beyond(logarithm: float) -> float:
            low, high = self.bounds(math.exp(logarithm))
            return low if self.value > 0.0 else -high

        least = math.log(_LEAST_P)
        if beyond(least) > 0.0:
            return _LEAST_P
        return math.exp(brentq(beyond, least, 0.0))

    def tested(self) -> float:
        """Return the larger of ``p_value`` and Fisher's mid-p of the effective rows."""
        return max(self.p_value(), fisher_midp(self.p, self.n, self.q, self.m))
