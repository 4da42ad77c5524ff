"""What a room makes of an object from outside that fits it."""

import inspect
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.core.parts.state import is_plain, state_of_function
from genlabel_robust.core.text.plain_text import shown


@dataclass(frozen=True)
class Fit:
    """A part as its room takes it.

    ``name``: under which it is known; ``target``: what the registry loads; ``settings``: of an
    instance, those that differ from the class's defaults; ``state``: what else it holds that its
    results depend on, None where that cannot be told; ``about``: a line about it; ``defined``: the
    class or function whose source counts, None for that of the object itself.
    """

    name: str
    target: Any
    settings: dict[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] | None = field(default_factory=dict)
    about: str = ""
    defined: Any = None


def function_fit(target: Any, name: str | None, arguments: int, kind: str) -> Fit:
    """Return the function ``target`` of so many ``arguments`` as a part; it has no name itself.

    Raises ``ConfigurationError``, to be read after the part's name.
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

    ``noun``: what it is, for the message: "strategy".
    """
    if inspect.isabstract(kind):
        missing = ", ".join(sorted(kind.__abstractmethods__))
        raise ConfigurationError(f"is an incomplete {noun}: it does not define {missing}")


def first_line(target: Any) -> str:
    """Return the first line of the docstring of a class, "" without one of its own."""
    own = vars(target).get("__doc__") if isinstance(target, type) else None
    lines = inspect.cleandoc(own).splitlines() if isinstance(own, str) else []
    # what dataclasses write where there is none
    return "" if not lines or lines[0].startswith(f"{target.__name__}(") else lines[0].rstrip(".")


def settings_of_instance(instance: Any, names: tuple[str, ...], kind: str) -> dict[str, Any]:
    """Return the settings ``names`` of ``instance`` that differ from its class's defaults.

    Made again from these it must be the same. Raises ``ConfigurationError`` where it is not, to
    be read after the part's name.
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
