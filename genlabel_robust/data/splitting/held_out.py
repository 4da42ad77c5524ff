"""A test part from its own file, which must match the training table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from genlabel_robust.core import DataError, IntArray, quoted, unknown_name
from genlabel_robust.data.columns.text_numbers import (
    as_categories,
    as_numbers,
    readings,
    refuse_doubtful,
    replaced,
)
from genlabel_robust.data.columns.whole_numbers import whole_columns
from genlabel_robust.data.features import is_numeric
from genlabel_robust.data.labels import label_codes
from genlabel_robust.data.sources.files import read_spec
from genlabel_robust.data.sources.source import Source
from genlabel_robust.data.splitting.splits import SplitConfig
from genlabel_robust.data.table import Table, column_names, is_number


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Test rows: features as in the table's columns (m, c), and labels ``y`` (m,) as codes.

    ``name``: its name in errors; ``whole``: the integer columns.
    """

    name: str
    frame: pd.DataFrame
    y: IntArray
    whole: frozenset[str]


def read_held_out(test_file: str, training: Source, table: Table, split: SplitConfig) -> HeldOut:
    """Read the rows of ``test_file``, with the columns and class codes of ``table``.

    ``test_file``: a path, with ``#target`` if its target has another name. The file may lack
    columns that ``split`` drops. Raises ``DataError`` if columns are missing or extra, if a numeric
    column is not numeric here, or for a label that the training part does not have.
    """
    held_out = read_spec(test_file, target=training.target, text=split.category)
    columns = column_names(held_out)
    if held_out.target not in columns:
        raise unknown_name("target column", held_out.target, columns)
    _check_columns(columns, held_out, training, split.drop)
    frame = held_out.frame.set_axis(columns, axis="columns")
    features = [*table.frame.columns]
    numbers = [name for name in features if is_number(table.frame[name])]
    texts = [name for name in features if name in {*split.category, *training.nominal}]
    found = readings(frame, numbers)
    refuse_doubtful(found, held_out.name)
    read = [name for name, reading in found.items() if reading.plain]
    frame = replaced(frame, {name: as_numbers(frame[name]) for name in read})
    frame = as_categories(frame, texts, held_out.name)
    textual = [
        name for name in numbers if not (is_numeric(frame[name]) or frame[name].isna().all())
    ]
    if textual:
        raise DataError(
            f"{held_out.name}: {quoted(textual)} is numeric in {table.name}, but not here; correct "
            "the values, or leave the column out with --drop COLUMN"
        )
    codes, labels = label_codes(frame[held_out.target], name=held_out.name)
    unseen = [label for label in labels if label not in table.classes]
    if unseen:
        raise DataError(
            f"{held_out.name}: no training row has the label {quoted(unseen)} (known: "
            f"{quoted(table.classes)}); remove those rows or train with that class"
        )
    code_of = np.array([table.classes.index(label) for label in labels], dtype=np.int64)
    as_read = held_out.frame.set_axis(columns, axis="columns")[features]
    return HeldOut(
        held_out.name, frame[features], code_of[codes], whole_columns(as_read, held_out.file)
    )


def _check_columns(
    columns: Sequence[str], held_out: Source, training: Source, drop: Sequence[str]
) -> None:
    ours = [c for c in map(str, training.frame.columns) if c != training.target and c not in drop]
    theirs = [c for c in columns if c != held_out.target and c not in drop]
    missing = [column for column in ours if column not in theirs]
    extra = [column for column in theirs if column not in ours]
    if missing or extra:
        parts = [
            f"{word} {quoted(names)}"
            for word, names in (("lacks", missing), ("adds", extra))
            if names
        ]
        raise DataError(
            f"{held_out.name}: compared with {training.name}, the test file {' and '.join(parts)}; "
            "both need the same columns (--drop COLUMN leaves one out of both)"
        )
