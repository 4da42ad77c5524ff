"""How an object from outside becomes a part of a room."""

import inspect
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.core.parts.state import is_plain, state_of_function
from genlabel_robust.core.text.plain_text import shown


@dataclass(frozen=True)
class Fit:
    """An object from outside as its room uses it.

    ``name``: its registered name; ``target``: the object that the registry loads; ``settings``: the
    settings of an instance that differ from the defaults of its class; ``state``: other values on
    which its results depend, None if they cannot be determined; ``about``: a one-line description;
    ``defined``: the class or function whose source is hashed, None for that of the object itself.
    """

    name: str
    target: Any
    settings: dict[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] | None = field(default_factory=dict)
    about: str = ""
    defined: Any = None


def function_fit(target: Any, name: str | None, arguments: int, kind: str) -> Fit:
    """Return the function ``target`` with this number of ``arguments`` as a part.

    A function has no name of its own as a part, so ``name`` must be set. Raises
    ``ConfigurationError``, whose text follows the part's name.
    """
    if not callable(target) or isinstance(target, type):
        raise ConfigurationError(f"is not a {kind}: it is {shown(target)}, but must be a function")
    try:
        inspect.signature(target).bind(*range(arguments))
    except TypeError as error:
        raise ConfigurationError(
            f"is not a {kind}: it must be a function of {arguments} "
            f"argument{'s' if arguments > 1 else ''}"
        ) from error
    if name is None:
        raise ConfigurationError(
            "has no name of its own; give it one by an entry point, or as KIND.NAME=module:Name"
        )
    return Fit(name, target, state=state_of_function(target))


def refuse_abstract(kind: Any, noun: str) -> None:
    """Raise ``ConfigurationError``, half a sentence, if the class ``kind`` lacks methods.

    ``noun``: the word for it in the message, such as "strategy".
    """
    if inspect.isabstract(kind):
        missing = ", ".join(sorted(kind.__abstractmethods__))
        raise ConfigurationError(f"is an incomplete {noun}: it does not define {missing}")


def first_line(target: Any) -> str:
    """Return the first line of a class's own docstring, "" if it has none."""
    own = vars(target).get("__doc__") if isinstance(target, type) else None
    lines = inspect.cleandoc(own).splitlines() if isinstance(own, str) else []
    # the docstring that dataclasses generate
    return "" if not lines or lines[0].startswith(f"{target.__name__}(") else lines[0].rstrip(".")


def settings_of_instance(instance: Any, names: tuple[str, ...], kind: str) -> dict[str, Any]:
    """Return the settings ``names`` of ``instance`` that differ from its class's defaults.

    The class called with these settings must give an equal instance. If it does not, raises
    ``ConfigurationError``, whose text follows the part's name.
    """
    defaults = {f.name: f.default for f in fields(instance)}
    settings = {}
    for name in names:
        value = getattr(instance, name)
        if defaults[name] is MISSING or value != defaults[name]:
            if not is_plain(value):
                raise ConfigurationError(
                    f"has the setting {name!r} of {shown(value)}; a setting of a {kind} must be a "
                    "number, a text, true or false, None, or a list of such"
                )
            settings[name] = value
    again = type(instance)(**settings)
    if different := _different(vars(instance), vars(again)):
        raise ConfigurationError(
            f"holds {', '.join(map(repr, different))}, which its settings do not give again; make "
            "it a dataclass whose fields are all that it is made from, and pass it as it is made"
        )
    return settings


def _different(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    import pickle

    import cloudpickle

    def content(value: Any) -> Any:
        if is_plain(value):
            return repr(value)
        try:
            return cloudpickle.dumps(value)
        except (TypeError, AttributeError, ValueError, pickle.PicklingError):
            return object()

    names = sorted({*one, *other})
    both = [name for name in names if name in one and name in other]
    same = [name for name in both if content(one[name]) == content(other[name])]
    return [name for name in names if name not in same]
