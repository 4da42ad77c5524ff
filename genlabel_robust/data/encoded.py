"""Training and test rows of a table with categories and missing values, as numbers.

Levels and fills are learned from the training rows. Levels that occur only in test rows get a
feature too, so that each row can be decoded, but models do not see it.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from genlabel_robust.core import BoolArray, FloatArray, plural, quoted
from genlabel_robust.data.columns.cells import Cells, read_cells
from genlabel_robust.data.columns.encoding import Encoding
from genlabel_robust.data.columns.many_levels import many_levels_notice, refuse_many_levels
from genlabel_robust.data.columns.number_or_category import Category, Number
from genlabel_robust.data.rows import rows_of
from genlabel_robust.data.scaling import constant, fit_scaling
from genlabel_robust.data.task import Scaling

#: The scale of a feature that models do not see: its 1 then changes a sum by a thousandth of the
#: last bit, without an infinity, whose products may be NaN.
UNSEEN = 2.0**100


@dataclass(frozen=True, eq=False)
class Frames:
    """The same columns of training rows and test rows, with their names in errors.

    ``whole``: for each of the two, the columns that its source has as integers.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    called: tuple[str, str]
    whole: tuple[Collection[str], Collection[str]]


@dataclass(frozen=True, eq=False)
class EncodedRows:
    """Encoded training rows ``x_train`` (n, d) and test rows ``x_test`` (m, d).

    ``whole``: the integer features. ``notices``: sentences.
    """

    x_train: FloatArray
    x_test: FloatArray
    encoding: Encoding
    whole: tuple[str, ...]
    notices: tuple[str, ...]


def encode_frames(
    frames: Frames, *, keep: Collection[str] = (), continuous: Collection[str] | None = ()
) -> EncodedRows:
    """Encode ``frames``, with a 0/1 column for each level of a category.

    ``keep``: columns that may have very many levels. ``continuous``: integer columns that an
    attacker may change by fractions, None for all of them. Raises ``DataError`` if the two frames
    do not fit together, or if a category has too many levels.
    """
    name, test_name = frames.called
    cells = read_cells(frames.train, name)
    refuse_many_levels(cells, keep, name)
    rows = rows_of(
        frames.test,
        frames.train,
        free={*frames.train.columns},
        continuous=continuous,
        in_source=(frames.whole[1], frames.whole[0]),
        called=(test_name, name),
        most_levels=None,
    )
    x_train = rows.x if rows.reference is None else rows.reference
    return EncodedRows(
        x_train,
        rows.x,
        rows.encoding,
        tuple(feature for feature in rows.names if feature in rows.whole),
        (
            *_encoded(rows.encoding),
            *many_levels_notice(cells),
            *_unseen(cells, read_cells(frames.test, test_name)),
        ),
    )


def scaling_of(name: str, rows: EncodedRows) -> Scaling:
    """Return the scaling ``name`` of encoded ``rows``; see ``fit_scaling``.

    Models do not see a level that no training row has, or that every one has.
    """
    fitted = fit_scaling(name, rows.x_train, np.concatenate([rows.x_train, rows.x_test]))
    hidden = _marks(rows.encoding) & constant(rows.x_train)
    fills, start = [], 0
    for part in rows.encoding.parts:
        if isinstance(part, Number) and part.fill is not None:
            fills.append((start, part.fill))
        start += len(part.names)
    return Scaling(name, fitted.offset, np.where(hidden, UNSEEN, fitted.scale), tuple(fills))


def _marks(encoding: Encoding) -> BoolArray:
    """Mark the features (d,) that are levels of a category or marks of missing values."""
    marks = []
    for part in encoding.parts:
        marks += [isinstance(part, Category)] + [True] * (len(part.names) - 1)
    return np.array(marks)


def _encoded(encoding: Encoding) -> list[str]:
    """Return a notice about columns that are not plain numbers."""
    categories = [part.name for part in encoding.parts if isinstance(part, Category)]
    filled = [
        f"{part.name!r} ({part.fill:.6g})"
        for part in encoding.parts
        if isinstance(part, Number) and part.fill is not None
    ]
    clauses = []
    if categories:
        clauses.append(
            f"{quoted(categories)} {'is a category' if len(categories) == 1 else 'are categories'} "
            "and became 0/1 features, one for each level"
        )
    if filled:
        several = len(filled) > 1
        clauses.append(
            f"missing values of {', '.join(filled)} became the training median{'s' * several}, in "
            "brackets, with a 0/1 feature that marks them"
        )
    return [f"Encoded: {'; '.join(clauses)}."] if clauses else []


def _unseen(train: list[Cells], test: list[Cells]) -> list[str]:
    """Return notices about levels and missing values that only test rows have."""
    notices = []
    by_name = {cells.name: cells for cells in test}
    for known in train:
        cells = by_name[known.name]
        new: set[str] = set()
        if known.kind != "number" and not cells.empty:
            new = {str(level) for level in cells.levels - known.levels}
        odd = np.array([str(value) in new for value in cells.values], dtype=bool) & ~cells.absent
        gone = bool(cells.absent.any()) and not known.absent.any()
        if gone:
            odd |= cells.absent
        if odd.any():
            contents = " and ".join([quoted(sorted(new))] * bool(new) + ["missing values"] * gone)
            seen = "the training median" if known.kind == "number" else "none of the levels"
            notices.append(
                f"Column {known.name!r} holds {contents} in {plural(int(odd.sum()), 'test row')}, "
                f"and in no training row: models see {seen} there."
            )
    return notices
