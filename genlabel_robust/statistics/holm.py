"""Holm's correction: which of several hypotheses are rejected, at one level for all."""

from collections.abc import Sequence

from genlabel_robust.core import ConfigurationError
from genlabel_robust.statistics.panel import check_level


def apply_holm(p_values: Sequence[float], level: float = 0.05) -> list[bool]:
    """Return whether each hypothesis is rejected, in the order of ``p_values``.

    The smallest p-value is compared with level/m, the next with level/(m - 1), and so
    on until one is larger. The probability of any false rejection is at most ``level``,
    however the p-values depend on each other. Raises ``ConfigurationError`` for a value
    outside [0, 1]. Source: Holm, Scand. J. Stat. 6 (1979) 65.
    """
    check_level(level)
    return [p <= level for p in adjusted_by_holm(p_values)]


def adjusted_by_holm(p_values: Sequence[float]) -> list[float]:
    """Return the smallest overall level at which each hypothesis is rejected.

    In the order of ``p_values``; at most 1. Raises the errors of ``apply_holm``.
    """
    for p in p_values:
        if not 0.0 <= p <= 1.0:
            raise ConfigurationError(f"a p-value is {p}; it must lie in [0, 1]")
    adjusted = [1.0] * len(p_values)
    ordered = sorted(range(len(p_values)), key=lambda index: p_values[index])
    least = 0.0
    for left, index in zip(range(len(p_values), 0, -1), ordered, strict=True):
        least = max(least, min(p_values[index] * left, 1.0))
        adjusted[index] = least
    return adjusted
