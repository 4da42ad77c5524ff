"""Quantiles of distances of which some are known exactly, others only within bounds."""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np

from genlabel_robust.core import ConfigurationError, FloatArray
from genlabel_robust.statistics.interval_censored import IntervalDistribution, interval_distribution
from genlabel_robust.statistics.panel import panel
from genlabel_robust.statistics.quantiles import Interval, QuantileSummary, quantile_summary
from genlabel_robust.threat import TOLERANCE


class Quantiles(TypedDict):
    """Quantiles of distances; None stands for an infinite one."""

    median: float | None
    q05: float | None
    q25: float | None
    q75: float | None


class Bounds(TypedDict):
    """Lower and upper bound of a distance; None stands for an infinite one."""

    low: float | None
    high: float | None


class CensoredSummary(QuantileSummary):
    """Estimated quantiles: each lies between its ``at_least`` and its own value.

    ``median_bounds``: certain bounds on the median of these examples, whatever the unknown
    distances are. ``known``: the share of the examples whose distance is known.
    """

    at_least: Quantiles
    median_bounds: Bounds
    known: float


def censored_summary(
    low: FloatArray, high: FloatArray, times: Sequence[float], level: float = 0.95
) -> CensoredSummary:
    """Summarise distances that lie between ``low`` and ``high``, both (seeds, n).

    The two are equal where a distance is known; ``high`` is +inf where nothing broke the example.
    ``times``: the distances at which every example was to be decided.

    A quantile of the distances certainly lies between that of ``low`` and that of ``high``. Its
    place in between is estimated by maximum likelihood (``interval_distribution``). Known distances
    enter as they are; the others enter as the interval between the two ``times`` around them. The
    bounds themselves are not used as intervals, because an attack's distance is a guess at the
    true one, and so carries more information than an upper bound. The effect is that open examples
    are distributed like the decided examples of the same ``times``.

    The median's interval does not need this assumption. It begins where that of the medians of
    ``low`` does and ends where that of ``high`` does, both as in ``quantile_summary``. Raises
    ``ConfigurationError`` if the shapes differ or ``low`` exceeds ``high``. Source: for the
    interval, Horowitz & Manski, J. Am. Stat. Assoc. 95 (2000) 77.
    """
    least, most = panel(low, "low"), panel(high, "high")
    if least.shape != most.shape or not (least <= most).all():
        raise ConfigurationError(
            f"low has the shape {least.shape} and high {most.shape}; they must have the same, and "
            "low must not be above high"
        )
    below, above = quantile_summary(least, level), quantile_summary(most, level)
    found = interval_distribution(*_at_times(least.ravel(), most.ravel(), times))
    median = _clipped(found, 0.5, below["median"], above["median"])
    q05 = _clipped(found, 0.05, below["q05"], above["q05"])
    q25 = _clipped(found, 0.25, below["q25"], above["q25"])
    q75 = _clipped(found, 0.75, below["q75"], above["q75"])
    first, second = below["median_interval"], above["median_interval"]
    return CensoredSummary(
        median=median["high"],
        q05=q05["high"],
        q25=q25["high"],
        q75=q75["high"],
        censored=above["censored"],
        median_interval=Interval(
            low=first["low"],
            high=second["high"],
            level=level,
            method=f"{first['method']} of the bounds",
        ),
        at_least=Quantiles(
            median=median["low"],
            q05=q05["low"],
            q25=q25["low"],
            q75=q75["low"],
        ),
        median_bounds=Bounds(low=below["median"], high=above["median"]),
        known=float((least == most).mean()),
    )


def _at_times(
    low: FloatArray, high: FloatArray, times: Sequence[float]
) -> tuple[FloatArray, FloatArray]:
    """Return known distances (n,) twice, and for the others the two ``times`` around them."""
    grid = np.concatenate([[0.0], np.sort(times), [np.inf]])
    known = low == high
    # an example that is broken at a time may have a slightly larger distance: see ``within`` of
    # ``threat.threat_model``
    edges = grid * (1 + TOLERANCE)
    earlier = grid[np.searchsorted(edges[:-1], low, side="right") - 1]
    later = grid[np.maximum(np.searchsorted(edges, high, side="left"), 1)]
    return np.where(known, low, earlier), np.where(known, high, later)


def _clipped(
    found: IntervalDistribution, q: float, least: float | None, most: float | None
) -> Bounds:
    """Return the interval of the estimated quantile, clipped to the certain bounds."""
    first, last = (np.inf if end is None else end for end in (least, most))
    low, high = (min(max(end, first), last) for end in found.quantile(q))
    return Bounds(low=_finite(low), high=_finite(high))


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
