"""A rate of correct answers, over rows and training seeds."""

from scipy.special import ndtri

from genlabel_robust.core import BoolArray
from genlabel_robust.statistics.estimate import Estimate, bounded
from genlabel_robust.statistics.panel import check_level, panel
from genlabel_robust.statistics.twolevel import effective_rows
from genlabel_robust.statistics.wilson import wilson

WILSON = "wilson"
TWO_LEVEL = "two-level (seeds, rows)"


def rate(correct: BoolArray, level: float = 0.95) -> Estimate:
    """Estimate the share of ``correct`` (seeds, n): the same test rows under each seed.

    One seed: Wilson's interval on n rows. More: Wilson's formula with the effective
    number of rows and the quantile from ``twolevel.effective_rows``; 5 seeds that
    agree on every row are worth n rows, not 5 n. Raises ``ConfigurationError`` for a
    wrong shape or level, ``UnfinishedRunError`` if nothing was evaluated.
    """
    check_level(level)
    outcomes = panel(correct, "correct")
    n_seeds, n = outcomes.shape
    p = float(outcomes.mean())
    if n_seeds == 1:
        low, high = wilson(p, n, float(ndtri((1.0 + level) / 2.0)))
        method = WILSON
    else:
        low, high = wilson(p, *effective_rows(outcomes, level))
        method = TWO_LEVEL
    return bounded(p, low, high, least=0.0, level=level, method=method, n=n)
