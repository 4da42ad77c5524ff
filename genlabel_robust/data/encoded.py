"""A table of categories and missing values as training and test rows of numbers.

What a category's levels are features of, and what stands for a missing value, is learned from the
training rows. Levels that only test rows have get a feature, so that each row can be written back,
and models do not see it.
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

#: The scale of a feature that models do not see: what they get of its 1 is a thousandth of the
#: last bit of any sum, and no infinity, whose products are no numbers.
UNSEEN = 2.0**100


@dataclass(frozen=True, eq=False)
class Frames:
    """The same columns of training rows and of test rows, and what errors call the two.

    ``whole``: of either, the columns that its source has as whole numbers.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    called: tuple[str, str]
    whole: tuple[Collection[str], Collection[str]]


@dataclass(frozen=True, eq=False)
class EncodedRows:
    """Rows as ``encoding`` has them, ``x_train`` (n, d) and ``x_test`` (m, d).

    ``whole``: the features of whole numbers. ``notices``: whole sentences.
    """

    x_train: FloatArray
    x_test: FloatArray
    encoding: Encoding
    whole: tuple[str, ...]
    notices: tuple[str, ...]


def encode_frames(
    frames: Frames, *, keep: Collection[str] = (), continuous: Collection[str] | None = ()
) -> EncodedRows:
    """Return ``frames`` encoded, a 0/1 column for each level of a category.

    ``keep``: columns that may have very many levels. ``continuous``: columns of whole numbers
    that an attacker changes by fractions all the same, None for all of them. Raises ``DataError``
    where the two do not fit, or where a category has too many levels.
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
    """Return the scaling ``name`` of encoded ``rows``, see ``fit_scaling``.

    What the training rows never tell apart, a level that none or each of them has, is not seen
    by models.
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
    """Mark the features (d,) that are levels of a category, or say that a value is missing."""
    marks = []
    for part in encoding.parts:
        marks += [isinstance(part, Category)] + [True] * (len(part.names) - 1)
    return np.array(marks)


def _encoded(encoding: Encoding) -> list[str]:
    """Say what became of columns that are not plain numbers."""
    categories = [part.name for part in encoding.parts if isinstance(part, Category)]
    filled = [
        f"{part.name!r} ({part.fill:.6g})"
        for part in encoding.parts
        if isinstance(part, Number) and part.fill is not None
    ]
    told = []
    if categories:
        told.append(
            f"{quoted(categories)} {'is a category' if len(categories) == 1 else 'are categories'} "
            "and became 0/1 features, one for each level"
        )
    if filled:
        several = len(filled) > 1
        told.append(
            f"missing values of {', '.join(filled)} became the training median{'s' * several}, in "
            "brackets, with a 0/1 feature that marks them"
        )
    return [f"Encoded: {'; '.join(told)}."] if told else []


def _unseen(train: list[Cells], test: list[Cells]) -> list[str]:
    """Say of which levels, and missing values, test rows have some and no training row has."""
    told = []
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
            held = " and ".join([quoted(sorted(new))] * bool(new) + ["missing values"] * gone)
            seen = "the training median" if known.kind == "number" else "none of the levels"
            told.append(
                f"Column {known.name!r} holds {held} in {plural(int(odd.sum()), 'test row')}, and "
                f"in no training row: models see {seen} there."
            )
    return told
