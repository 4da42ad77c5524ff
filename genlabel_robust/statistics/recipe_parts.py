"""The contributions of rows and of seeds to the variance of the difference of two recipes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri, stdtrit

from genlabel_robust.core import FloatArray
from genlabel_robust.statistics.tango import Floats, null_variance
from genlabel_robust.statistics.welch import welch

#: Bisections of an interval of length at most 2: to 2e-12.
_HALVINGS = 40
#: The smallest p-value that is reported, because Student's quantile is not used farther out.
_LEAST_P = 1e-15


@dataclass(frozen=True)
class Side:
    """The variances from the seeds of one recipe.

    ``from_seeds``: the variance of the recipe's mean rate that comes from whole seeds
    being better or worse. ``flips``: the variance of an answer over seeds, averaged over
    rows, which is half the discordance of two trainings.
    """

    n_seeds: int
    from_seeds: float
    flips: float


@dataclass(frozen=True)
class Parts:
    """A difference (candidate - baseline) of two recipes on the same ``n`` rows.

    ``value``: the difference; ``row``: the variance over rows of a row's mean difference.
    """

    value: float
    row: float
    candidate: Side
    baseline: Side
    n: int

    def from_rows(self, delta: float) -> float:
        """Return the variance of ``value`` from rows if the true difference is ``delta``."""
        return float(variance_from_rows(self.value, self.row, delta)) / self.n

    @property
    def from_seeds(self) -> float:
        """The variance of ``value`` from the seeds of both sides."""
        return self.candidate.from_seeds + self.baseline.from_seeds

    def scaled_seeds(self, p: float) -> float:
        """Return ``from_seeds`` times the square of Welch's t quantile of ``p``."""
        freedom = welch(
            self.candidate.from_seeds,
            self.baseline.from_seeds,
            self.candidate.n_seeds,
            self.baseline.n_seeds,
        )
        return float(stdtrit(freedom, p)) ** 2 * self.from_seeds

    def rejects(self, delta: float, p: float) -> bool:
        """Say whether ``value`` is too far from ``delta`` at the one-sided error ``p``."""
        rows = float(ndtri(p)) ** 2 * self.from_rows(delta)
        return (self.value - delta) ** 2 > rows + self.scaled_seeds(p)

    def bounds(self, p: float) -> tuple[float, float]:
        """Return the differences farthest from ``value`` that are not rejected at ``p``."""
        seeds, z2 = self.scaled_seeds(p), float(ndtri(p)) ** 2

        def bound(outside: float) -> float:
            inside = self.value
            for _ in range(_HALVINGS):
                middle = (inside + outside) / 2.0
                if (self.value - middle) ** 2 > z2 * self.from_rows(middle) + seeds:
                    outside = middle
                else:
                    inside = middle
            return inside

        return bound(-1.0), bound(1.0)

    def p_value(self, delta: float) -> float:
        """Return the one-sided p-value of Δ <= ``delta``: the p whose lower bound is ``delta``."""
        gap, rows = abs(self.value - delta), self.from_rows(delta)
        normal = float(ndtr(-gap / math.sqrt(rows + self.from_seeds)))
        p = normal
        if self.from_seeds > 0.0 and gap > 0.0:

            def excess(logarithm: float) -> float:
                p = math.exp(logarithm)
                return float(ndtri(p)) ** 2 * rows + self.scaled_seeds(p) - gap**2

            # Student's quantile is larger, so the normal p-value is a lower bound
            least = math.log(max(normal, _LEAST_P))
            p = math.exp(least)
            # without an excess p is below the smallest reported, or rounding hides the seeds
            if excess(least) > 0.0:
                p = math.exp(brentq(excess, least, math.log(0.5)))
        return p if self.value > delta else 1.0 - p

    def with_seeds(self, n_seeds: int) -> Parts:
        """Predict the parts with ``n_seeds`` on each side, if no rate changes."""
        candidate, baseline = (
            Side(n_seeds, side.from_seeds * side.n_seeds / n_seeds, side.flips)
            for side in (self.candidate, self.baseline)
        )
        flips = self.candidate.flips / self.candidate.n_seeds
        flips += self.baseline.flips / self.baseline.n_seeds
        row = max(self.row - flips, 0.0)
        if flips > 0.0:
            # if the rows vary less by chance than flips alone explain, all of it shrinks
            fewer = (candidate.flips + baseline.flips) / n_seeds
            row += min(self.row, flips) * fewer / flips
        return Parts(self.value, row, candidate, baseline, self.n)


def variance_from_rows(value: Floats, row: float, delta: float) -> Floats:
    """Return the variance of one row's contribution to each ``value``, if Δ is ``delta``.

    It is the larger of the observed variance ``row`` and Tango's variance under Δ, for pairs that
    are discordant as often as the rows' differences vary.
    """
    discordant = np.maximum(row + value**2, np.abs(value))
    gained, lost = (discordant + value) / 2.0, (discordant - value) / 2.0
    variance: Floats = np.maximum(row, null_variance(gained, lost, 1.0, delta))
    return variance


def recipe_parts(candidate: FloatArray, baseline: FloatArray) -> Parts:
    """Split the difference of ``candidate`` (S1, n) and ``baseline`` (S2, n), both of 0 and 1."""
    difference = candidate.mean(axis=0) - baseline.mean(axis=0)
    return Parts(
        value=float(difference.mean()),
        row=float(difference.var()),
        candidate=_side(candidate),
        baseline=_side(baseline),
        n=difference.size,
    )


def _side(answers: FloatArray) -> Side:
    n_seeds, n = answers.shape
    rates = answers.mean(axis=0)
    # for zeros and ones, the squares within a row add up to S p (1 - p): the part between the
    # seeds' means plus the rest; as in ``twolevel``, without its tables
    within = n_seeds * float((rates * (1.0 - rates)).sum())
    between = n * float(answers.mean(axis=1).var()) * n_seeds
    seeds = between / (n_seeds - 1)
    rest = (within - between) / (max(n - 1, 1) * (n_seeds - 1))
    return Side(
        n_seeds=n_seeds,
        from_seeds=max(seeds - rest, 0.0) / answers.size,
        flips=within / (n * (n_seeds - 1)),
    )
