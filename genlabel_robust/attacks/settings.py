"""Checks that every attack's settings share."""

from __future__ import annotations

from typing import Any

from genlabel_robust.core.errors import ConfigurationError


def whole_number(attack: str, setting: str, value: Any, least: int = 1) -> None:
    """Raise ``ConfigurationError`` unless ``value`` is a whole number of at least ``least``."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ConfigurationError(
            f"attack {attack!r}: {setting} is {value!r}; "
            f"it must be a whole number of at least {least}"
        )


def above_zero(attack: str, setting: str, value: Any) -> None:
    """Raise ``ConfigurationError`` unless ``value`` is a finite number above 0."""
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    if not numeric or not 0 < value < float("inf"):
        raise ConfigurationError(
            f"attack {attack!r}: {setting} is {value!r}; it must be a number above 0"
        )
