"""How far a published mean of five trials can differ from a measured mean by chance."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from genlabel_robust.core import FloatArray
from genlabel_robust.paper.protocol import TRIALS

#: The fraction of chance differences that lie within ``Spread.reach``.
LEVEL = 0.95


@dataclass(frozen=True)
class Spread:
    """The standard error of a difference of means, with its degrees of freedom."""

    error: float
    degrees_of_freedom: float

    @property
    def reach(self) -> float:
        """Return the number of standard errors within which chance stays with ``LEVEL``."""
        return float(student.ppf(0.5 + LEVEL / 2, self.degrees_of_freedom))


def spread(values: FloatArray, shifts: FloatArray | None = None) -> Spread | None:
    """Return the spread of the published mean minus the measured mean, None if unknown.

    ``values`` (N,): one per trial. ``shifts`` (n,): attack minus exact in the first n trials, if
    the published trials come from an attack and ``values`` are exact. The measured mean is then
    mean(values) + mean(shifts), and each published trial is the sum of a value and a shift. With
    s² and t² the variances of the two, c their covariance, and the published mean one of five
    trials that are independent of the measured ones:

        error² = s² (1/5 + 1/N) + t² (1/5 + 1/n) + 2 c (1/5 + 1/N).

    c is r s t with the correlation r of the n pairs, or 0 if r is negative, as so few pairs must
    not make the error smaller. The degrees of freedom are N - 1 for the first term and n - 1 for
    the rest, combined by Welch and Satterthwaite. Returns None for a single value or shift, which
    has no variance, and for equal values, whose variance is unknown.
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
    # by minimum and maximum, as the standard deviation of equal values is not always 0 in floats
    return bool(values.min() < values.max())
