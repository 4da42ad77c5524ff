"""Choice of the encoding of a table from the content of its columns."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from genlabel_robust.core import ConfigurationError, DataError, plural, quoted
from genlabel_robust.data.columns.cells import Cells, Level
from genlabel_robust.data.columns.encoding import Encoding
from genlabel_robust.data.columns.number_or_category import Category, Number, at_odds

#: A category with more levels than this would need too many columns to be changed.
MOST_LEVELS = 1000


def encoding_of(
    x: Sequence[Cells],
    reference: Sequence[Cells] | None,
    free: Collection[str] = (),
    whole: Collection[str] = (),
    what: str = "x",
    most_levels: int | None = MOST_LEVELS,
) -> tuple[Encoding, tuple[str, ...]]:
    """Return the encoding of the columns ``x``, and notices for the reader, as sentences.

    ``reference``: the same columns of other rows, in the same order; missing values become their
    lower medians, and a category has the levels of both. ``free``: the categories that the attacker
    may change; ``whole``: the columns that must stay integers; ``what``: the table's name in
    errors; ``most_levels``: the most levels of a category among ``free``, None for no limit. Raises
    ``DataError`` and ``ConfigurationError``.
    """
    parts: list[Number | Category] = []
    notices = []
    for i, cells in enumerate(x):
        known = cells if reference is None else reference[i]
        if not cells.empty and not known.empty and cells.kind != known.kind:
            raise at_odds(cells.name, what, cells.kind, known.kind)
        like = known if cells.empty else cells
        if like.kind == "number":
            number = _number(cells, known)
            is_whole = cells.name in whole
            parts.append(replace(number, dtype=cells.dtype) if is_whole else number)
        else:
            part = _category(cells, known, like, cells.name in free, what)
            if part.free and most_levels is not None and len(part.level_names) > most_levels:
                raise too_many_levels(part.name, len(part.levels))
            parts.append(part)
        notices += _unseen(cells, known)
    names = Counter(name for part in parts for name in part.names)
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise DataError(
            f"two columns would have the name {quoted(twice)} after categories and missing values "
            "get columns of their own; rename one of the table's columns"
        )
    return Encoding(tuple(parts)), tuple(notices)


def too_many_levels(name: str, count: int) -> ConfigurationError:
    """Build the error for a category with too many levels for an attacker to change."""
    return ConfigurationError(
        f"category {name!r} has {count} levels; at most {MOST_LEVELS} can be "
        "changed by an attacker: leave it immutable, or merge rare levels"
    )


def _number(cells: Cells, known: Cells) -> Number:
    if not (cells.absent.any() or known.absent.any()):
        return Number(cells.name)
    for column in (known, cells):
        if not column.empty:
            # the lower median: a column of integers, such as children, must not get a half
            there = np.sort(column.values[~column.absent])
            return Number(cells.name, float(there[(len(there) - 1) // 2]))
    return Number(cells.name, 0.0)


def _category(cells: Cells, known: Cells, like: Cells, free: bool, what: str) -> Category:
    if len(cells.missing) > 1:
        raise DataError(
            f"{what}: column {cells.name!r} writes missing values in more than one way, "
            f"{' and '.join(cells.missing)}; write all of them in the same way"
        )
    found = set() if cells.empty else cells.levels
    found |= set() if known.empty else known.levels
    levels: tuple[Level, ...] = tuple(sorted(found, key=str))
    if like.kind == "truth":
        levels = (False, True)
    gone = bool(cells.absent.any() or known.absent.any())
    missing = next((m for c in (like, cells, known) for m in c.missing), "NaN")
    more = [level for level in levels if level not in like.categories]
    return Category(
        name=cells.name,
        kind=like.kind,
        levels=levels,
        dtype=like.dtype,
        missing=missing if gone else None,
        # a category with one level has no other level to change to
        free=free and len(levels) + gone > 1,
        categories=(*like.categories, *more) if like.dtype == "category" else (),
        ordered=like.ordered and not more,
    )


def _unseen(cells: Cells, known: Cells) -> list[str]:
    """Return a notice about levels and missing values that no reference row has."""
    new: set[str] = set()
    if cells.kind != "number" and not cells.empty:
        new = {str(level) for level in cells.levels - (set() if known.empty else known.levels)}
    gone = bool(cells.absent.any()) and not known.absent.any()
    if not (new or gone):
        return []
    odd = np.array([str(value) in new for value in cells.values], dtype=bool) & ~cells.absent
    rows = int((odd | cells.absent if gone else odd).sum())
    contents = " and ".join([quoted(sorted(new))] * bool(new) + ["missing values"] * gone)
    return [
        f"Column {cells.name!r} holds {contents} in {plural(rows, 'row')}, but no reference row "
        "does: an attacker who may change the column can change these values, but not choose them."
    ]
