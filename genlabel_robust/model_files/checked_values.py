"""Validation of numbers and lists in a model file.

The libraries behind the readers are written in C++. They follow the indices in a file unchecked
and read memory outside the model if an index is wrong.
"""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from genlabel_robust.core import IntArray, an

#: The maximum numbers of features and classes: a file of a few bytes can claim any number.
WIDEST = 10**6
MOST_CLASSES = 10**4
#: The maximum number of values that become one Python object each: such an object takes 8 to 100
#: bytes of memory per byte in the file. A tree of XGBoost has about twenty, besides its arrays.
MOST_VALUES = 5 * 10**6
#: The maximum depth of a tree: libraries that recurse overflow the stack somewhere beyond it.
DEEPEST_TREE = 10**4
NO_CATEGORIES = (
    "models that use the library's own codes of categories cannot be evaluated: train on one-hot "
    "columns instead, or export a whole pipeline"
)
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_REAL = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]{1,4})?")


class UnfitError(ValueError):
    """What is wrong with a file, as a text that follows its name: "tree 3: child 99 of node 0"."""


def part(of: Any, key: str, kind: type | tuple[type, ...]) -> Any:
    """Return ``of[key]``; raises ``UnfitError`` if it is missing or not of type ``kind``."""
    if not isinstance(of, Mapping) or key not in of:
        raise UnfitError(f"it has no {key!r}")
    if not isinstance(of[key], kind):
        raise UnfitError(f"its {key!r} is {an(type(of[key]).__name__)}")
    return of[key]


def maybe(of: Mapping[str, Any], key: str, kind: type | tuple[type, ...], other: Any) -> Any:
    """Return ``of[key]``, or ``other`` if it is missing; raises ``UnfitError`` like ``part``."""
    return part(of, key, kind) if key in of else other


def whole(value: Any, what: str, low: int, high: int) -> int:
    """Return ``value``, an integer or its text, as an ``int``.

    Raises ``UnfitError``, naming ``what``, unless it is an integer from ``low`` to ``high``.
    """
    number: int | None = None
    if isinstance(value, str):
        number = int(value) if _WHOLE.fullmatch(value) else None
    elif isinstance(value, int | np.integer) and not isinstance(value, bool):
        number = int(value)
    if number is None or not low <= number <= high:
        raise UnfitError(
            f"{what} is {str(value)[:40]!r}; it must be a whole number from {low} to {high}"
        )
    return number


def real(text: Any, what: str) -> float:
    """Parse ``text`` as a finite number; raises ``UnfitError``, naming ``what``, if it is not."""
    if not isinstance(text, str) or not _REAL.fullmatch(text) or not np.isfinite(float(text)):
        raise UnfitError(f"{what} is {str(text)[:40]!r}; it must be a finite number")
    return float(text)


def array(values: Any, what: str, n: int, *, real: bool = False) -> np.ndarray:
    """Return ``values``, a list or an array, as an array (n,) of int64.

    ``real``: accept floats too, and keep the type. Raises ``UnfitError``, naming ``what``, for
    another shape or type.
    """
    try:
        found = np.asarray(values)
    except (ValueError, OverflowError) as error:  # a list of lists of many lengths
        raise UnfitError(f"{what} is not a list of numbers") from error
    if found.ndim != 1 or len(found) != n:
        raise UnfitError(f"{what} has shape {found.shape}; it must have {n} numbers")
    if n and found.dtype.kind not in ("biuf" if real else "biu"):
        raise UnfitError(f"{what} contains something other than {'' if real else 'whole '}numbers")
    return found if real else found.astype(np.int64)


def check_tree(left: IntArray, right: IntArray, where: str) -> IntArray:
    """Return the depth (m,) of each node: 0 at the root, -1 where no path from the root leads.

    ``left``, ``right`` (m,): the children of each node, both -1 at a leaf. Node 0 is the root.
    Raises ``UnfitError``, which begins with ``where``, if this is not a tree or is too deep.
    """
    n = len(left)
    leaf = left == -1
    inside = (left >= 1) & (left < n) & (right >= 1) & (right < n)
    bad = ~np.where(leaf, right == -1, inside)
    if bad.any():
        at = int(bad.argmax())
        raise UnfitError(
            f"{where}: node {at} has the children {left[at]} and {right[at]}, but there are only "
            f"{n} nodes"
        )
    depth = np.full(n, -1, dtype=np.int64)
    depth[0] = level = 0
    place = np.zeros(n, dtype=np.int64)
    now = np.zeros(1, dtype=np.int64)
    while True:
        parents = now[~leaf[now]]
        now = np.concatenate([left[parents], right[parents]])
        if not len(now):
            return depth
        # each node writes its position: if a node occurs twice, the first occurrence reads the
        # second one's position
        order = np.arange(len(now))
        place[now] = order
        if (depth[now] >= 0).any() or (place[now] != order).any():
            raise UnfitError(f"{where}: two paths lead to the same node, or a path forms a loop")
        level += 1
        if level > DEEPEST_TREE:
            raise UnfitError(f"{where} is more than {DEEPEST_TREE:,} levels deep")
        depth[now] = level
