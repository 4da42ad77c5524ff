"""The kinds of values that settings take, from options, files and Python alike."""

import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from numbers import Integral, Real
from typing import Any, Literal, TypeAlias
from unicodedata import category

from genlabel_robust.core import ConfigurationError, shown
from genlabel_robust.threat import Constraints
from genlabel_robust.threat.budgets import as_float, budgets_of

#: A "line" is a text for readers that nothing else uses. "names" and "budgets" are lists, for which
#: a single value is accepted; "limits" are the constraints on single features; a "table" is flat,
#: "tables by name" have a table for each name, and "all tables" are the tables of a run.
Kind: TypeAlias = Literal[
    "whole number",
    "number",
    "seconds",
    "text",
    "line",
    "true or false",
    "names",
    "budgets",
    "limits",
    "table",
    "tables by name",
    "all tables",
]

#: The kinds that are lists.
SEVERAL: tuple[Kind, ...] = ("names", "budgets")

#: The longest "line", in characters.
LONGEST_LINE = 200
#: Unicode categories that a line must not contain: controls, line ends, single surrogates.
_UNSEEN = ("Cc", "Cs", "Zl", "Zp")
#: Characters that change the direction of the text after them.
_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

#: The depth to which a kind of table is merged by key; deeper values are replaced.
DEPTHS: dict[Kind, int] = {"limits": 2, "table": 1, "tables by name": 2}


def value_of(kind: Kind, name: str, value: Any) -> Any:
    """Return ``value`` of the setting ``name`` as a plain Python value of ``kind``.

    Raises ``ConfigurationError`` if it is not one.
    """
    return _READERS[kind](name, value)


def _names(name: str, value: Any) -> tuple[str, ...]:
    several = isinstance(value, Iterable) and not isinstance(value, str | os.PathLike | Mapping)
    entries = tuple(value) if several else (value,)
    if not all(isinstance(entry, str | os.PathLike) for entry in entries):
        raise ConfigurationError(f"{name} is {shown(value)}; it must be a list of names")
    return tuple(dict.fromkeys(os.fspath(entry) for entry in entries))


def _plain(kind: Kind, name: str, value: Any) -> Any:
    types, converted, words = _PLAIN[kind]
    # bool is a subclass of int in Python
    if isinstance(value, types) and (types is bool or not isinstance(value, bool)):
        return converted(value)
    raise ConfigurationError(f"{name} is {shown(value)}; it must be {words}")


def _seconds(name: str, value: Any) -> float:
    seconds: float = _plain("number", name, value)
    if not 0 < seconds < float("inf"):
        raise ConfigurationError(
            f"{name} is {seconds!r}; it must be a number of seconds above 0, or left out"
        )
    return seconds


def _line(name: str, value: Any) -> str:
    text = str(_plain("text", name, value)).strip()
    if not text:
        raise ConfigurationError(f"{name} is empty; write something, or do not give it")
    if len(text) > LONGEST_LINE:
        raise ConfigurationError(
            f"{name} has {len(text)} characters; it must have {LONGEST_LINE} at most"
        )
    odd = next((one for one in text if category(one) in _UNSEEN or one in _TURNING), None)
    if odd is not None:
        raise ConfigurationError(
            f"{name} contains the control character U+{ord(odd):04X}; it must be one line of plain "
            "text"
        )
    return text


def _limits(name: str, value: Any) -> dict[str, Any]:
    return Constraints.of(value).as_dict()


def _table(name: str, value: Any, *, nested: bool) -> Any:
    if not isinstance(value, Mapping) or (
        nested and not all(isinstance(entry, Mapping) for entry in value.values())
    ):
        example = f"[{name}.NAME]" if nested else f"[{name}]"
        raise ConfigurationError(f"{name!r} must be a table, {example}; it is {shown(value)}")
    return value


def _all_tables(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return value
    raise ConfigurationError(f"{name} is {shown(value)}; it must be a table")


#: For single values: the accepted types, the conversion, and the words for error messages.
_PLAIN: dict[Kind, tuple[Any, Callable[[Any], Any], str]] = {
    "whole number": (Integral, int, "a whole number"),
    "number": (Real, as_float, "a number"),
    "text": (str | os.PathLike, os.fspath, "a text"),
    "true or false": (bool, bool, "true or false"),
}
_READERS: dict[Kind, Callable[[str, Any], Any]] = {
    **{kind: partial(_plain, kind) for kind in _PLAIN},
    "line": _line,
    "seconds": _seconds,
    "names": _names,
    "budgets": lambda _, value: budgets_of(value),
    "limits": _limits,
    "table": partial(_table, nested=False),
    "tables by name": partial(_table, nested=True),
    "all tables": _all_tables,
}
