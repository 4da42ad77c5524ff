"""Checks that every attack's settings share."""

from __future__ import annotations

from typing import Any

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.core.plain_text import shown

#: The most steps, restarts, queries: more of any is a slip of the hand, and never ends.
MOST = 10**7


def whole_number(attack: str, setting: str, value: Any, least: int = 1) -> None:
    """Raise ``ConfigurationError`` unless ``value`` is a whole number, ``least`` to ``MOST``."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or value < least or value > MOST:
        bound = f"at most {MOST:,}" if whole and value > MOST else f"at least {least}"
        raise ConfigurationError(
            f"attack {attack!r}: {setting} is {shown(value)}; it must be a whole number of {bound}"
        )


def above_zero(attack: str, setting: str, value: Any) -> None:
    """Raise ``ConfigurationError`` unless ``value`` is a finite number above 0."""
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    if not numeric or not 0 < value < float("inf"):
        raise ConfigurationError(
            f"attack {attack!r}: {setting} is {shown(value)}; it must be a number above 0"
        )
