"""The difference of two rates, or of two medians, on different rows.

The two sides are not paired, so each has its own interval, from which the difference recovers the
variances, separately on either side (MOVER):

    low = d - sqrt((a - a_low)² + (b_high - b)²),   and likewise above.

For rates of one seed each this is Newcombe's interval.

Source: Newcombe, Statistics in Medicine 17 (1998) 873, method 10; Zou & Donner, Statistics in
Medicine 27 (2008) 1693.
"""

import math

from genlabel_robust.core import BoolArray, FloatArray
from genlabel_robust.statistics.estimate import Estimate, bounded
from genlabel_robust.statistics.paired_median import PairedMedian
from genlabel_robust.statistics.quantiles import quantile_summary
from genlabel_robust.statistics.rates import rate

NEWCOMBE = "newcombe"
MOVER = "mover of two rates"
#: The ``test`` of a difference of medians on different rows, which has no p-value.
NO_TEST = "none: the rows are not paired"


def independent_difference(a: BoolArray, b: BoolArray, level: float = 0.95) -> Estimate:
    """Estimate mean(a) - mean(b) for unpaired answers (seeds, n) and (seeds, m).

    ``n`` of the estimate is the smaller number of rows. Raises the errors of ``rate``.
    """
    first, second = rate(a, level), rate(b, level)
    value = first.value - second.value
    below = math.hypot(first.value - first.low, second.high - second.value)
    above = math.hypot(first.high - first.value, second.value - second.low)
    return bounded(
        value,
        value - below,
        value + above,
        least=-1.0,
        level=level,
        method=NEWCOMBE if len(a) == len(b) == 1 else MOVER,
        n=min(first.n, second.n),
    )


def independent_medians(a: FloatArray, b: FloatArray, level: float = 0.95) -> PairedMedian | None:
    """Estimate median(a) - median(b) for unpaired distances (seeds, n) and (seeds, m).

    None if a median is infinite. Raises the errors of ``quantile_summary``.
    """
    first, second = quantile_summary(a, level), quantile_summary(b, level)
    one, other = first["median"], second["median"]
    if one is None or other is None:
        return None
    ends, others = first["median_interval"], second["median_interval"]
    below = math.hypot(one - _end(ends["low"]), _end(others["high"]) - other)
    above = math.hypot(_end(ends["high"]) - one, other - _end(others["low"]))
    value = one - other
    return PairedMedian(
        value=value,
        low=value - below if math.isfinite(below) else None,
        high=value + above if math.isfinite(above) else None,
        level=level,
        method=f"mover of {ends['method']}",
        p_value=1.0,
        test=NO_TEST,
    )


def _end(value: float | None) -> float:
    return math.inf if value is None else value
