"""A digest of a model in memory, to recognise the same model again."""

import copyreg
import hashlib
import inspect
import sys
import types
from typing import Any

import numpy as np
import torch
from torch import nn

#: Code from these modules is identified by its names, all other code by its source.
_LIBRARIES = frozenset(
    {*sys.stdlib_module_names, "numpy", "scipy", "sklearn", "torch", "pandas", "joblib"}
)
#: Attributes of a module that do not affect its evaluation.
_PASSING = ("training",)


def model_digest(model: Any) -> str | None:
    """Return the SHA-256 of a module's or an estimator's state, None if it cannot be determined.

    Includes the class, the parameters and all other attributes, in order, and the source of classes
    and functions outside the known libraries. The result is None if an object cannot be taken apart
    (a closure, an object of compiled code): two models are never called the same by a guess. What
    code looks up by global names is not included.
    """
    into = hashlib.sha256()
    try:
        _feed(model, into, [])
    except Exception:  # foreign objects are taken apart here, and may raise anything
        return None
    return into.hexdigest()


def _feed(value: Any, into: Any, path: list[int]) -> None:
    """Feed ``value`` to the digest ``into``; ``path``: the ids of the objects that contain it."""
    plain = (type(None), bool, int, float, complex, str, bytes, np.generic, np.dtype)
    if isinstance(value, plain):
        into.update(f"{type(value).__name__} {value!r};".encode())
        return
    if id(value) in path:
        into.update(f"the one {len(path) - path.index(id(value))} above;".encode())
        return
    path.append(id(value))
    if isinstance(value, np.ndarray):
        _feed_array(value, into, path)
    elif isinstance(value, torch.Tensor):
        into.update(f"tensor {value.dtype};".encode())
        tensor = value.detach().cpu().contiguous()
        _feed_array(tensor.view(torch.uint8).numpy() if tensor.ndim else tensor.numpy(), into, path)
        _feed(list(value.shape), into, path)
    elif isinstance(value, dict):
        _feed_all("dict", [part for item in value.items() for part in item], into, path)
    elif isinstance(value, list | tuple):
        _feed_all(type(value).__name__, value, into, path)
    elif isinstance(value, set | frozenset):
        _feed_all("set", sorted(value, key=repr), into, path)
    elif isinstance(value, type | types.FunctionType | types.BuiltinFunctionType):
        _feed_code(value, into)
    elif isinstance(value, nn.Module):
        state = {k: v for k, v in vars(value).items() if k not in _PASSING}
        _feed_all("module", [type(value), state], into, path)
    else:
        _feed_reduced(value, into, path)
    path.pop()


def _feed_all(kind: str, parts: Any, into: Any, path: list[int]) -> None:
    into.update(f"{kind} {len(parts)};".encode())
    for part in parts:
        _feed(part, into, path)


def _feed_array(array: np.ndarray, into: Any, path: list[int]) -> None:
    into.update(f"array {array.dtype.str} {array.shape};".encode())
    if array.dtype.names:
        # field by field: the padding between fields contains arbitrary memory
        for name in array.dtype.names:
            _feed_array(array[name], into, path)
    elif array.dtype.hasobject:
        _feed_all("objects", array.ravel().tolist(), into, path)
    else:
        into.update(np.ascontiguousarray(array).tobytes())


def _feed_reduced(value: Any, into: Any, path: list[int]) -> None:
    """Feed the parts of ``value`` that ``copy`` would use."""
    registered = copyreg.dispatch_table.get(type(value))
    parts: Any = value.__reduce_ex__(4) if registered is None else registered(value)
    if isinstance(parts, str):
        into.update(f"{type(value).__module__} {parts};".encode())
        return
    make, arguments, state, items, pairs = (*parts, None, None, None)[:5]
    _feed_all(
        f"object of {type(value).__name__}",
        [make, arguments, state, list(items or ()), list(pairs or ())],
        into,
        path,
    )


def _home(code: Any) -> str:
    """Return the module of ``code``: before 1.9, scikit-learn's compiled losses say "_loss"."""
    losses = sys.modules.get("sklearn._loss._loss")
    own = losses is not None and getattr(losses, code.__name__, None) is code
    return losses.__name__ if losses is not None and own else str(code.__module__)


def _feed_code(code: Any, into: Any) -> None:
    home = _home(code)
    into.update(f"code {home} {code.__qualname__};".encode())
    if getattr(code, "__closure__", None):
        raise ValueError(code.__qualname__)
    if home.partition(".")[0] not in _LIBRARIES:
        into.update(inspect.getsource(code).encode())
        for base in getattr(code, "__bases__", ()):
            _feed_code(base, into)
