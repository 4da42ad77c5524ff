"""A checked table: its features as numbers, its class labels, and notices about changes."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype

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
from genlabel_robust.data.columns.cells import read_cells
from genlabel_robust.data.columns.encoding import Encoding
from genlabel_robust.data.columns.many_levels import refuse_many_levels
from genlabel_robust.data.columns.text_numbers import (
    as_categories,
    as_numbers,
    readings,
    refuse_doubtful,
    replaced,
)
from genlabel_robust.data.columns.whole_numbers import whole_columns
from genlabel_robust.data.features import feature_matrix, is_numeric
from genlabel_robust.data.labels import check_classes, label_codes
from genlabel_robust.data.left_out import (
    empty_columns,
    empty_notice,
    identifiers_of_numbers,
    identifiers_of_text,
    left_out_notice,
)
from genlabel_robust.data.rows import rows_of
from genlabel_robust.data.sources.read_as_missing import read_as_missing
from genlabel_robust.data.sources.source import Source


@dataclass(frozen=True, eq=False)
class Table:
    """A checked table in the row order of its source.

    ``x`` (n, d) finite, raw; ``y`` (n,) codes into ``classes``; ``groups`` (n,) codes of the group
    column, or None. ``notices``: sentences. ``whole``: the integer features, see ``whole_columns``.
    ``encoding``: how the features encode the table's columns, fitted on all rows; None if each
    column is a plain number. ``frame``: these columns (n, c) as they were read. ``left_out``: other
    columns that are not features, although the user did not drop them.
    """

    name: str
    x: FloatArray
    y: IntArray
    feature_names: tuple[str, ...]
    classes: tuple[str, ...]
    groups: IntArray | None = None
    notices: tuple[str, ...] = ()
    whole: frozenset[str] = frozenset()
    frame: pd.DataFrame = field(default_factory=pd.DataFrame)
    encoding: Encoding | None = None
    left_out: tuple[str, ...] = ()


def make_table(
    source: Source,
    *,
    drop: Sequence[str] = (),
    group: str | None = None,
    category: Sequence[str] = (),
    keep: Sequence[str] = (),
    numbers_only: bool = False,
) -> Table:
    """Check ``source`` and return its table.

    Categories, and numbers that can be missing, become features as in ``Encoding``. Empty columns
    and columns that look like identifiers are left out, and notices name them.

    ``drop``: columns to leave out; ``group``: the column of group names, which is then not a
    feature; ``category``: columns to read as text; ``keep``: columns that are not identifiers. A
    column of text whose cells can all be read as numbers becomes numeric, and a notice says so.
    ``numbers_only``: leave out all non-numeric columns instead. Raises ``UnknownNameError`` for a
    column that does not exist, ``ConfigurationError`` for conflicting settings, ``DataError`` and
    ``TooFewExamplesError`` for a table that cannot be evaluated.
    """
    columns = column_names(source)
    _check_roles(columns, source.target, drop, group, category)
    _check_kept(columns, source.target, drop, group, keep)
    left_out = {source.target, group, *drop}
    as_read = source.frame.set_axis(columns, axis="columns")
    candidates = [column for column in columns if column not in left_out]
    texts = {*category, *source.nominal}
    open_ = [column for column in candidates if column not in texts]
    found = readings(as_read, open_)
    refuse_doubtful(found, source.name)
    read = [column for column, reading in found.items() if reading.plain]
    frame = replaced(as_read, {column: as_numbers(as_read[column]) for column in read})
    if numbers_only:
        features = [column for column in open_ if is_numeric(frame[column])]
        lost: list[str] = []
        dropped = [*_nominal(source, candidates), *_dropped(candidates, features, source.nominal)]
    else:
        listed = [column for column in candidates if column in texts]
        frame = as_categories(frame, listed, source.name)
        features, lost, dropped = _features(frame[candidates], keep, source.name)
    if not features:
        raise DataError(
            f"{source.name}: no feature column is left (left out: "
            f"{quoted([c for c in columns if c != source.target]) or 'none'}); a model needs one"
        )
    frame = frame[features]
    encoding = None
    if not numbers_only and is_mixed(frame):
        encoding, x = encoded(frame, source.name, keep)
    else:
        x = feature_matrix(frame, features, name=source.name)
    y, classes = label_codes(as_read[source.target], name=source.name)
    check_classes(y, classes, name=source.name)
    missing = () if source.file is None else read_as_missing(source.file, as_read, features)
    return Table(
        name=source.name,
        x=x,
        y=y,
        feature_names=tuple(features) if encoding is None else encoding.feature_names,
        classes=classes,
        frame=frame,
        groups=None if group is None else _group_codes(source, columns.index(group)),
        notices=(
            *source.notices,
            *_read_as_numbers(read, kept=not numbers_only),
            *dropped,
            *(() if encoding is None else missing),
        ),
        whole=whole_columns(as_read[features], source.file),
        encoding=encoding,
        left_out=tuple(lost),
    )


def is_mixed(frame: pd.DataFrame) -> bool:
    """Return whether ``frame`` contains anything but numbers, or a missing value."""
    return any(not is_number(column) or column.isna().any() for _, column in frame.items())


def is_number(column: pd.Series) -> bool:
    """Return whether a column contains real numbers; True and False do not count."""
    return is_numeric(column) and not is_bool_dtype(column.dtype)


def encoded(
    frame: pd.DataFrame, name: str, keep: Collection[str] = ()
) -> tuple[Encoding, FloatArray]:
    """Return the encoding of ``frame`` (n, c), with a 0/1 column per level, and its rows (n, d).

    ``name``, ``keep``: as for ``make_table``.
    """
    refuse_many_levels(read_cells(frame, name), keep, name)
    rows = rows_of(frame, free={*frame.columns}, called=(name, ""), most_levels=None)
    return rows.encoding, rows.x


def _features(
    frame: pd.DataFrame, keep: Collection[str], name: str
) -> tuple[list[str], list[str], list[str]]:
    """Return the feature columns of ``frame``, the other columns, and notices."""
    empty = empty_columns(frame, keep, "rows")
    frame = frame.drop(columns=empty)
    lost: list[str] = []
    if is_mixed(frame):
        cells = read_cells(frame, name)
        lost = identifiers_of_text(cells, keep)
        # so that a table of plain numbers keeps all of them
        if is_mixed(frame.drop(columns=lost)):
            lost += identifiers_of_numbers(cells, keep)
    notices = [*empty_notice(empty, "rows"), *left_out_notice(lost, len(frame))]
    features = [column for column in frame.columns if column not in lost]
    return features, [*empty, *lost], notices


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
            f"{source.name}: the table has no rows; it needs rows of at least two classes"
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
            raise unknown_name("column", column, columns, where="to drop")
        if column in (target, group):
            role = "target" if column == target else "group"
            raise ConfigurationError(
                f"column {column!r} is the {role} column, so it cannot be dropped as well; choose "
                "one"
            )
    for column in category:
        if column not in columns:
            raise unknown_name("column", column, columns, where="to read as text")
    if group is not None and group not in columns:
        raise unknown_name("group column", group, columns)
    if group == target:
        raise ConfigurationError(
            f"column {target!r} is named both as target and as group; groups need another column"
        )


def _check_kept(
    columns: Sequence[str],
    target: str,
    drop: Sequence[str],
    group: str | None,
    keep: Sequence[str],
) -> None:
    for column in keep:
        if column not in columns:
            raise unknown_name("column", column, columns, where="to keep")
        if column in drop:
            raise ConfigurationError(
                f"column {column!r} is given both with --keep and with --drop; choose one"
            )
        if column in (target, group):
            role = "target" if column == target else "group"
            raise ConfigurationError(
                f"column {column!r} is the {role} column, so it cannot be kept as a feature; "
                "choose one"
            )


def _read_as_numbers(names: Sequence[str], *, kept: bool) -> list[str]:
    if not names:
        return []
    holds = "holds" if len(names) == 1 else "hold"
    otherwise = f"make {names[0]!r} a category" if kept else f"leave {names[0]!r} out as text"
    return [
        f"{quoted(names)} {holds} text that reads as numbers in every cell, and {holds} numbers "
        f"here; --category {names[0]!r} would {otherwise}."
    ]


def _nominal(source: Source, candidates: Sequence[str]) -> list[str]:
    nominal = [column for column in source.nominal if column in candidates]
    if not nominal:
        return []
    return [
        f"Dropped {plural(len(nominal), 'nominal column')} (listed in nominal.csv): "
        f"{quoted(nominal)}; only numeric features are evaluated."
    ]


def _dropped(
    candidates: Sequence[str], features: Sequence[str], nominal: Sequence[str]
) -> list[str]:
    others = [column for column in candidates if column not in {*features, *nominal}]
    if not others:
        return []
    return [
        f"Dropped {plural(len(others), 'column')} with categories or text instead of numbers: "
        f"{quoted(others)}; encode those that should be features as numbers."
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
