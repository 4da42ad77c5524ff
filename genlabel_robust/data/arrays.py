"""Arrays in memory as a task: rows to test, and rows that say how far an attacker may go."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, TypeAlias

import numpy as np

from genlabel_robust.core.arrays import BoolArray, FloatArray, IntArray
from genlabel_robust.core.errors import DataError
from genlabel_robust.data.task import Scaling, Task
from genlabel_robust.data.wording import plural, quoted

#: A label as its owner writes it: a number, a text, a boolean.
Label: TypeAlias = Hashable

#: Features beyond this overflow in a model's float32 once they are multiplied.
_FARTHEST = 1e30

NO_REFERENCE = (
    "No reference rows were given: the ranges that ε and the box refer to, and the points that "
    "attacks start from, are those of x itself."
)


def task_of_arrays(
    name: str, x: Any, y: Any, classes: Sequence[Label], *, reference: Any = None
) -> Task:
    """Return the task of testing on all rows of ``x``, unscaled.

    ``x`` (n, d): numbers, in an array or a frame; ``y`` (n,): labels among ``classes``, the
    k labels in the order of a model's scores. ``reference`` (m, d): rows that give ranges,
    box and starting points, ``x`` if None, which a notice then says. Its labels are not
    known: ``y_train`` is -1. Raises ``DataError`` for anything that cannot be evaluated.
    """
    rows, names = features(x, "x")
    codes = _codes(labels(y), classes)
    if len(codes) != len(rows):
        raise DataError(f"x has {plural(len(rows), 'row')} and y {plural(len(codes), 'label')}")
    known: FloatArray = rows
    notices: tuple[str, ...] = (NO_REFERENCE,)
    if reference is not None:
        known, notices = _reference(reference, x, names), ()
    return Task(
        name=name,
        x_train=known,
        y_train=np.full(len(known), -1, dtype=np.int64),
        x_test=rows,
        y_test=codes,
        test_ids=np.arange(len(rows), dtype=np.int64),
        feature_names=names,
        classes=tuple(str(label) for label in classes),
        scaling=identity_scaling(len(names)),
        notices=notices,
    )


def identity_scaling(n_features: int) -> Scaling:
    """Return the scaling that changes nothing."""
    return Scaling("identity", np.zeros(n_features), np.ones(n_features))


def features(x: Any, what: str) -> tuple[FloatArray, tuple[str, ...]]:
    """Return ``x`` as finite floats (n, d), and the names of its columns.

    A frame has names; columns of an array are "x0", "x1", and so on. ``what``: its name in
    messages. Raises ``DataError``.
    """
    try:
        rows = np.array(x, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{what} must be numbers, (n, d): {error}") from error
    if rows.ndim != 2 or 0 in rows.shape:
        raise DataError(f"{what} has shape {rows.shape}; it must be (n, d), with n and d above 0")
    columns = getattr(x, "columns", None)
    names = tuple(f"x{i}" for i in range(rows.shape[1]))
    names = names if columns is None else tuple(str(column) for column in columns)
    if len(set(names)) < len(names):
        raise DataError(f"{what}: two columns have the same name; give every column its own")
    bad: BoolArray = ~(np.abs(rows) <= _FARTHEST)
    if bad.any():
        found = [names[column] for column in np.flatnonzero(bad.any(axis=0))]
        raise DataError(
            f"{what}: values that are missing, infinite or above {_FARTHEST:g} in {quoted(found)} "
            f"({plural(int(bad.any(axis=1).sum()), 'row')}); fill or leave out those rows"
        )
    return rows, names


def labels(y: Any) -> list[Label]:
    """Return the labels ``y`` (n,) as plain Python values; raises ``DataError``."""
    if len(np.shape(y)) != 1:
        raise DataError(f"y has shape {np.shape(y)}; it must be (n,), one label for each row of x")
    values = y.tolist() if hasattr(y, "tolist") else list(y)
    values = [value.item() if isinstance(value, np.generic) else value for value in values]
    missing = sum(_missing(value) for value in values)
    if missing:
        raise DataError(f"y has no label in {plural(missing, 'row')}; label or leave out those")
    return values


def in_order(found: Sequence[Label]) -> tuple[Label, ...]:
    """Return the different ``found`` labels: numbers as numbers, all else as text."""
    different = set(found)
    numbers = [value for value in different if isinstance(value, int | float)]
    if len(numbers) == len(different):
        return tuple(sorted(numbers))
    return tuple(sorted(different, key=str))


def _missing(value: Any) -> bool:
    # NaN is not itself; pandas' NA and NaT say so by their names
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value


def _codes(found: Sequence[Label], classes: Sequence[Label]) -> IntArray:
    if len({str(label) for label in classes}) < 2:
        raise DataError(
            f"there is one class only, {quoted([str(c) for c in classes])}; at least two are needed"
        )
    if len({str(label) for label in classes}) < len(classes):
        raise DataError(
            f"two of the classes are written alike: {quoted([str(label) for label in classes])}"
        )
    number = {label: code for code, label in enumerate(classes)}
    unknown = in_order([label for label in found if label not in number])
    if unknown:
        raise DataError(
            f"y has the labels {list(unknown[:10])}, which the model does not know; it knows "
            f"{list(classes[:10])}"
        )
    return np.array([number[label] for label in found], dtype=np.int64)


def _reference(reference: Any, x: Any, names: tuple[str, ...]) -> FloatArray:
    """Return the reference rows, by the order of the columns of ``x``."""
    rows, own = features(reference, "reference")
    if len(own) != len(names):
        raise DataError(f"x has {len(names)} columns and the reference has {len(own)}")
    if not (hasattr(x, "columns") and hasattr(reference, "columns")) or own == names:
        return rows
    if set(own) != set(names):
        odd = sorted(set(own) ^ set(names))
        raise DataError(f"x and the reference do not have the same columns: {quoted(odd)}")
    return rows[:, [own.index(name) for name in names]]
