"""Mean ranks of strategies over data sets, and the difference that is significant."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.stats import friedmanchisquare, rankdata, studentized_range

#: The fewest data sets for which ranks are meaningful.
LEAST_DATASETS = 5


@dataclass(frozen=True)
class RankComparison:
    """Mean ranks (1 is best), Friedman's p and Nemenyi's critical difference at 5 %."""

    ranks: Mapping[str, float]
    datasets: int
    p_value: float
    critical_difference: float


def compare_ranks(scores: Mapping[str, Mapping[str, float]]) -> RankComparison | None:
    """Rank strategies by score on each data set; ``scores``: by strategy, then by data set.

    Data sets without a score for some strategy are left out. None if fewer than three strategies,
    or fewer than ``LEAST_DATASETS`` data sets, remain. Source: Demšar 2006 (JMLR 7).
    """
    if len(scores) < 3:
        return None
    first, *others = scores.values()
    shared = [one for one in first if all(one in other for other in others)]
    if len(shared) < LEAST_DATASETS:
        return None
    table = np.array([[of[one] for of in scores.values()] for one in shared])
    ranks = np.array([rankdata(-row) for row in table])
    # ties everywhere make Friedman's statistic 0/0
    tied = bool((ranks == ranks[:, :1]).all())
    p_value = 1.0 if tied else float(friedmanchisquare(*table.T).pvalue)
    mean = {name: float(rank) for name, rank in zip(scores, ranks.mean(axis=0), strict=True)}
    return RankComparison(mean, len(shared), p_value, critical_difference(len(scores), len(shared)))


def critical_difference(strategies: int, datasets: int) -> float:
    """Return Nemenyi's critical difference of mean ranks at 5 %."""
    q = float(studentized_range.ppf(0.95, strategies, np.inf)) / sqrt(2)
    return q * sqrt(strategies * (strategies + 1) / (6 * datasets))
