"""The probabilities that a gate on two checkpoints will pass or fail, before a run.

Model: pairs of answers are independent, a share ψ (``discordance``) of them differs, and
the candidate has lost (ψ + d)/2 and gained (ψ - d)/2 of them, where d is the true drop.
"""

import math

import numpy as np
from scipy.special import ndtr
from scipy.stats import binom

from genlabel_robust.core import ConfigurationError, IntArray
from genlabel_robust.statistics.noninferiority import MOST_EXAMPLES, Z, check_max_drop, score
from genlabel_robust.statistics.tango import null_variance

#: Up to this number of examples all outcomes are enumerated.
MOST_ENUMERATED = 2000
#: The largest total probability of numbers of discordant pairs that are left out.
_NEGLIGIBLE = 1e-12
#: Bisections of (0, 1) to find a drop: to a tenth of a thousandth of a point.
_HALVINGS = 20


def check_rates(discordance: float, drop: float) -> None:
    """Raise ``ConfigurationError`` unless |``drop``| <= ``discordance``, in (0, 1]."""
    if not 0.0 < discordance <= 1.0:
        raise ConfigurationError(
            f"discordance is {discordance}; it must lie in (0, 1]: 5 % of the rows are 0.05"
        )
    if not abs(drop) <= discordance:
        raise ConfigurationError(
            f"drop is {drop} and discordance {discordance}; a drop by d makes a share d of the "
            "rows differ at least: give a larger discordance or a smaller drop"
        )


def check_count(count: int, what: str) -> None:
    """Raise ``ConfigurationError`` unless ``count`` is positive; ``what``: its name."""
    if count < 1:
        raise ConfigurationError(f"{what} is {count}; it must be at least 1")


def check_power(power: float) -> None:
    """Raise ``ConfigurationError`` unless ``power`` lies strictly in (0, 1)."""
    if not 0.0 < power < 1.0:
        raise ConfigurationError(f"power is {power}; it must lie between 0 and 1, such as 0.8")


def checkpoint_power(
    n: int, discordance: float, max_drop: float, drop: float = 0.0
) -> tuple[float, float]:
    """Return the probabilities that ``compare_checkpoints`` on ``n`` examples passes, and fails.

    Up to n = 2,000 all outcomes are enumerated: the number of discordant pairs is
    binomial (n, ψ), the number of lost ones among them binomial (·, (ψ + d)/2ψ), and the score
    falls as more are lost. Above, the score is treated as normal: (Δ̂ + δ)√n has the mean
    (δ - d)√n and the variance ψ - d², and is compared with 1.645 times the root of Tango's
    variance at the expected counts. At n = 2,000 the two differ by less than 1 point for ψ of 2 %
    or more. Raises ``ConfigurationError`` for impossible rates.
    """
    check_count(n, "n")
    check_max_drop(max_drop)
    check_rates(discordance, drop)
    if n > MOST_ENUMERATED:
        return _approximate(n, discordance, max_drop, drop)
    return _enumerate(n, discordance, max_drop, drop)


def detectable_drop(n: int, discordance: float, power: float = 0.8) -> float:
    """Return the smallest ``max_drop`` that an unchanged checkpoint passes with ``power``.

    "Unchanged": of equal accuracy, with a share ``discordance`` of answers that differ.
    Raises ``ConfigurationError`` if there is none, with very few or very discordant rows.
    """
    check_power(power)
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        if checkpoint_power(n, discordance, middle)[0] < power:
            low = middle
        else:
            high = middle
    if high == 1.0:
        raise ConfigurationError(
            f"{n} examples with a discordance of {discordance} pass no drop at all with a power "
            f"of {power}; evaluate more examples"
        )
    return high


def up_to_a_tenth(drop: float) -> float:
    """Return ``drop``, a fraction, rounded up to a tenth of a percentage point."""
    return math.ceil(round(drop * 1000, 6)) / 1000


def examples_needed(max_drop: float, discordance: float, power: float = 0.8) -> int | None:
    """Return how many examples an unchanged checkpoint needs to pass with ``power``.

    Found by bisection. The power of whole counts varies by a point or so from one n to
    the next, so slightly fewer examples can do as well. None: more than 10
    million. The textbook's n ≈ (z[0.95] + z[power])² ψ/δ² is 773 for δ = 2 points and
    ψ = 5 %, where this is 819, and 1,546 for 10 %, where it is 1,565, because Tango's variance
    under a drop is larger.
    """
    check_power(power)
    low, high = 0, 1
    while checkpoint_power(high, discordance, max_drop)[0] < power:
        low, high = high, high * 2
        if low > MOST_EXAMPLES:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        if checkpoint_power(middle, discordance, max_drop)[0] < power:
            low = middle
        else:
            high = middle
    return high if high <= MOST_EXAMPLES else None


def _approximate(n: int, discordance: float, max_drop: float, drop: float) -> tuple[float, float]:
    gained, lost = (discordance - drop) / 2.0, (discordance + drop) / 2.0
    needed = Z * math.sqrt(null_variance(gained, lost, 1.0, -max_drop) / n)
    spread = math.sqrt((discordance - drop**2) / n)
    gap = max_drop - drop
    return float(ndtr((gap - needed) / spread)), float(ndtr((-gap - needed) / spread))


def _enumerate(n: int, discordance: float, max_drop: float, drop: float) -> tuple[float, float]:
    share_lost = (discordance + drop) / (2.0 * discordance)
    counts = np.arange(n + 1)
    weights = binom.pmf(counts, n, discordance)
    m = counts[weights > _NEGLIGIBLE]
    passing, failing = (_fewest_lost(m, n, max_drop, limit) for limit in (Z, -Z))
    passes = weights[m] * binom.cdf(passing - 1, m, share_lost)
    fails = weights[m] * binom.sf(failing - 1, m, share_lost)
    return sum(passes.tolist()), sum(fails.tolist())


def _fewest_lost(m: IntArray, n: int, max_drop: float, limit: float) -> IntArray:
    """Return, for ``m`` discordant pairs, the fewest losses whose score is below ``limit``.

    ``m`` and the result: (counts,).
    """
    low, high = np.full_like(m, -1), m + 1
    while (unknown := high - low > 1).any():
        middle = np.maximum((low + high) // 2, 0)
        below = score(m - middle, middle, n, max_drop) < limit
        high = np.where(unknown & below, middle, high)
        low = np.where(unknown & ~below, middle, low)
    return high
