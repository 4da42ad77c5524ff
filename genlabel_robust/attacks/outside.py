"""The check of attacks from outside the package."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, get_args

from genlabel_robust.attacks.attack import Attack
from genlabel_robust.core import ConfigurationError, shown
from genlabel_robust.core.parts.fit import Fit, first_line, refuse_abstract, settings_of_instance
from genlabel_robust.threat import NORMS, Knowledge


def fit_attack(target: Any, name: str | None) -> Fit:
    """Check ``target``, an attack class or an instance, and return it as a part.

    Raises ``ConfigurationError``, whose text continues the part's name.
    """
    kind = target if isinstance(target, type) else type(target)
    if not issubclass(kind, Attack):
        raise ConfigurationError(
            f"is not an attack: it is {shown(target)}, but must be a class derived from Attack of "
            "genlabel_robust.parts, or an instance of one"
        )
    refuse_abstract(kind, "attack")
    for attribute, right, words in _DECLARED:
        value = getattr(kind, attribute, None)
        if not right(value):
            raise ConfigurationError(f"has {attribute} of {shown(value)}; it must be {words}")
    settings = {}
    if kind is not target:
        names = tuple(f.name for f in fields(kind) if f.init)
        settings = settings_of_instance(target, names, "attack")
    else:
        _made(kind)  # checks that the default settings are valid
    return Fit(kind.name, kind, settings, about=first_line(kind))


def _made(kind: Any) -> Attack:
    attack: Attack = kind()
    return attack


def _of_norms(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and set(value) <= set(NORMS)


#: The attributes that an attack declares, a check of each, and a description of valid values.
_DECLARED: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("name", lambda value: isinstance(value, str), "a text, such as 'noise'"),
    (
        "needs",
        lambda value: value in get_args(Knowledge),
        f"one of {', '.join(map(repr, get_args(Knowledge)))}",
    ),
    ("kind", lambda value: value in ("fixed", "minimum"), "'fixed' or 'minimum'"),
    ("norms", _of_norms, f"a tuple of any of {', '.join(map(repr, NORMS))}"),
    (
        "cost",
        lambda value: isinstance(value, int) and value > 0,
        "the queries for one example, a whole number above 0",
    ),
)
