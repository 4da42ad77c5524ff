"""From a spec to a task: read, check, split and scale a table."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.core import DataError, EmptyDataError, FloatArray, IntArray, quoted
from genlabel_robust.data.columns.encoding import Encoding
from genlabel_robust.data.encoded import Frames, encode_frames, scaling_of
from genlabel_robust.data.features import FARTHEST, feature_matrix
from genlabel_robust.data.left_out import empty_columns, empty_notice
from genlabel_robust.data.notices import (
    grouped,
    overrepresented,
    sampled,
    shared,
    still_columns,
    untested,
)
from genlabel_robust.data.scaling import fit_scaling
from genlabel_robust.data.sources.catalogue import DATASETS
from genlabel_robust.data.sources.files import is_file_spec, read_spec
from genlabel_robust.data.sources.openml import PREFIX, read_openml
from genlabel_robust.data.sources.source import Source
from genlabel_robust.data.splitting.held_out import HeldOut, read_held_out
from genlabel_robust.data.splitting.sample import stratified_sample
from genlabel_robust.data.splitting.splits import (
    SplitConfig,
    check_training_classes,
    shuffled,
    split_rows,
)
from genlabel_robust.data.subgroups.choose import group_columns
from genlabel_robust.data.subgroups.column import GroupColumn
from genlabel_robust.data.table import Table, column_names, is_mixed, make_table
from genlabel_robust.data.task import Scaling, Task


def load_table(
    spec: str,
    *,
    seed: int = 0,
    drop: Sequence[str] = (),
    group: str | None = None,
    category: Sequence[str] = (),
    keep: Sequence[str] = (),
) -> Table:
    """Return the checked table that ``spec`` names, in the row order of its source.

    ``spec``: a registered name, ``openml:ID``, ``path.csv#target`` or ``path.parquet#target``.
    ``seed``: for drawing a synthetic data set. ``drop``, ``group``, ``category``, ``keep``: see
    ``make_table``. Raises ``UnknownNameError`` and ``DataError``.
    """
    source = _read(spec, seed, category)
    return make_table(source, drop=drop, group=group, category=category, keep=keep)


def load_task(
    spec: str,
    split: SplitConfig,
    scaling: str,
    *,
    whole_numbers: bool = False,
    continuous: Collection[str] = (),
    numbers_only: bool = False,
) -> Task:
    """Return the task of ``spec``: split by ``split``, scaled by ``scaling``.

    ``scaling``: one of ``SCALINGS``. ``whole_numbers``: whether integer columns, also those of a
    test file, are changed by whole numbers only, except those in ``continuous``. ``numbers_only``:
    whether to leave out non-numeric columns and refuse missing values, as in the paper's tables.
    The task's name is ``spec``, or for a file the file's name and target without the directory.
    Raises ``UnknownNameError``, ``ConfigurationError``, ``DataError`` and ``TooFewExamplesError``.
    """
    source = _read(spec, split.seed, split.category)
    table = make_table(
        source,
        drop=split.drop,
        group=split.group,
        category=split.category,
        keep=split.keep,
        numbers_only=numbers_only,
    )
    if split.test_file is None:
        train, test_ids = split_rows(table, split)
        test = HeldOut(table.name, table.frame.iloc[test_ids], table.y[test_ids], table.whole)
        by = [column.taken(test_ids) for column in _by(source, split)]
        groups = None if table.groups is None else table.groups[test_ids]
    else:
        groups = None
        train = shuffled(np.arange(len(table.y)), split.seed)
        # a column that only groups test rows need not be in the training file
        others = [name for name in split.by if name not in column_names(source)]
        test = read_held_out(
            split.test_file, source, table, replace(split, drop=(*split.drop, *others))
        )
        test_ids = np.arange(len(test.y))
        by = _by(read_spec(split.test_file, target=source.target, text=split.category), split)
    y_train, y_test = table.y[train], test.y
    check_training_classes(y_train, table.classes, name=table.name)
    if not len(y_test):
        raise EmptyDataError(f"{table.name}: the test part has no rows; raise the test share")
    mixed = not numbers_only and (is_mixed(table.frame) or is_mixed(test.frame))
    rows = _encoded if mixed else _plain
    found = rows(table, train, test, split, scaling, continuous if whole_numbers else None)
    kept = stratified_sample(y_test, split.max_examples or len(y_test), split.seed)
    x_train, x_test = found.x_train, found.x_test[kept]
    _refuse_far(table.name, found.names, x_test, found.scaling)
    return Task(
        name=table.name,
        x_train=x_train,
        y_train=y_train,
        x_test=x_test,
        y_test=y_test[kept],
        test_ids=test_ids[kept].astype(np.int64),
        feature_names=found.names,
        classes=table.classes,
        scaling=found.scaling,
        whole=found.whole,
        by=tuple(column.taken(kept) for column in by),
        notices=(
            *table.notices,
            *found.notices,
            *sampled(len(kept), len(y_test)),
            *([] if groups is None else grouped(groups[kept], str(split.group))),
            *overrepresented(y_test[kept], y_test, table.classes),
            *untested(y_test[kept], table.classes, y_test),
            *shared(x_train, x_test),
            *still_columns(found.encoding, x_train, found.names),
        ),
        encoding=found.encoding,
        limited="features" if found.encoding is None else "columns",
        left_out=(*table.left_out, *found.left_out),
    )


def _by(source: Source, split: SplitConfig) -> list[GroupColumn]:
    """Return the columns that group rows, for all rows of ``source``."""
    frame = source.frame.set_axis(column_names(source), axis="columns")
    return [*group_columns(frame, split.by, source.target, source.name)]


@dataclass(frozen=True, eq=False)
class _Rows:
    """Training rows (n, d) and test rows (m, d) with their features and scaling."""

    x_train: FloatArray
    x_test: FloatArray
    names: tuple[str, ...]
    scaling: Scaling
    whole: tuple[str, ...]
    notices: tuple[str, ...] = ()
    encoding: Encoding | None = None
    left_out: tuple[str, ...] = ()


def _plain(
    table: Table,
    train: IntArray,
    test: HeldOut,
    split: SplitConfig,
    scaling: str,
    continuous: Collection[str] | None,
) -> _Rows:
    """Return the rows of a table of plain numbers, unchanged."""
    x_train = table.x[train]
    x_test = feature_matrix(test.frame, table.feature_names, name=test.name)
    x_all = table.x if split.test_file is None else np.concatenate([table.x, x_test])
    integers = () if continuous is None else table.whole & test.whole
    return _Rows(
        x_train,
        x_test,
        table.feature_names,
        fit_scaling(scaling, x_train, x_all),
        tuple(name for name in table.feature_names if name in integers),
    )


def _encoded(
    table: Table,
    train: IntArray,
    test: HeldOut,
    split: SplitConfig,
    scaling: str,
    continuous: Collection[str] | None,
) -> _Rows:
    """Return the encoded rows of a table with categories or missing values."""
    frame = table.frame.iloc[train]
    empty = empty_columns(frame, split.keep, "training rows")
    frames = Frames(
        frame.drop(columns=empty),
        test.frame.drop(columns=empty),
        (table.name, test.name),
        (table.whole, test.whole),
    )
    if not len(frames.train.columns):
        raise DataError(f"{table.name}: no column has a value in any of the training rows")
    rows = encode_frames(frames, keep=split.keep, continuous=continuous)
    return _Rows(
        rows.x_train,
        rows.x_test,
        rows.encoding.feature_names,
        scaling_of(scaling, rows),
        rows.whole,
        (*empty_notice(empty, "training rows"), *rows.notices),
        rows.encoding,
        tuple(empty),
    )


def _read(spec: str, seed: int, category: Sequence[str]) -> Source:
    if spec.startswith(PREFIX):
        return read_openml(spec)
    if is_file_spec(spec):
        return read_spec(spec, text=category)
    return Source(spec, DATASETS.load(spec)(seed), "target")


def _refuse_far(
    name: str, feature_names: tuple[str, ...], x_test: FloatArray, scaling: Scaling
) -> None:
    """Raise ``DataError`` if a scaled test value does not fit into a model's float32."""
    far = np.abs((x_test - scaling.offset) / scaling.scale) > FARTHEST
    if far.any():
        names = [feature_names[column] for column in np.flatnonzero(far.any(axis=0))]
        raise DataError(
            f"{name}: test values of {quoted(names)} lie more than {FARTHEST:g} training "
            "scales from the training part; correct those rows, or leave the column out with "
            "--drop COLUMN"
        )
