"""Estimates with their uncertainty: rates, balanced rates, paired differences, quantiles."""

from genlabel_robust.statistics.balanced import balanced_rate
from genlabel_robust.statistics.differences import paired_difference
from genlabel_robust.statistics.estimate import Estimate
from genlabel_robust.statistics.mcnemar import mcnemar_midp
from genlabel_robust.statistics.quantiles import QuantileSummary, quantile_summary
from genlabel_robust.statistics.rates import rate

__all__ = [
    "Estimate",
    "QuantileSummary",
    "balanced_rate",
    "mcnemar_midp",
    "paired_difference",
    "quantile_summary",
    "rate",
]
