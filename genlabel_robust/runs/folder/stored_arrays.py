"""Checks of a stored cell's arrays: their types, their shapes, and possible values.

Later code trusts the arrays. Whoever edits one within these limits has only made another run.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.certify.certificate import ROUNDING
from genlabel_robust.core import OutputError

#: Type and axes: rows n, attacks a, features d, columns of the table c, budgets e.
_REQUIRED = {
    "ids": ("i", "n"),
    "labels": ("i", "n"),
    "predictions": ("i", "n"),
    "logit_margin": ("f", "n"),
    "distances": ("f", "an"),
    "outcomes": ("i", "an"),
    "queries": ("i", "an"),
    "adversarial": ("f", "and"),
}
_OPTIONAL = {
    "exact": ("f", "n"),
    "tried": ("f", "an"),
    "certified_lower": ("f", "n"),
    "certified_upper": ("f", "n"),
    "certified_witness": ("f", "nd"),
    "certified_work": ("i", "n"),
    "single_lower": ("f", "nc"),
    "single_upper": ("f", "nc"),
    "single_value": ("f", "nd"),
    "sparse": ("f", "end"),
}
#: Arrays that must be present together or not at all, and their common name.
_CERTIFICATE = tuple(name for name in _OPTIONAL if name.startswith("certified_"))
_FEW = ("single_lower", "single_upper", "single_value", "sparse")
_TOGETHER = {"a certificate": _CERTIFICATE, "few features": _FEW}
_AXES = {
    "a": "attacks",
    "n": "rows",
    "d": "columns",
    "c": "columns of the table",
    "e": "budgets",
}
_OF_EIGHT_BYTES = {"i": np.dtype(np.int64), "f": np.dtype(np.float64)}


def check_arrays(arrays: Mapping[str, NDArray[Any]], attacks: int, name: str) -> None:
    """Raise ``OutputError`` unless ``arrays`` are those of one cell with this number of attacks.

    ``name``: the name of their file in messages.
    """
    wrong = next(_wrong(arrays, attacks), None)
    if wrong is not None:
        raise OutputError(f"{name} is not as a run writes it: {wrong}")


def _wrong(arrays: Mapping[str, NDArray[Any]], attacks: int) -> Iterator[str]:
    sizes: dict[str, int] = {"a": attacks}
    for array, (kind, axes) in {**_REQUIRED, **_OPTIONAL}.items():
        if array not in arrays:
            if array in _REQUIRED:
                yield f"it has no array {array!r}"
            continue
        found = arrays[array]
        if found.dtype != _OF_EIGHT_BYTES[kind]:
            yield f"{array} is of type {found.dtype}; it must be of {_OF_EIGHT_BYTES[kind]}"
        if found.ndim != len(axes):
            yield f"{array} has the shape {found.shape}; it must have {len(axes)} axes"
        for axis, size in zip(axes, found.shape, strict=True):
            if sizes.setdefault(axis, size) != size:
                wanted = f"{sizes[axis]} {_AXES[axis]}"
                yield f"{array} has the shape {found.shape}, and there are {wanted}"
    if not sizes["n"]:
        yield "it has no rows"
    for what, names in _TOGETHER.items():
        part = [name for name in names if name in arrays]
        if part and len(part) < len(names):
            yield f"of {what} it has {', '.join(part)} only"
    yield from _impossible(arrays)


def _impossible(arrays: Mapping[str, NDArray[Any]]) -> Iterator[str]:
    known = [int(outcome) for outcome in Outcome]
    distances, exact, tried = (arrays.get(name) for name in ("distances", "exact", "tried"))
    bounds = [arrays[name] for name in _CERTIFICATE[:2] if name in arrays]
    singles = [arrays[name] for name in _FEW[:2] if name in arrays]
    for what, bad in (
        ("labels below 0", (arrays["labels"] < 0).any()),
        ("predictions below -1", (arrays["predictions"] < -1).any()),
        ("outcomes that there are none of", not np.isin(arrays["outcomes"], known).all()),
        ("queries below 0", (arrays["queries"] < 0).any()),
        ("distances that are below 0, or none", distances is not None and _below(distances)),
        ("exact distances that are below 0, or none", exact is not None and _below(exact)),
        ("an ε that was tried and is below 0, or none", tried is not None and _below(tried)),
        ("bounds that are below 0, or none", any(map(_below, bounds + singles))),
        (
            "bounds of which the lower one lies above the upper one",
            _crossed(*bounds) or _crossed(*singles),
        ),
        ("the number of a row twice", len(np.unique(arrays["ids"])) < len(arrays["ids"])),
    ):
        if bad:
            yield f"it holds {what}"


def _crossed(*bounds: NDArray[Any]) -> bool:
    """Say whether a lower bound exceeds its upper bound by more than rounding."""
    if len(bounds) < 2:
        return False
    lower, upper = bounds
    return bool((lower * (1 - ROUNDING) > upper).any())


def _below(values: NDArray[Any]) -> bool:
    """Say whether one of ``values`` is NaN or negative."""
    return not bool((values >= 0).all())
