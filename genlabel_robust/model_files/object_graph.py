"""All objects reachable from a model, and the settings that do not affect its predictions."""

import functools
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

_PLAIN = (
    str,
    bytes,
    int,
    float,
    complex,
    bool,
    type(None),
    np.generic,
    np.dtype,
    type,
    types.ModuleType,
    types.FunctionType,
    types.BuiltinFunctionType,
)


def objects_in(root: Any) -> Iterator[Any]:
    """Yield ``root`` and every object reachable from it, each once."""
    seen: set[int] = set()
    rest = [root]
    while rest:
        value = rest.pop()
        if isinstance(value, _PLAIN) or id(value) in seen:
            continue
        seen.add(id(value))
        yield value
        rest.extend(_parts(value))


def path_count(root: Any) -> int:
    """Return the number of paths from ``root`` to the objects reachable from it.

    This is the number of calls if every object calls each of its parts: an object that two
    others share counts twice. A cycle counts once.
    """
    parts = {id(v): [p for p in _parts(v) if not isinstance(p, _PLAIN)] for v in objects_in(root)}
    counts: dict[int, int] = {}
    rest = [(id(root), iter(parts.get(id(root), ())))]
    while rest:
        value, left = rest[-1]
        counts.setdefault(value, 0)
        part = next((id(part) for part in left if id(part) not in counts), None)
        if part is not None:
            rest.append((part, iter(parts[part])))
        else:
            rest.pop()
            counts[value] = 1 + sum(counts[id(part)] for part in parts.get(value, ()))
    return counts[id(root)]


def _parts(value: Any) -> list[Any]:
    """Return the direct parts of ``value``: its attributes and elements."""
    found: list[Any] = list(settings_of(value).values())
    if isinstance(value, dict):
        found.extend(value.values())
    elif isinstance(value, list | tuple | set | frozenset):
        found.extend(value)
    elif isinstance(value, np.ndarray) and value.dtype.hasobject:
        found.extend(value.ravel().tolist())
    elif isinstance(value, types.MethodType):
        found.append(value.__self__)
    elif isinstance(value, functools.partial):
        found.extend([value.func, value.args, value.keywords])
    return found


def settings_of(value: Any) -> dict[str, Any]:
    """Return the instance dictionary of ``value``, empty if it has none."""
    found = getattr(value, "__dict__", None)
    return found if isinstance(found, dict) else {}


def make_calm(root: Any) -> None:
    """Set every estimator in ``root`` to one process, no output and no cache folder.

    A file could otherwise start any number of processes, or write to a folder that it names. The
    predictions do not change.
    """
    from sklearn.base import BaseEstimator

    for value in objects_in(root):
        if not isinstance(value, BaseEstimator):
            continue  # elsewhere these names can mean anything
        settings = settings_of(value)
        if settings.get("n_jobs") is not None:
            settings["n_jobs"] = 1
        if settings.get("verbose"):
            settings["verbose"] = 0
        if isinstance(settings.get("memory"), str):
            settings["memory"] = None
