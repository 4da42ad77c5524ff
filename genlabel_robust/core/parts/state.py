"""The state of a part, besides its source."""

import hashlib
import json
from collections.abc import Mapping
from types import FunctionType
from typing import Any


def digest_with(source: str | None, state: Mapping[str, Any] | None) -> str | None:
    """Return the digest of ``source`` and ``state``; None if either is unknown.

    Without state it is ``source`` itself.
    """
    if source is None or state is None:
        return None
    if not state:
        return source
    text = json.dumps(state, sort_keys=True)
    return hashlib.sha256(f"{source} {text}".encode()).hexdigest()


def plain_state(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return ``values`` if all of them are plain, otherwise None."""
    return dict(values) if all(map(is_plain, values.values())) else None


def is_plain(value: Any) -> bool:
    """Return whether ``value`` is a number, text, truth value, None, or a list of such values."""
    if isinstance(value, list | tuple):
        return all(map(is_plain, value))
    return value is None or isinstance(value, bool | int | float | str)


def state_of_function(function: Any) -> dict[str, Any] | None:
    """Return the closure and default values of ``function``, None if one is not plain.

    Empty for a class. None for any other callable object, whose state is unknown.
    """
    if not isinstance(function, FunctionType):
        return {} if isinstance(function, type) else None
    names = function.__code__.co_freevars
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    state = dict(zip(names, cells, strict=True))
    state |= {f"default {i}": value for i, value in enumerate(function.__defaults__ or ())}
    state |= {f"default {name}": value for name, value in (function.__kwdefaults__ or {}).items()}
    return plain_state(state)
