"""Levels of a category and missing values that only test rows have."""

from collections.abc import Collection, Sequence

import numpy as np

from genlabel_robust.core import BoolArray
from genlabel_robust.data.columns.number_or_category import Category, Number
from genlabel_robust.data.scaling import constant
from genlabel_robust.data.task import Task


def unknown_levels(task: Task, groups: Collection[Sequence[int]]) -> BoolArray:
    """Mark the 0/1 columns (d,) of ``groups`` that are constant except in test rows.

    A row may leave such a level, but no row may change to it, because nothing is known about rows
    that have it. If the training part has a single level, that one is the exception: a row may
    change to it, but not leave it.
    """
    marks = np.zeros(task.n_features, dtype=bool)
    columns = np.array([column for group in groups for column in group], dtype=np.int64)
    known = task.x_train[:, columns]
    other = (task.x_test[:, columns] != known[:1]).any(axis=0)
    marks[columns] = constant(known) & other
    return marks


def unknown_blanks(task: Task) -> BoolArray:
    """Mark the columns (d,) that mark missing numbers, if only test rows have such values.

    The attacker may fill in such a value, but may not remove one, because nothing is known about
    rows without it.
    """
    marks = np.zeros(task.n_features, dtype=bool)
    start = 0
    for part in () if task.encoding is None else task.encoding.parts:
        if isinstance(part, Number) and part.fill is not None:
            flag = start + 1
            marks[flag] = not task.x_train[:, flag].any() and bool(task.x_test[:, flag].any())
        start += len(part.names)
    return marks


def levels_of(task: Task) -> list[list[int]]:
    """Return the columns of each category of ``task`` that the attacker may change."""
    groups, start = [], 0
    for part in () if task.encoding is None else task.encoding.parts:
        if isinstance(part, Category) and part.free:
            groups.append(list(range(start, start + len(part.names))))
        start += len(part.names)
    return groups
