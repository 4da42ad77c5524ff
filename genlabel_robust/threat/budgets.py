"""Parsing of budgets as users write them: a number, or FROM:TO:COUNT."""

import os
from collections.abc import Iterable, Mapping
from math import isfinite
from numbers import Real
from typing import Any

from genlabel_robust.core import ConfigurationError, shown

#: Each ε costs a run of every attack: a larger COUNT is a typing error.
MOST = 1000
#: The smallest and the largest ε; attacks compute in float32, with a range of 1e-38 to 3e38.
SMALLEST, LARGEST = 1e-30, 1e30


def parse_eps(text: str | float) -> tuple[float, ...]:
    """Return the budgets in ``text``; a range includes both ends.

    Raises ``ConfigurationError`` unless each is a finite number above 0.
    """
    parts = str(text).split(":")
    try:
        if len(parts) == 1:
            values: tuple[float, ...] = (float(parts[0]),)
        elif len(parts) == 3 and 2 <= int(parts[2]) <= MOST:
            low, high, count = float(parts[0]), float(parts[1]), int(parts[2])
            step = (high - low) / (count - 1)
            # rounded, so that 0.01:0.3:10 gives 0.3 and not 0.30000000000000004
            values = (*(round(low + i * step, 12) for i in range(count - 1)), high)
        else:
            values = ()
    except ValueError:
        values = ()
    if not values or not all(isfinite(v) and v > 0 for v in values):
        raise ConfigurationError(
            f"eps is {shown(text)}; it must be a number above 0, such as 0.1, or FROM:TO:COUNT "
            f"with COUNT from 2 to {MOST}, such as 0.01:0.3:10"
        )
    return values


def budgets_of(value: Any) -> tuple[float, ...]:
    """Return the budgets in ``value``, one or several, without duplicates.

    Each is a number or a text such as "0.01:0.3:10". Raises ``ConfigurationError`` for others.
    """
    several = isinstance(value, Iterable) and not isinstance(value, str | os.PathLike | Mapping)
    entries = tuple(value) if several else (value,)
    if any(isinstance(entry, bool) or not isinstance(entry, Real | str) for entry in entries):
        raise ConfigurationError(f"eps is {shown(value)}; it must be a list of numbers")
    budgets = (b for e in entries for b in parse_eps(e if isinstance(e, str) else as_float(e)))
    return tuple(dict.fromkeys(budgets))


def as_float(value: Any) -> float:
    """Return a number as a float; one that is too large becomes infinite, and is refused later."""
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
