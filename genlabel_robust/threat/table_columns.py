"""Columns of a table as an attacker sees them: each consists of one feature or of several."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray
from genlabel_robust.data.columns.encoding import Encoding
from genlabel_robust.data.columns.number_or_category import Number

#: A group of more columns is named by its first and its last column.
_NAMED = 3


@dataclass(frozen=True)
class TableColumn:
    """A column of the table, with the numbers of the ``features`` that encode it.

    The features of a category that may change are a one-hot group, and so are 0/1 columns that the
    user declared as one: ``levels`` (w,) then contains their meanings. ``flag``: the feature that
    marks missing numbers, None if no value can be missing.
    """

    name: str
    features: tuple[int, ...]
    levels: tuple[str, ...] = ()
    flag: int | None = None


def table_columns(
    names: Sequence[str], encoding: Encoding | None, groups: Sequence[Sequence[int]]
) -> tuple[TableColumn, ...]:
    """Return the columns of a table whose d features are called ``names``, in order.

    ``encoding``: how the features encode its columns, None if they are the columns. ``groups``: the
    one-hot groups, by the numbers of their features.
    """
    parts = _parts(names, encoding)
    of_group = {group[0]: tuple(group) for group in groups}
    members = {feature for group in groups for feature in group}
    columns = []
    for name, features, flag in parts:
        if features[0] in of_group:
            own = of_group[features[0]]
            columns.append(_group(name, features, own, names))
        elif features[0] not in members:
            columns.append(TableColumn(name, features, flag=flag))
    return tuple(columns)


def changed_columns(
    columns: Sequence[TableColumn], before: FloatArray, after: FloatArray
) -> BoolArray:
    """Mark the ``columns`` (c,) that differ between the rows ``before`` and ``after``: (q, c).

    Both arrays of rows are (q, d).
    """
    moved = before != after
    marks = [moved[:, list(column.features)].any(axis=1) for column in columns]
    return np.stack(marks, axis=1)


def _parts(
    names: Sequence[str], encoding: Encoding | None
) -> Iterator[tuple[str, tuple[int, ...], int | None]]:
    """Yield the name of each column, its features, and the feature that marks missing values."""
    if encoding is None:
        yield from ((name, (i,), None) for i, name in enumerate(names))
        return
    start = 0
    for part in encoding.parts:
        features = tuple(range(start, start + len(part.names)))
        start += len(part.names)
        may_lack = isinstance(part, Number) and part.fill is not None
        yield part.name, features, features[1] if may_lack else None


def _group(
    name: str, features: tuple[int, ...], group: tuple[int, ...], names: Sequence[str]
) -> TableColumn:
    """Return the column of a one-hot group, which may join several columns of the table."""
    levels = tuple(names[i] for i in group)
    if len(features) > 1:
        return TableColumn(name, group, tuple(level.removeprefix(f"{name}=") for level in levels))
    listed = levels if len(levels) <= _NAMED else (levels[0], "…", levels[-1])
    return TableColumn(" / ".join(listed), group, levels)
