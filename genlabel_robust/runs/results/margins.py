"""Summaries of the distances to the boundary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from genlabel_robust.core.files.json_values import json_fields
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.statistics import quantile_summary
from genlabel_robust.statistics.censored_quantiles import Bounds, Quantiles, censored_summary
from genlabel_robust.statistics.quantiles import Interval
from genlabel_robust.threat import Norm


@dataclass(frozen=True)
class Margin:
    """Quantiles of distances, as ``QuantileSummary`` and ``CensoredSummary`` describe them.

    ``kind``: "exact" if every distance is known, "interval-censored" if proofs give lower and
    attacks upper bounds, "attack" if there are only the latter. ``at_least``, ``median_bounds``,
    ``known``: for interval-censored ones, None for others.
    """

    norm: Norm
    kind: Literal["exact", "interval-censored", "attack"]
    median: float | None
    q05: float | None
    q25: float | None
    q75: float | None
    censored: float
    median_interval: Interval
    at_least: Quantiles | None = None
    median_bounds: Bounds | None = None
    known: float | None = None

    @property
    def sure_median(self) -> tuple[float | None, float | None]:
        """Certain bounds on the median of these examples; None stands for infinite.

        They are equal if no distance has bounds. ``at_least`` and ``median`` may lie closer
        together, because they estimate the open examples from the decided ones.
        """
        if self.median_bounds is None:
            return self.median, self.median
        return self.median_bounds["low"], self.median_bounds["high"]

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Margin:
        """Read what ``as_dict`` wrote."""
        return cls(**found)

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as in ``results.json``."""
        return json_fields(self, where_set=("at_least", "median_bounds", "known"))


def margin_summary(
    panel: Panel, norm: Norm, eps: Sequence[float], level: float = 0.95
) -> Margin | None:
    """Return the margin in a row of the results; None without any distances.

    ``eps``: the budgets of the run, at each of which every example was to be decided.
    ``level``: of the median's interval.
    """
    if panel.exact is not None:
        return Margin(norm, "exact", **quantile_summary(panel.exact, level))
    if panel.between is not None:
        low, high = panel.between
        if (low == high).all():
            return Margin(norm, "exact", **quantile_summary(high, level))
        return Margin(norm, "interval-censored", **censored_summary(low, high, eps, level))
    if panel.nearest is None:
        return None
    return Margin(norm, "attack", **quantile_summary(panel.nearest, level))
