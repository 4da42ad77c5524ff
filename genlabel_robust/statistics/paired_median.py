"""Whether paired distances, such as margins of the same rows, are larger on one side."""

from typing import TypedDict

import numpy as np
from scipy.stats import wilcoxon

from genlabel_robust.core import ConfigurationError, FloatArray
from genlabel_robust.statistics.panel import panel
from genlabel_robust.statistics.quantiles import quantile_summary


class PairedMedian(TypedDict):
    """The median of paired differences, its interval (None: infinite), and a test of 0."""

    value: float
    low: float | None
    high: float | None
    level: float
    method: str
    p_value: float
    test: str


def paired_median(a: FloatArray, b: FloatArray, level: float = 0.95) -> PairedMedian:
    """Estimate the median of a - b, paired by seed and row; both finite, (seeds, n).

    The interval is that of ``quantile_summary``, which is based on ranks alone. The p-value
    is two-sided, from Wilcoxon's signed-rank test on the rows' means over the seeds (rows
    without a difference count, as in Pratt's version). It applies to new rows under the same
    seeds. Raises ``ConfigurationError`` if the shapes differ or a value is not finite.
    Source: Pratt, J. Am. Stat. Assoc. 54 (1959) 655.
    """
    first, second = panel(a, "a"), panel(b, "b")
    if first.shape != second.shape or not np.isfinite(first).all() or not np.isfinite(second).all():
        raise ConfigurationError(
            f"a has the shape {first.shape} and b {second.shape}; paired differences need the same "
            "number of seeds and rows on both sides, and finite values"
        )
    difference = first - second
    # ranks do not change under a shift; 1 keeps differences apart from 0, the end beyond all ranks
    shift = float(difference.min()) - 1.0
    summary = quantile_summary(difference - shift, level)
    median, found = summary["median"], summary["median_interval"]
    means = difference.mean(axis=0)
    p_value = float(wilcoxon(means, zero_method="pratt").pvalue) if means.any() else 1.0
    return PairedMedian(
        value=float(median or 0.0) + shift,
        low=found["low"] + shift if found["low"] else None,
        high=found["high"] + shift if found["high"] is not None else None,
        level=level,
        method=found["method"],
        p_value=p_value,
        test="Wilcoxon signed-rank on the rows' means over seeds",
    )
