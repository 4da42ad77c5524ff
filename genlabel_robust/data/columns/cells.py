"""Columns of an array or a frame as numbers or categories, without silent conversion."""

import numbers
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from pandas.api import types

from genlabel_robust.core import BoolArray, DataError, FloatArray, plural, quoted
from genlabel_robust.data.columns.whole_numbers import all_whole, is_whole, whole_by_schema
from genlabel_robust.data.features import FARTHEST

#: A level of a category: a text, a truth value, or a number in a categorical column.
Level: TypeAlias = str | bool | int | float
#: The kind of a column: plain numbers, or levels of a category, which have one type.
Kind: TypeAlias = Literal["number", "text", "truth", "coded"]

#: The content of each kind of column, in messages.
CONTENT: dict[str, str] = {
    "number": "numbers",
    "text": "text",
    "truth": "True and False",
    "coded": "categories that are numbers",
}
#: The names of pandas' own integer types.
_WHOLE = re.compile("[uU]?[iI]nt(8|16|32|64)")


@dataclass(frozen=True, eq=False)
class Cells:
    """One column: its values (n,), and the types in which its source stores them.

    ``values``: floats with NaN for a column of numbers, otherwise levels in an object array;
    ``absent`` (n,) marks missing values, which the source writes as ``missing``: "NaN", "None" or
    "NA". ``dtype``: "float64" for numbers, or "int64", "Int64" and so on for integers; for other
    columns "object", "str", "string", "bool", "boolean", or "category", the latter with all
    ``categories``, ``ordered`` or not. ``whole``: whether the type of the numbers is an integer
    type.
    """

    name: str
    kind: Kind
    values: Any
    absent: BoolArray
    dtype: str = "float64"
    missing: tuple[str, ...] = ()
    categories: tuple[Level, ...] = ()
    ordered: bool = False
    whole: bool = False

    @property
    def empty(self) -> bool:
        """Whether every value is missing, so that the column fits any kind."""
        return bool(self.absent.all())

    @property
    def levels(self) -> set[Level]:
        """The levels that occur."""
        return set(self.values[~self.absent].tolist())


def is_frame(x: Any) -> bool:
    """Return whether ``x`` has named and typed columns."""
    return hasattr(x, "columns") and (hasattr(x, "dtypes") or hasattr(x, "to_pandas"))


def read_cells(x: Any, what: str) -> list[Cells]:
    """Return the d columns of ``x`` (n, d), an array or a frame.

    A frame has its own column names; an array must be numeric, and its columns are called "x0",
    "x1", and so on. ``what``: its name in messages. Raises ``DataError``.
    """
    found = _of_frame(x, what) if is_frame(x) else _of_array(x, what)
    _refuse_far(found, what)
    return found


def in_order_of(
    columns: Sequence[str], rows: Any, what: str, other: str = "x", *, by_name: bool = True
) -> list[Cells]:
    """Return the columns of ``rows`` (n, c) in the order of ``columns``.

    The columns of a frame are matched by name, those of an array by position. ``by_name``: False if
    ``columns``, those of ``other``, have no names of their own. Raises ``DataError``.
    """
    found = read_cells(rows, what)
    if len(found) != len(columns):
        raise DataError(f"{other} has {len(columns)} columns and {what} has {len(found)}")
    if not (by_name and is_frame(rows)):
        return [replace(cells, name=name) for cells, name in zip(found, columns, strict=True)]
    named = {cells.name: cells for cells in found}
    if set(named) != set(columns):
        odd = sorted(set(named) ^ set(columns))
        raise DataError(f"{other} and {what} do not have the same columns: {quoted(odd)}")
    return [named[name] for name in columns]


def _of_array(x: Any, what: str) -> list[Cells]:
    try:
        array = np.asarray(x)
        # np.array(..., dtype=float64) would read '1' as a number and cut off imaginary parts
        odd = array.dtype.kind not in "biufO" or (
            array.dtype.kind == "O"
            and not all(_is_number(v) for v in array.ravel() if v is not None)
        )
        if odd:
            raise DataError(
                f"{what} must be numbers, (n, d), but has the type {_type_name(array)}; if columns "
                "are text, give a pandas frame, and give dates as numbers"
            )
        rows = np.array(array, dtype=np.float64)
    except (TypeError, ValueError, RuntimeError) as error:
        raise DataError(f"{what} must be numbers, (n, d): {error}") from error
    if rows.ndim != 2 or 0 in rows.shape:
        raise DataError(f"{what} has shape {rows.shape}; it must be (n, d), with n and d above 0")
    whole = [array.dtype.kind in "biu"] * rows.shape[1]
    if array.dtype.kind == "O":
        whole = [all_whole([v for v in column if not _is_nan(v)]) for column in array.T]
    return [replace(_number(f"x{i}", column), whole=whole[i]) for i, column in enumerate(rows.T)]


def _of_frame(x: Any, what: str) -> list[Cells]:
    known = whole_by_schema(x) if hasattr(x, "to_pandas") else frozenset()
    frame = x.to_pandas() if hasattr(x, "to_pandas") else x
    names = [str(column) for column in frame.columns]
    if 0 in frame.shape:
        raise DataError(f"{what} has shape {frame.shape}; it must be (n, d), with n and d above 0")
    if len(set(names)) < len(names):
        raise DataError(f"{what}: two columns have the same name; give every column its own")
    found = [_column(frame.iloc[:, i], name, what) for i, name in enumerate(names)]
    return [replace(cells, whole=True) if cells.name in known else cells for cells in found]


