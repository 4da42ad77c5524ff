"""Architectures from outside: an ``Architecture``, or any function that makes nets."""

import inspect
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from torch import nn

from genlabel_robust.core import ConfigurationError, shown
from genlabel_robust.core.parts.fit import Fit, first_line, refuse_abstract
from genlabel_robust.core.parts.state import plain_state, state_of_function
from genlabel_robust.models.nets.architecture import Architecture

#: Adam's default, if the architecture does not set one.
_LEARNING_RATE = 0.01


@dataclass(frozen=True)
class MadeByFunction(Architecture):
    """An architecture whose nets ``make`` returns, a function (n_features, n_classes) -> module."""

    name: str
    learning_rate: float
    make: Any

    def net(self, n_features: int, n_classes: int) -> nn.Module:
        """Return the module of ``make``; raises ``ConfigurationError`` if it is not a module."""
        try:
            made = self.make(n_features, n_classes)
        except Exception as error:  # foreign code may raise anything
            raise ConfigurationError(
                f"architecture {self.name!r} makes no net of {n_features} features and "
                f"{n_classes} classes: {type(error).__name__}: {' '.join(str(error).split())}"
            ) from error
        if not isinstance(made, nn.Module):
            raise ConfigurationError(
                f"architecture {self.name!r} made {shown(made)} for {n_features} features and "
                f"{n_classes} classes; it must make a torch.nn.Module"
            )
        return made

    def configured(self, settings: Any) -> "MadeByFunction":
        """Return itself; raises ``ConfigurationError`` for any setting: functions have none."""
        if settings:
            raise ConfigurationError(
                f"architecture {self.name!r} is a function and has no settings; it was given "
                f"{', '.join(settings)}: make it a frozen dataclass derived from Architecture"
            )
        return self


def fit_architecture(target: Any, name: str | None) -> Fit:
    """Return ``target`` as a part: an ``Architecture``, its class, or a function.

    The function makes modules. Raises ``ConfigurationError``, whose text follows the part's name.
    """
    if isinstance(target, type) and issubclass(target, Architecture):
        refuse_abstract(target, "architecture")
        target = target()
    if isinstance(target, Architecture):
        _check_declared(target)
        return Fit(target.name, target, state=_state(target), about=first_line(type(target)))
    if isinstance(target, nn.Module):
        raise ConfigurationError(
            "is a single net, not an architecture: give the function (n_features, n_classes) -> "
            "module that makes it, because every model gets new weights"
        )
    if not callable(target):
        raise ConfigurationError(
            f"is not an architecture: it is {shown(target)}, but must be a function (n_features, "
            "n_classes) -> torch module, or an Architecture of genlabel_robust.parts"
        )
    return _of_function(target, name)


def _of_function(make: Any, name: str | None) -> Fit:
    own = name or getattr(make, "__name__", None)
    if own is None or own == "<lambda>":
        raise ConfigurationError("has no name; write it as a function with a name")
    try:
        inspect.signature(make).bind(2, 2)
    except TypeError as error:
        raise ConfigurationError(
            "is not an architecture: it must be a function of two arguments, n_features and "
            "n_classes"
        ) from error
    rate = getattr(make, "learning_rate", _LEARNING_RATE)
    architecture = MadeByFunction(own, rate, make)
    _check_declared(architecture)
    state = state_of_function(make)
    if state is not None and rate != _LEARNING_RATE:
        state = {**state, "learning_rate": rate}
    return Fit(own, architecture, state=state, about=first_line(make))


def _check_declared(architecture: Any) -> None:
    rate: Any = getattr(architecture, "learning_rate", None)
    if not isinstance(getattr(architecture, "name", None), str):
        raise ConfigurationError("has no name; give it a text, such as name = 'wide'")
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate < float("inf"):
        raise ConfigurationError(f"has learning_rate of {shown(rate)}; it must be a number above 0")


def _state(architecture: Any) -> dict[str, Any] | None:
    """Return all attributes of an instance, including fields that are defined in its class."""
    attributes = dict(getattr(architecture, "__dict__", {}))
    if is_dataclass(architecture):
        attributes |= {f.name: getattr(architecture, f.name) for f in fields(architecture)}
    return plain_state(attributes)
