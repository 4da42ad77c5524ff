"""Wilson's score interval of a rate."""

import numpy as np


def wilson(p: float, n: float, quantile: float) -> tuple[float, float]:
    """Return the bounds (low, high) of a rate ``p`` observed on ``n`` rows.

    ``n`` need not be whole, so it may be an effective number of rows. ``quantile``: of
    the normal (1.96 for 95 %) or of Student's distribution.
    Source: Wilson, J. Am. Stat. Assoc. 22 (1927) 209.
    """
    share = quantile**2 / n
    center = p + share / 2.0
    half = np.sqrt(share * (p * (1.0 - p) + share / 4.0))
    return float((center - half) / (1.0 + share)), float((center + half) / (1.0 + share))
