"""Rows in memory as a task: rows to test, and rows that say how far an attacker may go."""

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
    """Rows to test and to refer to, as finite floats, and what these stand for.

    ``x`` (n, d), ``reference`` (m, d) or None: as ``encoding`` encodes them. ``framed``:
    whether they came in a frame, whose columns have names. ``notices``: whole sentences.
    ``source``: the n rows untouched, a pandas frame or an array, None if they are not known.
    ``whole``: the encoded columns of whole numbers that an attacker changes by whole numbers.
    ``column_order``: whose order of columns was chosen, "data" or "reference", if one was.
    ``by``: as of ``Task``.
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
    """Return ``x`` (n, c), an array of numbers or a frame, and its reference rows, encoded.

    ``reference`` (m, c): rows that give ranges, box and starting points, ``x`` if None, which
    a notice then says; of two frames the columns are matched by name. ``free``: the categories
    that the attacker may change; ``whole``: the columns that the attacker is held to whole
    numbers in, see ``kept_whole``: integers of a frame stay integers. ``continuous``: columns
    of whole numbers that the attacker changes by fractions all the same, None for all of them.
    Whole is what is so in both, by its type or in the source of either: ``in_source``, see
    ``whole_columns``. ``called``: what errors call the two; ``most_levels``: the most of a
    category among ``free``, None for any number. Raises ``DataError`` for anything that cannot be
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
    """Return the columns of numbers that are whole in every table; an empty one says nothing."""
    tables = zip((cells, known or cells), (in_source[0], in_source[known is not None]), strict=True)
    said = [
        [None if column.empty else column.whole or column.name in names for column in table]
        for table, names in tables
    ]
    return [
        column.name
        for column, *told in zip(cells, *said, strict=True)
        if (column.kind == "number" or column.empty) and True in told and False not in told
    ]


def task_of_rows(name: str, rows: Rows, y: Any, classes: Sequence[Label]) -> Task:
    """Return the task of testing on all ``rows``, unscaled.

    ``y`` (n,): labels among ``classes``, the k labels in the order of a model's scores; they
    are matched as text, see ``Classes``. The reference's labels are not known: ``y_train`` is
    -1. Raises ``DataError`` for anything that cannot be evaluated.
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
    """Return the scaling that changes nothing."""
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
