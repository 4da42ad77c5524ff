"""The distribution of values that are known exactly, or only to lie in an interval."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from genlabel_robust.core import ConfigurationError, FloatArray, GenlabelRobustError, IntArray

#: Convergence: no other distribution has a log-likelihood that is larger by more, per value.
_GAP = 1e-10
_STEPS = 200
_ROUNDING = 1e-15
#: Cumulative shares that differ by no more than this are equal.
_SAME = 1e-7


@dataclass(frozen=True, eq=False)
class IntervalDistribution:
    """A distribution whose mass is known for each of m intervals, but not its place inside them.

    ``low``, ``high``, ``mass`` (m,): the mass of (low, high], or of the point if the two are
    equal; ascending, disjoint, all masses positive, with sum 1.
    """

    low: FloatArray
    high: FloatArray
    mass: FloatArray

    def quantile(self, q: float) -> tuple[float, float]:
        """Return the interval that contains the ``q``-quantile.

        The quantile is the smallest value whose cumulative share reaches ``q``. The two ends are
        equal where it is known.
        """
        cell = int(np.searchsorted(np.cumsum(self.mass), q - _SAME))
        cell = min(cell, len(self.mass) - 1)
        return float(self.low[cell]), float(self.high[cell])


def interval_distribution(low: FloatArray, high: FloatArray) -> IntervalDistribution:
    """Estimate the distribution of n values in (``low``, ``high``], both (n,), by likelihood.

    low = high: the value is known; high = +inf: right-censored. The nonparametric
    maximum-likelihood estimator has mass only in the innermost intervals: those that begin at a
    ``low``, end at a ``high`` and contain no other end. Their masses are unique (a row begins
    at each of these intervals, so that the incidence matrix has full column rank), but the places
    inside are not. The estimator is consistent if an interval carries no information on its value
    beyond containing it. The data cannot show whether that holds, so intervals must not be drawn
    around guesses. Raises ``GenlabelRobustError`` unless low <= high and both are numbers.
    Sources: Turnbull, J. R. Stat. Soc. B 38 (1976) 290; for the computation, Wang, Comput. Stat.
    Data Anal. 51 (2007) 2388; for the stopping rule, Gentleman & Geyer, Biometrika 81 (1994) 618.
    """
    low, high = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    if low.ndim != 1 or low.shape != high.shape or not low.size:
        raise ConfigurationError(
            f"low has the shape {low.shape} and high {high.shape}; both must be (n,), of one value "
            "at least"
        )
    if not (low <= high).all():
        raise GenlabelRobustError("an interval's low end is above its high end, or one is NaN")
    pairs, counts = np.unique(np.stack([low, high], axis=1), axis=0, return_counts=True)
    known = pairs[:, 0] == pairs[:, 1]
    begin, end = _innermost(pairs[:, 0], pairs[:, 1])
    # an interval contains the innermost ones first, first + 1, ..., last - 1
    first = np.searchsorted(begin, pairs[:, 0])
    last = np.searchsorted(end, pairs[:, 1], side="right")
    # leave out a point at the low end, which is not part of (low, high]
    first += ~known & _is_point(begin, end, first, pairs[:, 0])
    points = np.zeros(len(begin))
    points[first[known]] = counts[known]
    mass = _masses(points, first[~known], last[~known], counts[~known])
    kept = mass > 0
    return IntervalDistribution(begin[kept], end[kept], mass[kept])


def _is_point(
    begin: FloatArray, end: FloatArray, index: IntArray, value: FloatArray
) -> NDArray[np.bool_]:
    inside = np.minimum(index, len(begin) - 1)
    return np.asarray((begin[inside] == value) & (end[inside] == value))


def _innermost(low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the ends (m,) and (m,) of the innermost intervals, ascending."""
    # order at equal values: points begin, intervals and points end, intervals begin
    values = np.concatenate([low, high])
    kinds = np.concatenate([np.where(low == high, 0, 2), np.ones(len(high), dtype=np.int64)])
    order = np.lexsort((kinds, values))
    values, kinds = values[order], kinds[order]
    inner = np.flatnonzero((kinds[:-1] != 1) & (kinds[1:] == 1))
    return values[inner], values[inner + 1]


def _masses(points: FloatArray, first: IntArray, last: IntArray, counts: IntArray) -> FloatArray:
    """Return the masses (m,) of the innermost intervals.

    ``points`` (m,): the number of known values at each; ``first``, ``last``, ``counts`` (k,): for
    each distinct interval, the innermost ones that it contains, and its number of values.
    """
    # Between two consecutive ends, all innermost intervals belong to the same intervals. Known
    # values share the mass of such a stretch; without any, its innermost intervals share it.
    m = len(points)
    edges = np.unique(np.concatenate([[0], first, last, [m]]))[:-1]
    known = np.add.reduceat(points, edges)
    column = np.arange(len(edges))
    holds = (column >= np.searchsorted(edges, first)[:, None]) & (
        column < np.searchsorted(edges, last)[:, None]
    )
    rows = np.concatenate([np.eye(len(edges))[known > 0], holds.astype(np.float64)])
    weights = np.concatenate([known[known > 0], counts]).astype(np.float64)
    stretch = _likeliest(rows, weights / weights.sum())
    number = np.searchsorted(edges, np.arange(m), side="right") - 1
    alone = (known == 0)[number] / np.bincount(number)[number]
    share = np.where(known[number] > 0, points / np.maximum(known[number], 1), alone)
    return np.asarray(stretch[number] * share)


def _likeliest(rows: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the masses (s,) that maximise the sum of ``weights`` (r,) * log(``rows`` @ masses).

    ``rows`` (r, s): 0 or 1; the weights' sum is 1. Constrained Newton steps: the quadratic
    approximation is maximised over the simplex as a least-squares problem.
    """
    mass = np.full(rows.shape[1], 1.0 / rows.shape[1])
    root = np.sqrt(weights)[:, None]
    for _ in range(_STEPS):
        chance = rows @ mass
        slopes = rows / chance[:, None]
        # by concavity, no likelihood is higher by more than the largest slope minus 1
        if (weights @ slopes).max() <= 1.0 + _GAP:
            break
        system = np.concatenate([root * (slopes - 2.0), np.ones((1, len(mass)))])
        target = np.zeros(len(system))
        target[-1] = 1.0
        wanted = nnls(system, target)[0]
        mass = _line_search(rows, weights, mass, wanted / wanted.sum())
    return mass


def _line_search(
    rows: FloatArray, weights: FloatArray, mass: FloatArray, wanted: FloatArray
) -> FloatArray:
    """Return the first masses on the way from ``mass`` to ``wanted`` with a sufficient gain."""
    chance, direction = rows @ mass, rows @ (wanted - mass)
    slope = float(weights @ (direction / chance))
    step = 1.0
    while step > 1e-12:
        ahead = direction * (step / chance)
        # near the maximum, gains are smaller than the rounding of their sum
        if (ahead > -1.0).all() and weights @ np.log1p(ahead) >= 0.3 * step * slope - _ROUNDING:
            return mass + step * (wanted - mass)
        step /= 2.0
    return mass
