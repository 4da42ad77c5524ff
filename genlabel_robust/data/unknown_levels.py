"""Levels of a category, and missing values, that a test row has and the training part lacks."""

from collections.abc import Collection, Sequence

import numpy as np

from genlabel_robust.core import BoolArray
from genlabel_robust.data.columns.number_or_category import Category, Number
from genlabel_robust.data.scaling import constant
from genlabel_robust.data.task import Task


def unknown_levels(task: Task, groups: Collection[Sequence[int]]) -> BoolArray:
    """Mark the 0/1 columns (d,) of ``groups`` that never change but in test rows.

    A row may leave such a level for another one, and none may take it on: nothing is known of
    rows that have it. If the training part has one level only, that one may be taken on, and is
    not left.
    """
    marks = np.zeros(task.n_features, dtype=bool)
    columns = np.array([column for group in groups for column in group], dtype=np.int64)
    known = task.x_train[:, columns]
    other = (task.x_test[:, columns] != known[:1]).any(axis=0)
    marks[columns] = constant(known) & other
    return marks


def unknown_blanks(task: Task) -> BoolArray:
    """Mark the columns (d,) that say of a number that it is missing, as it is in test rows only.

    Such a value may be filled in, and none may go missing: nothing is known of rows without it.
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
