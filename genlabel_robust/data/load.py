"""From a spec to a task: read, check, split, scale."""

from collections.abc import Sequence

import numpy as np

from genlabel_robust.core import DataError, EmptyDataError, FloatArray, quoted
from genlabel_robust.data.features import FARTHEST
from genlabel_robust.data.held_out import read_held_out
from genlabel_robust.data.notices import fixed, sampled, shared, untested
from genlabel_robust.data.sample import stratified_sample
from genlabel_robust.data.scaling import fit_scaling
from genlabel_robust.data.sources.catalogue import DATASETS
from genlabel_robust.data.sources.files import is_file_spec, read_spec
from genlabel_robust.data.sources.openml import PREFIX, read_openml
from genlabel_robust.data.sources.source import Source
from genlabel_robust.data.splits import SplitConfig, check_training_classes, shuffled, split_rows
from genlabel_robust.data.subgroups.choose import group_columns
from genlabel_robust.data.subgroups.column import GroupColumn
from genlabel_robust.data.table import Table, column_names, make_table
from genlabel_robust.data.task import Scaling, Task


def load_table(
    spec: str,
    *,
    seed: int = 0,
    drop: Sequence[str] = (),
    group: str | None = None,
    category: Sequence[str] = (),
) -> Table:
    """Return the checked table that ``spec`` names, in the row order of its source.

    ``spec``: a registered name, ``openml:ID``, ``path.csv#target`` or
    ``path.parquet#target``. ``seed``: of a synthetic set's draw. ``drop``, ``group``,
    ``category``: see ``make_table``. Raises ``UnknownNameError`` and ``DataError``.
    """
    return make_table(_read(spec, seed), drop=drop, group=group, category=category)


def load_task(spec: str, split: SplitConfig, scaling: str, *, whole_numbers: bool = False) -> Task:
    """Return the task of ``spec``: split by ``split``, scaled by ``scaling``.

    ``scaling``: one of ``SCALINGS``. ``whole_numbers``: whether columns of whole numbers, in
    the test file too if there is one, are changed by whole numbers only. The task's name is
    ``spec``; for a file it is the file's name and target without the directory. Raises
    ``UnknownNameError``, ``ConfigurationError``, ``DataError`` and ``TooFewExamplesError``.
    """
    source = _read(spec, split.seed)
    table = make_table(source, drop=split.drop, group=split.group, category=split.category)
    if split.test_file is None:
        train, test_ids = split_rows(table, split)
        x_test, y_test, x_all = table.x[test_ids], table.y[test_ids], table.x
        by = [column.taken(test_ids) for column in _by(source, split)]
        whole = table.whole
    else:
        train = shuffled(np.arange(len(table.y)), split.seed)
        # what only tells groups of test rows apart need not be in the training file
        others = [name for name in split.by if name not in column_names(source)]
        left_out = [*split.drop, *others]
        x_test, y_test, held_whole = read_held_out(split.test_file, source, table, left_out)
        whole = table.whole & held_whole
        test_ids = np.arange(len(y_test))
        by = _by(read_spec(split.test_file, target=source.target), split)
        x_all = np.concatenate([table.x, x_test])
    x_train, y_train = table.x[train], table.y[train]
    check_training_classes(y_train, table.classes, name=table.name)
    if not len(y_test):
        raise EmptyDataError(f"{table.name}: the test part has no rows; raise the test share")
    kept = stratified_sample(y_test, split.max_examples or len(y_test), split.seed)
    fitted = fit_scaling(scaling, x_train, x_all)
    _refuse_far(table, x_test[kept], fitted)
    return Task(
        name=table.name,
        x_train=x_train,
        y_train=y_train,
        x_test=x_test[kept],
        y_test=y_test[kept],
        test_ids=test_ids[kept].astype(np.int64),
        feature_names=table.feature_names,
        classes=table.classes,
        scaling=fitted,
        whole=tuple(name for name in table.feature_names if whole_numbers and name in whole),
        by=tuple(column.taken(kept) for column in by),
        notices=(
            *table.notices,
            *sampled(len(kept), len(y_test)),
            *untested(y_test[kept], table.classes, y_test),
            *shared(x_train, x_test[kept]),
            *fixed(x_train, table.feature_names),
        ),
    )


def _by(source: Source, split: SplitConfig) -> list[GroupColumn]:
    """Return the columns of all rows of ``source`` that tell groups apart."""
    frame = source.frame.set_axis(column_names(source), axis="columns")
    return [*group_columns(frame, split.by, source.target, source.name)]


def _read(spec: str, seed: int) -> Source:
    if spec.startswith(PREFIX):
        return read_openml(spec)
    if is_file_spec(spec):
        return read_spec(spec)
    return Source(spec, DATASETS.load(spec)(seed), "target")


def _refuse_far(table: Table, x_test: FloatArray, scaling: Scaling) -> None:
    """Raise ``DataError`` where a scaled test value does not fit into a model's float32."""
    far = np.abs((x_test - scaling.offset) / scaling.scale) > FARTHEST
    if far.any():
        names = [table.feature_names[column] for column in np.flatnonzero(far.any(axis=0))]
        raise DataError(
            f"{table.name}: test values of {quoted(names)} lie more than {FARTHEST:g} training "
            "scales from the training part; correct those rows, or leave the column out with "
            "--drop COLUMN"
        )
