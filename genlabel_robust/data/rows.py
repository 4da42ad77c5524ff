"""Rows in memory as a task: test rows, and reference rows for ranges and the box."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from genlabel_robust.core import DataError, FloatArray, LabelsError, plural
from genlabel_robust.data.classes import Classes, Label, in_order, label_text, labels
from genlabel_robust.data.columns.cells import Cells, in_order_of, is_frame, read_cells
from genlabel_robust.data.columns.choose_encoding import MOST_LEVELS, encoding_of
from genlabel_robust.data.columns.encoding import Encoding
from genlabel_robust.data.subgroups.column import GroupColumn
from genlabel_robust.data.task import Scaling, Task

NO_REFERENCE = (
    "No reference rows were given, so ε and the box refer to the ranges of the test rows, and "
    "attacks start from test rows."
)


@dataclass(frozen=True, eq=False)
class Rows:
    """Test rows and reference rows as finite floats, with their encoding.

    ``x`` (n, d), ``reference`` (m, d) or None: encoded by ``encoding``. ``framed``: whether they
    came in a frame, which has column names. ``notices``: sentences. ``source``: the original n
    rows, a pandas frame or an array, None if unknown. ``whole``: the encoded columns that an
    attacker changes by whole numbers. ``column_order``: whose order of columns was chosen, "data"
    or "reference", if there was a choice. ``by``: as in ``Task``.
    """

    x: FloatArray
    reference: FloatArray | None
    encoding: Encoding
    framed: bool
    notices: tuple[str, ...] = ()
    source: Any = None
    whole: tuple[str, ...] = ()
    column_order: str | None = None
    by: tuple[GroupColumn, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the encoded columns (d,)."""
        return self.encoding.feature_names


def rows_of(
    x: Any,
    reference: Any = None,
    free: Collection[str] = (),
    whole: Collection[str] = (),
    *,
    continuous: Collection[str] | None = None,
    in_source: tuple[Collection[str], Collection[str]] = ((), ()),
    called: tuple[str, str] = ("x", "the reference"),
    most_levels: int | None = MOST_LEVELS,
) -> Rows:
    """Encode ``x`` (n, c), an array of numbers or a frame, and its reference rows.

    ``reference`` (m, c): rows that define ranges, box and starting points; if None, ``x`` does, and
    a notice says so. The columns of two frames are matched by name. ``free``: the categories that
    the attacker may change; ``whole``: the columns that the attacker must change by whole numbers,
    see ``kept_whole``: integers of a frame stay integers. ``continuous``: integer columns that the
    attacker may change by fractions, None for all of them. A column counts as integer if it is so
    in both tables, by its type or by the table's source: ``in_source``, see ``whole_columns``.
    ``called``: the names of the two tables in errors; ``most_levels``: the most levels of a
    category among ``free``, None for no limit. Raises ``DataError`` for anything that cannot be
    evaluated.
    """
    own, other = called
    cells = read_cells(x, own)
    if is_frame(x) and hasattr(x, "to_pandas"):
        x = x.to_pandas()
    columns = [column.name for column in cells]
    known = None
    if reference is not None:
        known = in_order_of(columns, reference, other, own, by_name=is_frame(x))
    found: list[str] = []
    if continuous is not None:
        found = [name for name in _whole(cells, known, in_source) if name not in continuous]
    encoding, notices = encoding_of(cells, known, free, {*whole, *found}, own, most_levels)
    return Rows(
        x=encoding.encode_cells(cells, own),
        reference=None if known is None else encoding.encode_cells(known, other),
        encoding=encoding,
        framed=is_frame(x),
        notices=notices if known is not None else (NO_REFERENCE, *notices),
        source=x if is_frame(x) else np.asarray(x),
        whole=tuple(found),
    )


def _whole(
    cells: Sequence[Cells],
    known: Sequence[Cells] | None,
    in_source: tuple[Collection[str], Collection[str]],
) -> list[str]:
    """Return the numeric columns that are integer in every table; empty columns do not count."""
    tables = zip((cells, known or cells), (in_source[0], in_source[known is not None]), strict=True)
    by_table = [
        [None if column.empty else column.whole or column.name in names for column in table]
        for table, names in tables
    ]
    return [
        column.name
        for column, *flags in zip(cells, *by_table, strict=True)
        if (column.kind == "number" or column.empty) and True in flags and False not in flags
    ]


def task_of_rows(name: str, rows: Rows, y: Any, classes: Sequence[Label]) -> Task:
    """Return the task of testing on all ``rows``, unscaled.

    ``y`` (n,): labels among ``classes``, the k labels in the order of a model's scores; they are
    matched as text, see ``Classes``. ``y_train`` is -1, because the labels of the reference are
    unknown. Raises ``DataError`` for anything that cannot be evaluated.
    """
    known, found = Classes(tuple(classes)), labels(y)
    codes = np.array([known.code(label) for label in found], dtype=np.int64)
    unknown = in_order([label for label, code in zip(found, codes, strict=True) if code < 0])
    if unknown:
        raise LabelsError(
            f"has the labels {list(unknown[:10])}, which the model does not have; it has "
            f"{list(classes[:10])}"
        )
    if len(codes) != len(rows.x):
        raise DataError(f"x has {plural(len(rows.x), 'row')} and y {plural(len(codes), 'label')}")
    reference = rows.x if rows.reference is None else rows.reference
    return Task(
        name=name,
        x_train=reference,
        y_train=np.full(len(reference), -1, dtype=np.int64),
        x_test=rows.x,
        y_test=codes,
        test_ids=np.arange(len(rows.x), dtype=np.int64),
        feature_names=rows.names,
        classes=known.names,
        scaling=identity_scaling(len(rows.names)),
        notices=rows.notices,
        column_order=rows.column_order,
        ranges="test" if rows.reference is None else "reference",
        encoding=None if rows.encoding.trivial else rows.encoding,
        whole=tuple(name for name in rows.names if name in rows.whole),
        by=rows.by,
    )


def identity_scaling(n_features: int) -> Scaling:
    """Return the identity scaling."""
    return Scaling("identity", np.zeros(n_features), np.ones(n_features))


__all__ = [
    "NO_REFERENCE",
    "Classes",
    "Label",
    "Rows",
    "identity_scaling",
    "in_order",
    "label_text",
    "labels",
    "rows_of",
    "task_of_rows",
]
