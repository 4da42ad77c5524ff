"""Whether one checkpoint is worse than another by more than an allowed drop.

The interval is Tango's, without a correction, so 5 % is nominal. All outcomes were enumerated at a
true drop of exactly δ, for n of 50 to 2,000, δ of 1 to 10 points and discordance up to 20 %. The
gate passes at most 7 % of the time, for instance 6.8 % where n is the smallest that can pass at all
(133 at δ = 2 points, 268 at 1) and every discordant pair is a loss. It fails at most 10 % of the
time, because whole numbers matter more there. From n = 1,000 on it passes at most 6 % and fails at
most 7.5 % of the time.
"""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy.special import ndtr, ndtri

from genlabel_robust.core import BoolArray, ConfigurationError, UnfinishedRunError
from genlabel_robust.statistics.estimate import Estimate, bounded
from genlabel_robust.statistics.mcnemar import mcnemar_midp
from genlabel_robust.statistics.tango import Floats, null_variance, tango

Decision: TypeAlias = Literal["pass", "fail", "inconclusive"]

#: Each bound is one-sided at 95 %; both together are an interval at 90 %.
ERROR = 0.05
LEVEL = 1.0 - 2.0 * ERROR
Z = float(-ndtri(ERROR))

#: The largest ``needed`` that is reported: more examples than anyone will evaluate.
MOST_EXAMPLES = 10_000_000


@dataclass(frozen=True)
class Comparison:
    """A candidate against a baseline, and the allowed drop Δ >= -``max_drop``.

    ``difference``: candidate - baseline, each bound one-sided at 95 %. ``p_not_worse``: the
    p-value of the hypothesis that the drop is too large; small values refute it (pass).
    ``p_worse``: of the hypothesis that it is not; small values refute it (fail). The two add up to
    1. ``gained``, ``lost``: examples that only the candidate, or only the baseline, classifies
    correctly; ``evidence``: McNemar's mid-p of the two; None for recipes. ``needed``: the number of
    examples (for recipes, of seeds on each side) at which the same rates would decide; None if
    they already do, or if no practicable number would.
    """

    difference: Estimate
    max_drop: float
    p_not_worse: float
    p_worse: float
    gained: int | None
    lost: int | None
    evidence: float | None
    needed: int | None

    @property
    def decision(self) -> Decision:
        """Whether the interval lies above -``max_drop``, below it, or on both sides."""
        if self.difference.low > -self.max_drop:
            return "pass"
        return "fail" if self.difference.high < -self.max_drop else "inconclusive"


def check_max_drop(max_drop: float) -> None:
    """Raise ``ConfigurationError`` unless ``max_drop`` is a fraction strictly in (0, 1)."""
    if not 0.0 < max_drop < 1.0:
        raise ConfigurationError(
            f"max_drop is {max_drop}; it must lie strictly between 0 and 1: two points are 0.02"
        )


def score(gained: Floats, lost: Floats, n: float, max_drop: float) -> Floats:
    """Return Tango's score for Δ = -``max_drop``: above 1.645 passes, below -1.645 fails.

    ``gained``, ``lost``: of one pair of checkpoints, or arrays of many.
    """
    gap = gained - lost + n * max_drop
    found: Floats = gap / np.sqrt(null_variance(gained, lost, n, -max_drop))
    return found


def compare_checkpoints(candidate: BoolArray, baseline: BoolArray, max_drop: float) -> Comparison:
    """Compare two checkpoints on the same examples; ``candidate``, ``baseline``: (n,).

    The verdict applies to these two checkpoints, not to models trained again. Score and interval
    are both Tango's, so that p-values and decision agree. At fixed rates the score grows as the
    root of n, hence ``needed`` = n (1.645/score)². Raises
    ``ConfigurationError`` for shapes that differ or a drop outside (0, 1),
    ``UnfinishedRunError`` if nothing was evaluated.
    Source: Tango, Statistics in Medicine 17 (1998) 891.
    """
    check_max_drop(max_drop)
    evidence = mcnemar_midp(candidate, baseline)
    n = candidate.size
    if n == 0:
        raise UnfinishedRunError(
            "candidate and baseline have no examples: nothing was evaluated; run at least one cell"
        )
    gained = int(np.count_nonzero(candidate & ~baseline))
    lost = int(np.count_nonzero(~candidate & baseline))
    low, high = tango(gained, lost, n, Z)
    found = score(gained, lost, n, max_drop)
    return Comparison(
        difference=bounded(
            (gained - lost) / n, low, high, least=-1.0, level=LEVEL, method="tango", n=n
        ),
        max_drop=float(max_drop),
        p_not_worse=float(ndtr(-found)),
        p_worse=float(ndtr(found)),
        gained=gained,
        lost=lost,
        evidence=evidence,
        needed=_examples(found, n),
    )


def _examples(found: float, n: int) -> int | None:
    """Return the n at which a score of ``found`` reaches ±1.645; None if decided or too large."""
    if abs(found) > Z or n * (Z / MOST_EXAMPLES) * Z > found**2:
        return None
    return max(math.floor(n * (Z / found) ** 2) + 1, n + 1)
