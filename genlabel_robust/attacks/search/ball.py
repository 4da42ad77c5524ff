"""Random points of a ball, drawn separately for each example."""

from collections.abc import Sequence

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.threat import Norm, distance


def ball_points(
    generators: Sequence[np.random.Generator], norm: Norm, radius: FloatArray, m: int
) -> FloatArray:
    """Return a uniform point (q, m) of each ball of ``radius`` (q,), from ``generators`` (q,).

    For L2 and L1 it is the first m coordinates of a uniform point on the sphere in m + 2
    and in m + 1 dimensions (Barthe et al. 2005, math/0503650).
    """
    if norm == "linf":
        unit = np.array([g.uniform(-1.0, 1.0, m) for g in generators])
        return np.asarray(radius[:, None] * unit)
    draws = [g.laplace(size=m + 1) if norm == "l1" else g.normal(size=m + 2) for g in generators]
    wide = np.array(draws)
    return np.asarray((radius / distance(wide, norm))[:, None] * wide[:, :m])
