"""Kinds of columns that are recognised by their values: integers, and one-hot groups."""

import re
from collections.abc import Sequence

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray

#: Separates the name of a category from its level in a 0/1 column: region_north, sex=male.
_SEPARATOR = re.compile(r"[_=.:/\- ]")


def whole_numbers(x: FloatArray) -> BoolArray:
    """Mark the columns (d,) of ``x`` (n, d) whose values are all integers."""
    return np.asarray((x == np.rint(x)).all(axis=0))


def one_hot_groups(x: FloatArray, names: Sequence[str]) -> list[list[int]]:
    """Return groups of 0/1 columns of ``x`` (n, d) of which exactly one is 1 in every row.

    Columns with a common prefix ("region_north", "region_south") are tried first, then neighbouring
    columns. Constant columns belong to no group.
    """
    binary = np.isin(x, (0.0, 1.0)).all(axis=0) & (x.min(axis=0) < x.max(axis=0))
    open_ = [int(i) for i in np.flatnonzero(binary)]
    groups = []
    by_prefix: dict[str, list[int]] = {}
    for i in open_:
        *begins, _ = _SEPARATOR.split(names[i])
        by_prefix.setdefault(" ".join(begins), []).append(i)
    for beginning, columns in by_prefix.items():
        if beginning and len(columns) > 1 and (x[:, columns].sum(axis=1) == 1).all():
            groups.append(columns)
    open_ = [i for i in open_ if not any(i in group for group in groups)]
    while open_:
        group = _beginning(x, open_)
        if len(group) > 1:
            groups.append(group)
        open_ = open_[max(len(group), 1) :]
    return sorted(groups)


def _beginning(x: FloatArray, columns: Sequence[int]) -> list[int]:
    """Return the first neighbouring ``columns`` that form a group, or an empty list."""
    total = np.zeros(len(x))
    for count, column in enumerate(columns):
        if column != columns[0] + count:
            break
        total += x[:, column]
        if (total > 1).any():
            break
        if (total == 1).all():
            return list(columns[: count + 1])
    return []