def _column(column: pd.Series, name: str, what: str) -> Cells:
    dtype = column.dtype
    absent = np.asarray(column.isna().to_numpy(), dtype=bool)
    if types.is_complex_dtype(dtype) or getattr(dtype, "kind", "O") in "mM":
        raise _refused(name, what, str(dtype))
    if isinstance(dtype, pd.CategoricalDtype):
        categories = [_plain(level) for level in dtype.categories]
        kind = _kind(categories, name, what)
        return Cells(
            name,
            "coded" if kind == "number" else kind,
            _levels(column, absent),
            absent,
            "category",
            ("NaN",) * bool(absent.any()),
            tuple(categories),
            bool(dtype.ordered),
        )
    if types.is_bool_dtype(dtype):
        nullable = types.is_extension_array_dtype(dtype)
        return _category(column, name, "truth", absent, "boolean" if nullable else "bool")
    if types.is_numeric_dtype(dtype):
        floats = column.to_numpy(dtype=np.float64, na_value=np.nan)
        number = _number(name, floats, _type_of_numbers(dtype))
        return replace(number, whole=is_whole(column))
    if isinstance(dtype, pd.StringDtype):
        # read_csv's default text type since pandas 3 uses NaN for missing values, the older one NA
        own = "str" if dtype.na_value is not pd.NA else "string"
        return _category(column, name, "text", absent, own)
    kind = _kind([v for v in column[~absent].tolist() if v is not None], name, what)
    if kind == "number":
        values = [np.nan if gone else float(v) for v, gone in zip(column, absent, strict=True)]
        return replace(_number(name, np.array(values, dtype=np.float64)), whole=is_whole(column))
    own = "object" if str(dtype) == "object" else "boolean" if kind == "truth" else "string"
    return _category(column, name, kind, absent, own)


def _category(column: pd.Series, name: str, kind: Kind, absent: BoolArray, dtype: str) -> Cells:
    if dtype == "object":
        gone = dict.fromkeys(_missing_as(value) for value in column[absent].tolist())
    else:
        gone = dict.fromkeys(["NaN" if dtype == "str" else "NA"] if absent.any() else [])
    return Cells(name, kind, _levels(column, absent), absent, dtype, tuple(gone))


def _number(name: str, values: FloatArray, dtype: str = "float64") -> Cells:
    return Cells(name, "number", values, np.isnan(values), dtype)


def _type_of_numbers(dtype: Any) -> str:
    if not types.is_integer_dtype(dtype):
        return "float64"
    # integers of pyarrow become pandas' nullable integers
    return str(dtype.name) if _WHOLE.fullmatch(dtype.name) else "Int64"


def _levels(column: pd.Series, absent: BoolArray) -> Any:
    values = np.empty(len(column), dtype=object)
    values[~absent] = [_plain(value) for value in column[~absent].tolist()]
    return values


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real | Decimal | np.bool_)


def _kind(values: Sequence[Any], name: str, what: str) -> Kind:
    """Return the common kind of ``values``; raises ``DataError`` for mixtures and other types."""
    kinds: dict[Kind, Any] = {}
    for value in values:
        if isinstance(value, str):
            kinds.setdefault("text", value)
        elif isinstance(value, bool | np.bool_):
            kinds.setdefault("truth", value)
        elif _is_number(value):
            kinds.setdefault("number", value)
        else:
            raise _refused(name, what, type(value).__name__)
    if len(kinds) > 1:
        first, second = list(kinds.items())[:2]
        raise DataError(
            f"{what}: column {name!r} mixes {CONTENT[first[0]]} and {CONTENT[second[0]]}, such as "
            f"{_plain(first[1])!r} and {_plain(second[1])!r}; make all of them one type"
        )
    return next(iter(kinds), "number")


def _refused(name: str, what: str, type_name: str) -> DataError:
    return DataError(
        f"{what}: column {name!r} contains values of the type {type_name}, which are neither "
        "numbers nor categories; encode them as numbers or as text, or leave the column out "
        "(--drop)"
    )


def _is_nan(value: Any) -> bool:
    # NaN is the only number that differs from itself
    return value is None or bool(value != value)


def _type_name(array: Any) -> str:
    if array.dtype.kind != "O":
        return str(array.dtype)
    return next(type(v).__name__ for v in array.ravel() if v is not None and not _is_number(v))


def _missing_as(value: Any) -> str:
    if value is None:
        return "None"
    return "NA" if type(value).__name__ == "NAType" else "NaN"


def _refuse_far(found: Sequence[Cells], what: str) -> None:
    bad = {
        cells.name: cells.absent < (np.abs(cells.values) > FARTHEST)
        for cells in found
        if cells.kind == "number"
    }
    names = [name for name, wrong in bad.items() if wrong.any()]
    if names:
        rows = int(np.any([bad[name] for name in names], axis=0).sum())
        raise DataError(
            f"{what}: values that are infinite or above {FARTHEST:g} in {quoted(names)} "
            f"({plural(rows, 'row')}); correct or leave out those rows"
        )
