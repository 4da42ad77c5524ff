"""Views: the form, order and names of the columns that a model takes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from genlabel_robust.core import ConfigurationError, FloatArray, plural, quoted
from genlabel_robust.data.columns.encoding import Encoding
from genlabel_robust.data.rows import Rows

#: An array (n, c) with NaN for missing values, or a frame.
Form: TypeAlias = Literal["matrix", "frame"]

#: Patterns by which libraries name the columns of arrays, with nothing but the position.
_GENERATED = ("Column_{}", "f{}", "x{}", "{}")


@dataclass(frozen=True, eq=False)
class View:
    """A function from encoded rows (n, d) to c columns in ``order``, called ``names``.

    ``named``: whether the order follows names that the model itself has.
    """

    encoding: Encoding
    form: Form
    order: tuple[int, ...]
    names: tuple[str, ...]
    named: bool = False

    def __call__(self, raw: FloatArray) -> Any:
        """Return an array or a frame, which the model may change: (n, d) -> (n, c)."""
        moved = self.order != tuple(range(len(self.order)))
        if self.form == "matrix":
            matrix = self.encoding.matrix(raw)
            return matrix[:, self.order] if moved else matrix
        frame = self.encoding.frame(raw)
        frame = frame.iloc[:, list(self.order)] if moved else frame
        return frame if self.names == self.encoding.columns else frame.set_axis(self.names, axis=1)


def view_of(
    rows: Rows, form: Form, names: Sequence[str] | None = None, width: int | None = None
) -> View:
    """Return the view of ``rows`` for a model with columns ``names``, or with ``width`` columns.

    Columns are matched by name, where blanks may have become "_", or by position if either side has
    no names. Raises ``ConfigurationError`` for missing and extra columns.
    """
    own = rows.encoding.columns
    order = None if names is None else _by_name(own, names)
    if order is not None:
        return View(rows.encoding, form, order, tuple(names or ()), named=True)
    if names is not None and rows.framed and not _positional(names, own):
        raise _other_columns(own, names)
    width = width if names is None else len(names)
    if width is not None and width != len(own):
        raise ConfigurationError(
            f"the model was made for {plural(width, 'column')}, but the data have {len(own)}; give "
            "it the columns that it was trained on, in their order: --drop COLUMN leaves one out"
        )
    return View(rows.encoding, form, tuple(range(len(own))), tuple(names or own))


def refuse_not_numbers(rows: Rows, model: str, *, missing: bool = False) -> None:
    """Raise ``ConfigurationError`` unless a ``model`` of numbers can take ``rows``.

    ``missing``: whether it takes missing values.
    """
    encoding = rows.encoding
    problems = [
        f"{what} in {quoted(names)}"
        for what, names, taken in (
            ("categories", encoding.categories, False),
            ("missing values", encoding.missing, missing),
        )
        if names and not taken
    ]
    if not (problems or encoding.plain or missing):
        problems = ["true and false values that an attacker may change"]
    if problems:
        raise ConfigurationError(
            f"the data have {' and '.join(problems)}, but {model} takes only "
            f"{'numbers' if missing else 'finite numbers'}; encode them as numbers in the data, or "
            "wrap the model in a function that takes a frame"
        )


def _by_name(own: Sequence[str], names: Sequence[str]) -> tuple[int, ...] | None:
    """Return the position of each of ``names`` in ``own``, None if the two sets of names differ."""
    for known in (list(own), [name.replace(" ", "_") for name in own]):
        if len(known) == len(names) and len(set(known)) == len(known) and set(known) == set(names):
            return tuple(known.index(name) for name in names)
    return None


def made_up(names: Sequence[str]) -> str | None:
    """Return the pattern by which a library numbered unnamed columns, None for other names."""
    for pattern in _GENERATED:
        if list(names) == [pattern.format(i) for i in range(len(names))]:
            return pattern
    return None


def _positional(names: Sequence[str], own: Sequence[str]) -> bool:
    """Return whether ``names`` only number columns, and no name in ``own`` has their pattern."""
    pattern = made_up(names)
    if pattern is None:
        return False
    alike = re.compile(pattern.format(r"\d+"))
    return not any(alike.fullmatch(name) for name in own)


def _other_columns(own: Sequence[str], names: Sequence[str]) -> ConfigurationError:
    known = {name.replace(" ", "_") for name in own}
    lacking = [name for name in names if name.replace(" ", "_") not in known]
    wanted = {name.replace(" ", "_") for name in names}
    extra = [name for name in own if name.replace(" ", "_") not in wanted]
    differences = [f"the data lack {quoted(lacking)}"] if lacking else []
    differences += [f"they also have {quoted(extra)}; leave these out with --drop"] if extra else []
    return ConfigurationError(
        f"the model's columns are not those of the data: {', and '.join(differences)}"
        if differences
        else (
            f"the model's columns {quoted(list(names))} and the columns of the data "
            f"{quoted(list(own))} have names that are too similar to be matched; rename them"
        )
    )


def columns_of(estimator: Any) -> tuple[list[str] | None, int | None]:
    """Return the names of the columns of ``estimator``, or their number; None if unknown.

    Names take precedence over a number that contradicts them. A number below 1 does not count:
    CatBoost forgets its number of columns when it is pickled, and keeps the names, which may be
    numbers.
    """
    names = _attribute(estimator, "feature_names_in_")
    if names is not None:
        return [str(name) for name in names], None
    count = _attribute(estimator, "n_features_in_")
    width = int(count) if isinstance(count, int | np.integer) and count >= 1 else None
    own = _attribute(estimator, "feature_names_")
    if _texts(own) and width in (None, len(own)):
        # numbered columns define no order
        return (None, len(own)) if made_up(own) else (list(own), None)
    return None, width


def _attribute(estimator: Any, name: str) -> Any:
    try:
        return getattr(estimator, name, None)
    except Exception:  # a foreign class may compute it and fail
        return None


def _texts(names: Any) -> bool:
    return (
        isinstance(names, Sequence | np.ndarray)
        and not isinstance(names, str)
        and len(names) > 0
        and all(isinstance(name, str) for name in names)
    )
