"""A table: numeric features, class labels, and what was done to get there."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genlabel_robust.core import (
    ConfigurationError,
    DataError,
    EmptyDataError,
    FloatArray,
    IntArray,
    plural,
    quoted,
    unknown_name,
)
from genlabel_robust.data.columns.text_numbers import (
    as_numbers,
    readings,
    refuse_doubtful,
    replaced,
)
from genlabel_robust.data.columns.whole_numbers import whole_columns
from genlabel_robust.data.features import feature_matrix, is_numeric
from genlabel_robust.data.labels import check_classes, label_codes
from genlabel_robust.data.sources.source import Source


@dataclass(frozen=True, eq=False)
class Table:
    """A checked table in the row order of its source.

    ``x`` (n, d) finite, raw; ``y`` (n,) codes into ``classes``; ``groups`` (n,)
    codes of the group column, or None. ``notices``: whole sentences. ``whole``: the
    features of whole numbers, see ``whole_columns``.
    """

    name: str
    x: FloatArray
    y: IntArray
    feature_names: tuple[str, ...]
    classes: tuple[str, ...]
    groups: IntArray | None = None
    notices: tuple[str, ...] = ()
    whole: frozenset[str] = frozenset()


def make_table(
    source: Source,
    *,
    drop: Sequence[str] = (),
    group: str | None = None,
    category: Sequence[str] = (),
) -> Table:
    """Check ``source`` and return its table; non-numeric columns are dropped with a notice.

    ``drop``: columns to leave out; ``group``: the column of group names, which is
    then no feature; ``category``: columns of text, whatever they hold. A column of text whose
    cells all read as numbers is one of numbers, and a notice says so. Raises ``UnknownNameError``
    for a column that does not exist, ``ConfigurationError`` for settings at odds, ``DataError``
    and ``TooFewExamplesError`` for a table that cannot be evaluated.
    """
    columns = column_names(source)
    _check_roles(columns, source.target, drop, group, category)
    left_out = {source.target, group, *drop}
    frame = source.frame.set_axis(columns, axis="columns")
    candidates = [column for column in columns if column not in left_out]
    open_ = [column for column in candidates if column not in category]
    found = readings(frame, open_)
    refuse_doubtful(found, source.name)
    read = [column for column, reading in found.items() if reading.plain]
    frame = replaced(frame, {column: as_numbers(frame[column]) for column in read})
    features = [column for column in open_ if is_numeric(frame[column])]
    if not features:
        raise DataError(
            f"{source.name}: no numeric feature column is left "
            f"(not numeric: {quoted(candidates) or 'none'}); encode at least one as numbers"
        )
    x = feature_matrix(frame, features, name=source.name)
    y, classes = label_codes(frame[source.target], name=source.name)
    check_classes(y, classes, name=source.name)
    return Table(
        name=source.name,
        x=x,
        y=y,
        feature_names=tuple(features),
        classes=classes,
        groups=None if group is None else _group_codes(source, columns.index(group)),
        notices=(*source.notices, *_read_as_numbers(read), *_dropped(candidates, features)),
        whole=whole_columns(source.frame.set_axis(columns, axis="columns")[features], source.file),
    )


def column_names(source: Source) -> list[str]:
    """Return the columns of ``source`` as text; raises ``DataError`` if empty or ambiguous."""
    columns = [str(column) for column in source.frame.columns]
    twice = [column for column, count in Counter(columns).items() if count > 1]
    if twice:
        raise DataError(
            f"{source.name}: more than one column is named {quoted(twice)}; "
            "give every column its own name"
        )
    if not len(source.frame):
        raise EmptyDataError(
            f"{source.name}: the table has no rows; rows of at least two classes are needed"
        )
    return columns


def _check_roles(
    columns: Sequence[str],
    target: str,
    drop: Sequence[str],
    group: str | None,
    category: Sequence[str],
) -> None:
    if target not in columns:
        raise unknown_name("target column", target, columns)
    for column in drop:
        if column not in columns:
            raise unknown_name("column to drop", column, columns)
        if column in (target, group):
            role = "target" if column == target else "group"
            raise ConfigurationError(
                f"column {column!r} is the {role} column and is to be dropped as well; "
                "do one of both"
            )
    for column in category:
        if column not in columns:
            raise unknown_name("column of text", column, columns)
    if group is not None and group not in columns:
        raise unknown_name("group column", group, columns)
    if group == target:
        raise ConfigurationError(
            f"column {target!r} is named as target and as group; groups need another column"
        )


def _read_as_numbers(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    holds = "holds" if len(names) == 1 else "hold"
    return [
        f"{quoted(names)} {holds} text that reads as numbers in every cell, and {holds} numbers "
        f"here; --category {names[0]!r} would leave {names[0]!r} out as text."
    ]


def _dropped(candidates: Sequence[str], features: Sequence[str]) -> list[str]:
    others = [column for column in candidates if column not in features]
    if not others:
        return []
    return [
        f"Dropped {plural(len(others), 'column')} with categories or text instead of numbers: "
        f"{quoted(others)}; encode as numbers what should be a feature."
    ]


def _group_codes(source: Source, position: int) -> IntArray:
    column = source.frame.iloc[:, position]
    missing = int(column.isna().sum())
    if missing:
        raise DataError(
            f"{source.name}: the group column {str(column.name)!r} is empty in "
            f"{plural(missing, 'row')}; name the group of each row, or remove those rows"
        )
    codes, _ = column.factorize()
    return np.asarray(codes, dtype=np.int64)
