"""Text cells that can be read as numbers, or that were probably meant as numbers."""

import re
import shlex
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from genlabel_robust.core import SHOWN, ConfigurationError, DataError, plural, quoted, unknown_name
from genlabel_robust.data.classes import label_text
from genlabel_robust.data.columns.cells import is_frame

#: What pandas reads as a finite number in a CSV file; surrounding blanks are allowed.
_PLAIN = re.compile(r"[ \t\r\n]*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[ \t\r\n]*")
#: What a person reads as a number, after signs and blanks are normalised: 1 000, 1_000, 1.000,5,
#: 1,5.
_MEANT = re.compile(
    r"[+-]? ?(?:[0-9]{1,3}(?:([ .,_'])[0-9]{3})(?:\1[0-9]{3})*|[0-9]+(?:_[0-9]+)*|(?=[.,][0-9]))"
    r"(?:[.,][0-9]*)?(?:[eE][+-]?[0-9]+)? ?%?"
)
#: What people write in a column of numbers for a missing value, in lower case.
_MARKERS = frozenset(
    (
        "",
        "?",
        "??",
        "-",
        "--",
        ".",
        "..",
        "*",
        "/",
        "x",
        "n/a",
        "na",
        "nan",
        "null",
        "nil",
        "none",
        "missing",
        "unknown",
        "undefined",
        "inf",
        "-inf",
        "+inf",
        "infinity",
        "-infinity",
        "#n/a",
        "#value!",
        "#ref!",
        "#div/0!",
    )
)
#: How many odd cells of a column a message quotes.
_CELLS = 3


@dataclass(frozen=True)
class Reading:
    """The result of reading the n present cells of a column of text as numbers.

    ``odd``: the first cells that are not plain numbers, with their rows, and ``n_odd`` their count;
    ``meant``: whether a person would read most cells as numbers, apart from marks of missing
    values.
    """

    n: int
    n_odd: int
    odd: tuple[tuple[int, str], ...]
    meant: bool

    @property
    def plain(self) -> bool:
        """Whether all cells are plain numbers."""
        return self.n > 0 and self.n_odd == 0

    @property
    def doubtful(self) -> bool:
        """Whether a person would read most cells as numbers, but not all are plain numbers."""
        return self.meant and self.n_odd > 0


def is_plain(text: str) -> bool:
    """Return whether a reader of CSV files would take ``text`` for a finite number."""
    return _PLAIN.fullmatch(text) is not None


def is_meant(text: str) -> bool:
    """Return whether a person would read ``text`` as a number, in any digits and spacing."""
    # no-break and thin spaces become plain spaces, full-width digits become ASCII
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    plain = plain.replace("\u2212", "-").replace("\u2013", "-").removeprefix("'")
    plain = "".join(str(unicodedata.digit(s)) if s.isdigit() else s for s in plain)
    return _PLAIN.fullmatch(plain) is not None or _MEANT.fullmatch(plain) is not None


