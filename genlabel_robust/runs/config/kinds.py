"""The kinds of values that settings take, from options, files and Python alike."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from typing import Any, Literal, TypeAlias

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.core.plain_text import shown
from genlabel_robust.threat.budgets import as_float, budgets_of

Kind: TypeAlias = Literal["whole number", "number", "text", "true or false"]

#: Settings that hold several values; a single one is taken as a list of one.
PLURAL = ("datasets", "strategies", "architectures", "eps", "attacks", "drop", "category")

#: The other settings: what they hold, and whether they may be left open (None).
SINGULAR: dict[str, tuple[Kind, bool]] = {
    "norm": ("text", True),
    "unit": ("text", True),
    "whole_numbers": ("text", False),
    "suite": ("text", False),
    "checks": ("text", False),
    "early_stop": ("true or false", False),
    "max_seconds": ("number", True),
    "certify": ("text", False),
    "certify_seconds": ("number", True),
    "transfer": ("true or false", False),
    "seeds": ("whole number", False),
    "seed": ("whole number", False),
    "split": ("text", False),
    "split_seed": ("whole number", False),
    "test_share": ("number", False),
    "test_file": ("text", True),
    "group": ("text", True),
    "max_examples": ("whole number", True),
    "scaling": ("text", False),
    "tune": ("true or false", False),
    "device": ("text", False),
    "jobs": ("whole number", True),
    "out": ("text", True),
}

#: The tables that ``--set`` and a configuration file may fill.
TABLES = ("train", "strategy", "architecture", "attack")

#: How much can be asked to be measured besides the attacks.
CHECKS = ("off", "quick", "full")

#: How columns of whole numbers are changed: by whole numbers, or as if they were continuous.
WHOLE_NUMBERS = ("whole", "continuous")


def plural_entries(name: str, value: Any) -> tuple[Any, ...]:
    """Return the entries of a plural setting, without repetition; budgets as numbers.

    Raises ``ConfigurationError`` unless they are texts, or for ``eps`` numbers or
    texts such as "0.01:0.3:10".
    """
    if name == "eps":
        return budgets_of(value)
    several = isinstance(value, Iterable) and not isinstance(value, str | os.PathLike | Mapping)
    entries = tuple(value) if several else (value,)
    if not all(isinstance(entry, str | os.PathLike) for entry in entries):
        raise ConfigurationError(f"{name} is {shown(value)}; it must be a list of names")
    return tuple(dict.fromkeys(os.fspath(entry) for entry in entries))


def single_value(name: str, value: Any, kind: Kind) -> Any:
    """Return ``value`` as a plain Python value of ``kind``; raises ``ConfigurationError``."""
    if kind == "text" and isinstance(value, str | os.PathLike):
        return os.fspath(value)
    if kind == "true or false" and isinstance(value, bool):
        return value
    if kind == "whole number" and not isinstance(value, bool) and isinstance(value, Integral):
        return int(value)
    if kind == "number" and not isinstance(value, bool) and isinstance(value, Real):
        return as_float(value)
    wanted = kind if kind == "true or false" else f"a {kind}"
    raise ConfigurationError(f"{name} is {shown(value)}; it must be {wanted}")


def check_table(name: str, value: Any) -> None:
    """Raise ``ConfigurationError`` unless ``value`` is a table, nested but for ``train``."""
    nested = name != "train"
    if not isinstance(value, Mapping) or (
        nested and not all(isinstance(entry, Mapping) for entry in value.values())
    ):
        example = f"[{name}.NAME]" if nested else f"[{name}]"
        raise ConfigurationError(f"{name!r} must be a table, {example}; it is {shown(value)}")
