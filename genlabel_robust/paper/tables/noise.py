"""How far chance alone may put a published mean of five trials from what is measured here."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from genlabel_robust.core import FloatArray
from genlabel_robust.paper.protocol import TRIALS

#: Share of differences that chance alone leaves within ``Spread.reach``.
LEVEL = 0.95


@dataclass(frozen=True)
class Spread:
    """The standard error of a difference of means, and how many of them chance reaches."""

    error: float
    degrees_of_freedom: float

    @property
    def reach(self) -> float:
        """Return Student's quantile: chance stays within so many errors, ``LEVEL`` of the time."""
        return float(student.ppf(0.5 + LEVEL / 2, self.degrees_of_freedom))


def spread(values: FloatArray, shifts: FloatArray | None = None) -> Spread | None:
    """Return that of the published mean less the mean here, None where it is not known.

    ``values``: (N,), a trial each. Where the published trials are those of an attack and
    ``values`` are exact, ``shifts``: (n,), attack less exact in the first n trials; the mean
    here is then mean(values) + mean(shifts), and each published trial is a value and a shift.
    With the variances s² and t² of the two, c their covariance, and the published mean one
    of five trials that are independent of those here:

        error² = s² (1/5 + 1/N) + t² (1/5 + 1/n) + 2 c (1/5 + 1/N).

    c is r s t, r the correlation of the n pairs, but 0 if r is below 0: so few pairs do not
    make an error smaller. Degrees of freedom: N - 1 for the first term, n - 1 for the rest,
    joined as Welch and Satterthwaite have it. One value or one shift has no variance, and
    equal values do not show theirs: None.
    """
    n_values = len(values)
    if n_values < 2 or not _varies(values):
        return None
    s = float(np.std(values, ddof=1))
    own = s**2 * (1 / TRIALS + 1 / n_values)
    rest, n_shifts = 0.0, 0
    if shifts is not None:
        n_shifts = len(shifts)
        if n_shifts < 2:
            return None
        if _varies(shifts):
            t = float(np.std(shifts, ddof=1))
            paired = values[:n_shifts]
            r = float(np.corrcoef(paired, shifts)[0, 1]) if _varies(paired) else 0.0
            rest = t**2 * (1 / TRIALS + 1 / n_shifts)
            rest += 2 * max(r, 0.0) * s * t * (1 / TRIALS + 1 / n_values)
    squares = own**2 / (n_values - 1) + (rest**2 / (n_shifts - 1) if rest else 0.0)
    return Spread(float(np.sqrt(own + rest)), (own + rest) ** 2 / squares)


def _varies(values: FloatArray) -> bool:
    # not by the deviation: that of equal values is not always 0 in floats
    return bool(values.min() < values.max())
