"""Construction of strategies from their name and settings."""

from collections.abc import Mapping
from dataclasses import fields
from math import isfinite
from typing import Any

from genlabel_robust.core import ConfigurationError, unknown_name
from genlabel_robust.strategies import STRATEGIES
from genlabel_robust.strategies.strategy import Strategy


def setting_names(name: str) -> tuple[str, ...]:
    """Return the names of the settings of strategy ``name``; raises ``UnknownNameError``."""
    strategy: type[Strategy] = STRATEGIES.load(name)
    return strategy.setting_names()


def build(name: str, settings: Mapping[str, Any] | None = None) -> Strategy:
    """Return strategy ``name`` with ``settings``.

    Raises ``UnknownNameError`` for an unknown strategy or setting, ``ConfigurationError`` for an
    invalid value of a setting.
    """
    known = setting_names(name)
    for setting, value in (settings or {}).items():
        if setting not in known:
            raise unknown_name("setting", setting, known, of=f"strategy {name!r}")
        if isinstance(value, bool) or not (value is None or isinstance(value, int | float)):
            raise ConfigurationError(
                f"strategy {name!r}: setting {setting!r} is {value!r}; it must be a number"
            )
    strategy: Strategy = STRATEGIES.load(name)(**(settings or {}))
    return strategy


def default_settings(name: str) -> dict[str, Any]:
    """Return the default settings of strategy ``name``, as plain JSON values.

    Settings without a value, or with a value that JSON cannot express, are left out.
    """
    kind: type[Strategy] = STRATEGIES.load(name)
    names = kind.setting_names()
    values = {field.name: field.default for field in fields(kind) if field.name in names}
    return {
        setting: value
        for setting, value in values.items()
        if isinstance(value, bool | int | str) or (isinstance(value, float) and isfinite(value))
    }
