"""Quantiles of distances of which some are known, and others lie between two bounds."""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np

from genlabel_robust.core import ConfigurationError, FloatArray
from genlabel_robust.statistics.interval_censored import IntervalDistribution, interval_distribution
from genlabel_robust.statistics.panel import panel
from genlabel_robust.statistics.quantiles import Interval, QuantileSummary, quantile_summary
from genlabel_robust.threat import TOLERANCE


class Quantiles(TypedDict):
    """Quantiles of distances; None is an infinite one."""

    median: float | None
    q05: float | None
    q25: float | None
    q75: float | None


class Bounds(TypedDict):
    """Between which two distances something lies; None is an infinite one."""

    low: float | None
    high: float | None


class CensoredSummary(QuantileSummary):
    """Estimated quantiles: each lies between its ``at_least`` and itself.

    ``median_bounds``: where the median of these very examples lies, whatever is not known of
    them. ``known``: the share of the examples whose distance is known.
    """

    at_least: Quantiles
    median_bounds: Bounds
    known: float


def censored_summary(
    low: FloatArray, high: FloatArray, times: Sequence[float], level: float = 0.95
) -> CensoredSummary:
    """Summarise distances that lie between ``low`` and ``high``, both (seeds, n).

    They are the same where a distance is known; ``high`` is +inf where nothing broke the example.
    ``times``: the distances at which it was tried to decide every example.

    A quantile of the distances lies between that of ``low`` and that of ``high`` for sure. Where
    in between is estimated by likelihood (``interval_distribution``) from the known distances,
    and of the others from the ``times`` between which they lie. Not from the bounds themselves:
    an attack's distance is a guess at the true one, and says more than that this is not larger.
    What stays open is thus shared out as the decided examples of the same ``times`` are.

    The median's interval needs no such assumption. It begins where that of the medians of ``low``
    does and ends where that of ``high`` does, which are as in ``quantile_summary``. Raises
    ``ConfigurationError`` where the shapes differ or a bound is above the other. Source: for the
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
    """Return the known distances (n,), and of the others between which ``times`` they lie."""
    grid = np.concatenate([[0.0], np.sort(times), [np.inf]])
    known = low == high
    # an example that is broken at a time may lie a little beyond it: see ``within`` of
    # ``threat.threat_model``
    edges = grid * (1 + TOLERANCE)
    earlier = grid[np.searchsorted(edges[:-1], low, side="right") - 1]
    later = grid[np.maximum(np.searchsorted(edges, high, side="left"), 1)]
    return np.where(known, low, earlier), np.where(known, high, later)


def _clipped(
    found: IntervalDistribution, q: float, least: float | None, most: float | None
) -> Bounds:
    """Return where the estimated quantile lies, inside of what is sure."""
    first, last = (np.inf if end is None else end for end in (least, most))
    low, high = (min(max(end, first), last) for end in found.quantile(q))
    return Bounds(low=_finite(low), high=_finite(high))


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
