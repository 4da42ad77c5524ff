"""McNemar's mid-p test, which is reported beside a paired difference."""

import numpy as np
from scipy.special import bdtr

from genlabel_robust.core import BoolArray, ConfigurationError


def mcnemar_midp(a: BoolArray, b: BoolArray) -> float:
    """Return the two-sided mid-p value for equal rates of ``a`` and ``b``, both (n,).

    If the smaller side has k of m discordant pairs, it is 2 P(X < k) + P(X = k) with X
    binomial (m, 1/2); 1 if m = 0. Raises ``ConfigurationError`` if the
    shapes differ. Source: Fagerland, Lydersen & Laake, BMC Med. Res. Methodol. 13
    (2013) 91.
    """
    if a.shape != b.shape or a.ndim != 1:
        raise ConfigurationError(
            f"the shapes are {a.shape} and {b.shape}; both must be (n,): the test is of one seed"
        )
    only_a = int(np.count_nonzero(a & ~b))
    only_b = int(np.count_nonzero(~a & b))
    discordant, k = only_a + only_b, min(only_a, only_b)
    if discordant == 0:
        return 1.0
    up_to = float(bdtr(k, discordant, 0.5))
    below = float(bdtr(k - 1, discordant, 0.5)) if k else 0.0
    return min(up_to + below, 1.0)
