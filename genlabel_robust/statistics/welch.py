"""The degrees of freedom of Welch and Satterthwaite, for two sides with unequal variances."""

import numpy as np

from genlabel_robust.core import FloatArray


def welch(
    first: FloatArray | float, second: FloatArray | float, n_first: int, n_second: int
) -> FloatArray:
    """Return the degrees of freedom of the sum of two variances of means.

    ``first``, ``second``: floats or arrays that broadcast; two zeros have the maximum,
    n_first + n_second - 2. Source: Welch, Biometrika 34 (1947) 28.
    """
    total = np.maximum(np.asarray(first + second, dtype=np.float64), np.finfo(np.float64).tiny)
    # as shares of the total, because the square of a tiny variance underflows
    shares = (first / total) ** 2 / (n_first - 1) + (second / total) ** 2 / (n_second - 1)
    most = float(n_first + n_second - 2)
    return np.asarray(1.0 / np.maximum(shares, 1.0 / most), dtype=np.float64)
