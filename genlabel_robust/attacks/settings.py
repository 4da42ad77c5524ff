"""Declarations of attack settings, with their defaults and valid values."""

from collections.abc import Callable
from dataclasses import field, fields, replace
from typing import Any, TypeAlias, TypeVar

from genlabel_robust.core import ConfigurationError, shown, unknown_name

#: The largest number of steps, restarts or queries; a larger one is a typing error.
MOST = 10**7

#: Raises ``ConfigurationError`` if a named setting of a named attack has an invalid value.
_Check: TypeAlias = Callable[[str, str, Any], None]

_AnyAttack = TypeVar("_AnyAttack", bound=Any)


def count(default: int, least: int = 1) -> Any:
    """Declare a whole number from ``least`` to ``MOST``."""
    return _setting(default, _whole_number(least))


def budget(default: int, least: int = 1) -> Any:
    """Declare a ``count`` that ``doubled`` doubles."""
    return _setting(default, _whole_number(least), budget=True)


def size(default: float) -> Any:
    """Declare a finite number above 0."""
    return _setting(default, _above_zero)


def choice(default: str, among: tuple[str, ...]) -> Any:
    """Declare one of the names ``among``."""

    def check(attack: str, setting: str, value: Any) -> None:
        if value not in among:
            raise unknown_name(setting, str(value), among, where=f"for attack {attack!r}")

    return _setting(default, check)


def check_settings(attack: Any) -> None:
    """Raise ``ConfigurationError`` for the first invalid setting of ``attack``."""
    for setting in fields(attack):
        if "check" in setting.metadata:
            setting.metadata["check"](attack.name, setting.name, getattr(attack, setting.name))


def is_budget(setting: Any) -> bool:
    """Say whether a dataclass field of an attack is declared as a ``budget``."""
    return bool(setting.metadata.get("budget"))


def doubled(attack: _AnyAttack) -> _AnyAttack:
    """Return ``attack`` with every budget doubled, to test whether it has converged."""
    names = [f.name for f in fields(attack) if is_budget(f)]
    return replace(attack, **{name: 2 * getattr(attack, name) for name in names})


def _setting(default: Any, check: _Check, *, budget: bool = False) -> Any:
    return field(default=default, metadata={"check": check, "budget": budget})


def _whole_number(least: int) -> _Check:
    def check(attack: str, setting: str, value: Any) -> None:
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or value < least or value > MOST:
            bound = f"at most {MOST:,}" if whole and value > MOST else f"at least {least}"
            raise ConfigurationError(
                f"attack {attack!r}: {setting} is {shown(value)}; "
                f"it must be a whole number of {bound}"
            )

    return check


def _above_zero(attack: str, setting: str, value: Any) -> None:
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    if not numeric or not 0 < value < float("inf"):
        raise ConfigurationError(
            f"attack {attack!r}: {setting} is {shown(value)}; it must be a number above 0"
        )
