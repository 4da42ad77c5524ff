"""The probabilities that a gate on two recipes will pass or fail, before any training.

Model, for S seeds on each side and n rows: a model's accuracy has the standard deviation
σ over seeds, in addition to the sampling of its answers on n rows; two trainings of one
recipe differ on a share ψ of the rows; a drop of d is a share d of rows that the
candidate always loses. So the difference is normal, with the variance

    2 σ²/S + (ψ/S + |d| (1 - |d|))/n.

The seeds of one side contribute (σ² + ψ/2n) χ²[S-1]/(S-1) - ψ/2n to the observed variance,
floored at 0, and the rows ψ/S + |d|(1 - |d|), which is taken as known. The rule of ``recipes``
is applied to a grid of the quantiles of the difference and of the two χ²; no random number is
drawn. A σ measured on n rows includes sqrt(ψ/2n), and gives slightly too low a power.
"""

import math
from functools import cache

import numpy as np
from scipy.special import chdtri, ndtri, stdtrit

from genlabel_robust.core import ConfigurationError, FloatArray
from genlabel_robust.statistics.noninferiority import ERROR, Z, check_max_drop
from genlabel_robust.statistics.power import check_count, check_power, check_rates
from genlabel_robust.statistics.recipe_parts import variance_from_rows
from genlabel_robust.statistics.recipes import LEAST_SEEDS, MOST_SEEDS, check_seeds
from genlabel_robust.statistics.welch import welch

#: Points of the grid: quantiles of the difference, and of either χ².
_DIFFERENCES, _SEEDS = 1000, 50
#: Bisections of (0, 1) to find a drop: to a tenth of a thousandth of a point.
_HALVINGS = 20


def recipe_power(
    n: int,
    n_seeds: int,
    seed_noise: float,
    discordance: float,
    max_drop: float,
    drop: float = 0.0,
) -> tuple[float, float]:
    """Return the probabilities that ``compare_recipes`` passes, and that it fails.

    ``n_seeds``: on each side. ``seed_noise``: standard deviation of a model's accuracy
    over training seeds, a fraction. ``discordance``: share of rows whose answer differs
    between two trainings of one recipe. Raises ``ConfigurationError`` for fewer than 5
    seeds and for impossible rates.
    """
    check_count(n, "n")
    check_seeds(n_seeds, "the plan")
    check_max_drop(max_drop)
    check_rates(discordance, 0.0)
    if not 0.0 <= seed_noise <= 0.5:
        raise ConfigurationError(
            f"seed_noise is {seed_noise}; a standard deviation of accuracies lies in [0, 0.5]: "
            "one point is 0.01"
        )
    if not abs(drop) < 1.0:
        raise ConfigurationError(f"drop is {drop}; it must lie strictly between -1 and 1")
    flips = discordance / 2.0
    row = 2.0 * flips / n_seeds + abs(drop) * (1.0 - abs(drop))
    deviation = math.sqrt(2.0 * seed_noise**2 / n_seeds + row / n)
    seeds = _scaled_seeds(n, n_seeds, seed_noise, flips)
    normal = ndtri((np.arange(_DIFFERENCES) + 0.5) / _DIFFERENCES)
    value = np.clip(deviation * normal - drop, -1.0, 1.0)
    gap = value + max_drop
    rows = Z**2 * variance_from_rows(value, row, -max_drop) / n
    decided = np.searchsorted(seeds, gap**2 - rows) / seeds.size
    passes, fails = decided[gap > 0.0].sum(), decided[gap <= 0.0].sum()
    return float(passes / _DIFFERENCES), float(fails / _DIFFERENCES)


def recipe_detectable_drop(
    n: int, n_seeds: int, seed_noise: float, discordance: float, power: float = 0.8
) -> float:
    """Return the smallest ``max_drop`` that an unchanged recipe passes with ``power``.

    Raises ``ConfigurationError`` if there is none, with very few rows or very noisy seeds.
    """
    check_power(power)
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        if recipe_power(n, n_seeds, seed_noise, discordance, middle)[0] < power:
            low = middle
        else:
            high = middle
    if high == 1.0:
        raise ConfigurationError(
            f"{n_seeds} seeds on {n} rows with a seed noise of {seed_noise} pass no drop at all "
            f"with a power of {power}; train more seeds or evaluate more rows"
        )
    return high


def seeds_needed(
    n: int, seed_noise: float, discordance: float, max_drop: float, power: float = 0.8
) -> int | None:
    """Return how many seeds on each side an unchanged recipe needs to pass with ``power``.

    None: more than 1,000, or no number at all, because n rows are too few.
    """
    check_power(power)

    def enough(n_seeds: int) -> bool:
        return recipe_power(n, n_seeds, seed_noise, discordance, max_drop)[0] >= power

    low, high = LEAST_SEEDS - 1, MOST_SEEDS
    if not enough(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if enough(middle):
            high = middle
        else:
            low = middle
    return high


@cache
def _scaled_seeds(n: int, n_seeds: int, seed_noise: float, flips: float) -> FloatArray:
    """Return, sorted, the seeds' part of the squared half width, over the grid of the two χ²."""
    freedom = n_seeds - 1
    upper = (np.arange(_SEEDS) + 0.5) / _SEEDS
    found = (seed_noise**2 + flips / n) * chdtri(freedom, upper) / freedom - flips / n
    side = np.maximum(found, 0.0) / n_seeds
    first, second = side[:, None], side[None, :]
    quantile = stdtrit(welch(first, second, n_seeds, n_seeds), ERROR)
    return np.asarray(np.sort((quantile**2 * (first + second)).ravel()), dtype=np.float64)
