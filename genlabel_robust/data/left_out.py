"""Columns that carry no information for training: identifiers and empty columns."""

import re
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from genlabel_robust.core import ConfigurationError, plural, quoted
from genlabel_robust.data.columns.cells import Cells
from genlabel_robust.data.notices.identifiers import numbers_identify, texts_identify

#: Words that mark a column's name as that of an identifier.
_NAMES = frozenset(
    ("id", "ids", "identifier", "index", "key", "no", "nr", "number", "row", "unnamed", "uuid")
)
#: Splits names into words: customer_id, CustomerID, customerId, "Unnamed: 0".
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+")


def empty_columns(frame: pd.DataFrame, keep: Collection[str], where: str) -> list[str]:
    """Return the columns of ``frame`` in which every value is missing.

    ``where``: the name of its rows in errors. Raises ``ConfigurationError`` for one in ``keep``.
    """
    empty = [name for name in frame.columns if frame[name].isna().all()]
    for name in empty:
        if name in keep:
            raise ConfigurationError(
                f"column {name!r} cannot be kept (--keep), because it has no value in any of the "
                f"{where}; leave out --keep for it"
            )
    return empty


def identifiers_of_text(cells: Sequence[Cells], keep: Collection[str]) -> list[str]:
    """Return the categories, except those of true and false, that identify the rows.

    Either there are at least 20 present values and 95 % of them are distinct, or all of any number
    are distinct and the column's name contains a word such as "id", "row" or "number".
    """
    return [
        one.name
        for one in cells
        if one.kind in ("text", "coded") and one.name not in keep and _names_rows(one)
    ]


def identifiers_of_numbers(cells: Sequence[Cells], keep: Collection[str]) -> list[str]:
    """Return the columns that number the rows and whose name says so.

    At least 20 values are present; all are whole, distinct and close to each other. The name must
    say so, because a measurement may have all these properties.
    """
    return [
        one.name
        for one in cells
        if one.kind == "number"
        and one.name not in keep
        and _named_so(one.name)
        and numbers_identify(one.values[~one.absent])
    ]


def left_out_notice(identifiers: Sequence[str], n_rows: int) -> list[str]:
    """Return a notice about ``identifiers`` that were left out, and how to keep them."""
    if not identifiers:
        return []
    one = len(identifiers) == 1
    return [
        f"Left out {plural(len(identifiers), 'column')} that {'looks' if one else 'look'} like "
        f"{'an identifier' if one else 'identifiers'}, because (nearly) each of the "
        f"{n_rows:,} rows has a value of its own: {quoted(identifiers)}; "
        f"--keep {identifiers[0]!r} would encode {'it' if one else 'the first'}."
    ]


def empty_notice(empty: Sequence[str], where: str) -> list[str]:
    """Return a notice about columns without a value in the rows ``where``."""
    if not empty:
        return []
    return [
        f"Left out {plural(len(empty), 'column')} without any value in the {where}: "
        f"{quoted(empty)}."
    ]


def _names_rows(one: Cells) -> bool:
    levels, codes = np.unique(one.values[~one.absent].astype(str), return_inverse=True)
    different = 1 < len(levels) == len(codes)
    return texts_identify(codes) or (different and _named_so(one.name))


def _named_so(name: str) -> bool:
    return not _NAMES.isdisjoint(word.lower() for word in _WORD.findall(name))
