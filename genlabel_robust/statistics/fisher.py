"""Fisher's test of two independent rates, as a mid-p value."""

import math

from scipy.stats import hypergeom

#: Counts that lie this close to a whole number are that number.
_ROUNDING = 1e-9


def fisher_midp(p: float, n: float, q: float, m: float) -> float:
    """Return the two-sided mid-p value for equal rates, of ``p`` on ``n`` and ``q`` on ``m`` rows.

    With all rows and all correct answers fixed, the correct answers of one side are hypergeometric;
    the p-value is twice the smaller tail, at most 1, with half of the probability of the outcome
    itself. ``n`` and ``m`` may be effective numbers of rows: they are rounded down, and counts
    toward the other side's rate. Source: Agresti, Categorical Data Analysis (2013), 3.5.
    """
    first, second = int(n), int(m)
    if p == q or not first or not second:
        return 1.0
    # count the rarer answer, with the side that has more of it first
    if p + q > 1.0:
        p, q = 1.0 - p, 1.0 - q
    if p < q:
        p, q, first, second = q, p, second, first
    many = math.floor(p * first + _ROUNDING)
    total = many + math.ceil(q * second - _ROUNDING)
    outcome = hypergeom(first + second, total, first)
    return min(2.0 * float(outcome.sf(many) + outcome.pmf(many) / 2.0), 1.0)
