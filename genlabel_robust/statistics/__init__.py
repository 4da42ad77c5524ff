"""Rates, balanced rates, paired differences and quantiles with their uncertainty; gates."""

from genlabel_robust.statistics.balanced import balanced_rate
from genlabel_robust.statistics.differences import paired_difference
from genlabel_robust.statistics.estimate import Estimate
from genlabel_robust.statistics.group_difference import GroupDifference, group_difference
from genlabel_robust.statistics.holm import adjusted_by_holm, apply_holm
from genlabel_robust.statistics.independent_difference import (
    independent_difference,
    independent_medians,
)
from genlabel_robust.statistics.interval_censored import IntervalDistribution, interval_distribution
from genlabel_robust.statistics.mcnemar import mcnemar_midp
from genlabel_robust.statistics.noninferiority import Comparison, compare_checkpoints
from genlabel_robust.statistics.power import checkpoint_power, detectable_drop, examples_needed
from genlabel_robust.statistics.quantiles import QuantileSummary, quantile_summary
from genlabel_robust.statistics.rates import rate
from genlabel_robust.statistics.recipe_power import (
    recipe_detectable_drop,
    recipe_power,
    seeds_needed,
)
from genlabel_robust.statistics.recipes import compare_recipes, recipe_difference

__all__ = [
    "Comparison",
    "Estimate",
    "GroupDifference",
    "IntervalDistribution",
    "QuantileSummary",
    "adjusted_by_holm",
    "apply_holm",
    "balanced_rate",
    "checkpoint_power",
    "compare_checkpoints",
    "compare_recipes",
    "detectable_drop",
    "examples_needed",
    "group_difference",
    "independent_difference",
    "independent_medians",
    "interval_distribution",
    "mcnemar_midp",
    "paired_difference",
    "quantile_summary",
    "rate",
    "recipe_detectable_drop",
    "recipe_difference",
    "recipe_power",
    "seeds_needed",
]
