"""Holm's correction: which of several hypotheses are rejected, at one level for all."""

from collections.abc import Sequence

from genlabel_robust.core import ConfigurationError
from genlabel_robust.statistics.panel import check_level


def apply_holm(p_values: Sequence[float], level: float = 0.05) -> list[bool]:
    """Return, in the order given, whether each hypothesis is rejected.

    The smallest p-value is held against level/m, the next against level/(m - 1), and so
    on until one is larger: the chance of any false rejection is at most ``level``,
    however the p-values depend on each other. Raises ``ConfigurationError`` on a value
    outside [0, 1]. Source: Holm, Scand. J. Stat. 6 (1979) 65.
    """
    check_level(level)
    for p in p_values:
        if not 0.0 <= p <= 1.0:
            raise ConfigurationError(f"a p-value is {p}; it must lie in [0, 1]")
    rejected = [False] * len(p_values)
    ordered = sorted(range(len(p_values)), key=lambda index: p_values[index])
    for left, index in zip(range(len(p_values), 0, -1), ordered, strict=True):
        if p_values[index] * left > level:
            break
        rejected[index] = True
    return rejected
