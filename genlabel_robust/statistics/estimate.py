"""A number with its uncertainty, which are never printed apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Estimate:
    """A point estimate within its confidence interval.

    ``value``, ``low``, ``high``: fractions (differences lie in [-1, 1]), with
    low <= value <= high. ``level``: the nominal coverage, such as 0.95.
    ``method``: how the interval was made. ``n``: the number of distinct rows.
    """

    value: float
    low: float
    high: float
    level: float
    method: str
    n: int

    @classmethod
    def from_dict(cls, found: Mapping[str, Any], n: int) -> Estimate:
        """Read an estimate from ``n`` rows that ``as_dict`` wrote."""
        return cls(**found, n=n)

    def as_dict(self) -> dict[str, float | str]:
        """Return the fields that ``results.json`` contains: plain floats, not rounded."""
        return {
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "level": self.level,
            "method": self.method,
        }


def bounded(
    value: float, low: float, high: float, *, least: float, level: float, method: str, n: int
) -> Estimate:
    """Build an ``Estimate`` whose bounds lie in [``least``, 1] and enclose ``value``.

    The formulas reach 0 and 1 only up to rounding: 0.9999999999999998 for 45 of 45.
    """
    return Estimate(
        value=float(value),
        low=float(max(least, min(low, value))),
        high=float(min(1.0, max(high, value))),
        level=float(level),
        method=method,
        n=n,
    )