def is_text(column: pd.Series) -> bool:
    """Return whether a column contains text and is not declared as a category."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return False
    if isinstance(column.dtype, pd.StringDtype):
        return True
    kept = str(column.dtype) == "object" or "string" in str(column.dtype)
    return kept and any(isinstance(value, str) for value in column.dropna())


def reading_of(column: pd.Series) -> Reading | None:
    """Return the reading of a column of text; None if the column contains something else."""
    if not is_text(column):
        return None
    present = column.notna().to_numpy(dtype=bool)
    rows = np.flatnonzero(present)
    cells = [value if isinstance(value, str) else str(value) for value in column[present]]
    plain = {cell: is_plain(cell) for cell in set(cells)}
    odd = [(int(row), cell) for row, cell in zip(rows, cells, strict=True) if not plain[cell]]
    unmarked = [cell for cell in cells if cell.strip().lower() not in _MARKERS]
    known = {cell: plain[cell] or is_meant(cell) for cell in set(unmarked)}
    numbers = sum(known[cell] for cell in unmarked)
    return Reading(len(cells), len(odd), tuple(odd[:_CELLS]), 2 * numbers > len(unmarked))


def readings(frame: pd.DataFrame, columns: Collection[str]) -> dict[str, Reading]:
    """Return the readings of those ``columns`` that contain text, by name."""
    found = {str(name): reading_of(frame[name]) for name in frame.columns if str(name) in columns}
    return {name: reading for name, reading in found.items() if reading is not None}


def refuse_doubtful(found: Mapping[str, Reading], what: str) -> None:
    """Raise ``DataError`` if most cells of a column are numbers, but not all.

    ``found``: as from ``readings``; ``what``: the table's name in errors.
    """
    doubtful = {name: reading for name, reading in found.items() if reading.doubtful}
    if not doubtful:
        return
    descriptions = [
        f"column {name!r} ({plural(r.n_odd, 'cell')} of {r.n}, such as "
        + ", ".join(f"{_shortened(cell)} in row {row}" for row, cell in r.odd)
        + ")"
        for name, r in [*doubtful.items()][:SHOWN]
    ]
    more = f", and {len(doubtful) - SHOWN} more columns" if len(doubtful) > SHOWN else ""
    options = " ".join(f"--category {shlex.quote(name)}" for name in [*doubtful][:SHOWN])
    raise DataError(
        f"{what} has cells that are not numbers in columns of numbers: "
        f"{', '.join(descriptions)}{more} (rows count from 0); write these cells with digits and a "
        "decimal point only, and leave missing values empty, or read the columns as text: "
        f"{options} (in Python: category={[*doubtful][:SHOWN]})"
    )


def checked(rows: Any, category: Sequence[str], what: str) -> tuple[Any, Mapping[str, Reading]]:
    """Return ``rows`` with the columns ``category`` as text, and readings of other text columns.

    ``rows``: an array, or a frame, which is returned as a pandas frame. Raises ``DataError`` if
    most cells of a column are numbers, but not all; ``UnknownNameError`` for a ``category`` that is
    not a column of the frame, and ``ConfigurationError`` for any ``category`` of an array.
    """
    if not is_frame(rows):
        _refuse_category_of_array(category, what)
        return rows, {}
    frame = rows.to_pandas() if hasattr(rows, "to_pandas") else rows
    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names):  # the reader of the cells reports this
        return frame, {}
    frame = as_categories(frame, category, what)
    found = readings(frame, set(names) - set(category))
    refuse_doubtful(found, what)
    return frame, found


def as_numbers(column: pd.Series) -> pd.Series:
    """Convert a column whose present cells are all plain numbers to floats, NaN for missing."""
    values = [
        np.nan if gone else float(cell) for cell, gone in zip(column, column.isna(), strict=True)
    ]
    return pd.Series(values, index=column.index, name=column.name, dtype=np.float64)


def as_categories(frame: pd.DataFrame, category: Sequence[str], what: str) -> pd.DataFrame:
    """Return ``frame`` with the columns ``category`` converted to text.

    Whole floats are written as integers: 1.0 becomes "1". Raises ``UnknownNameError`` for a column
    that the frame does not have.
    """
    names = [str(name) for name in frame.columns]
    for name in category:
        if name not in names:
            raise unknown_name("column", name, names, of=what, where="to read as text")
    changed = {
        name: _text(column)
        for name, (_, column) in zip(names, frame.items(), strict=True)
        if name in category and not _only_text(column)
    }
    # by label: column names of a frame may be numbers
    labels = dict(zip(names, frame.columns, strict=True))
    return replaced(frame, {labels[name]: column for name, column in changed.items()})


def _refuse_category_of_array(category: Sequence[str], what: str) -> None:
    """Raise ``ConfigurationError`` if ``category`` is set for an array without column names."""
    if category:
        raise ConfigurationError(
            f"category names {quoted(list(category))}, but {what} is an array, whose columns have "
            "no names and contain only numbers; give a pandas frame"
        )


def replaced(frame: pd.DataFrame, columns: Mapping[Any, pd.Series]) -> pd.DataFrame:
    """Return a copy of ``frame`` with some columns replaced by ``columns``, by label."""
    # a shallow copy is enough: columns are replaced, and none is written to
    frame = frame.copy(deep=False)
    for label, column in columns.items():
        frame[label] = column
    return frame


def _only_text(column: pd.Series) -> bool:
    if isinstance(column.dtype, pd.CategoricalDtype | pd.StringDtype):
        return True
    return all(isinstance(value, str) for value in column.dropna())


def _text(column: pd.Series) -> pd.Series:
    values = np.empty(len(column), dtype=object)
    values[:] = [
        np.nan if gone else label_text(value)
        for value, gone in zip(column, column.isna(), strict=True)
    ]
    return pd.Series(values, index=column.index, name=column.name).infer_objects()


def _shortened(cell: str) -> str:
    # quoted as in Python, so that no-break spaces and typographic minus signs are visible
    written = ascii if is_meant(cell) else repr
    return written(cell) if len(cell) <= 40 else written(cell[:40]) + "…"
