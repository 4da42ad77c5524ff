"""What an ONNX model takes: one tensor of c columns, or c tensors of one column each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from genlabel_robust.core.arrays import FloatArray, IntArray
from genlabel_robust.core.errors import ConfigurationError, DataError
from genlabel_robust.data.wording import plural
from genlabel_robust.models.foreign.native import Takes

#: Element types by onnxruntime's names of them: the numpy type that it is fed with.
_TYPES: dict[str, Any] = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
    "tensor(bool)": np.bool_,
    "tensor(string)": np.object_,
    **{f"tensor({name})": np.dtype(name).type for name in ("int8", "int16", "int32", "int64")},
    **{f"tensor({name})": np.dtype(name).type for name in ("uint8", "uint16", "uint32", "uint64")},
}

#: Rows are asked for in multiples of this: onnxruntime computes Softplus, Elu, Log and
#: LinearClassifier by vectors with a scalar rest, whose last bits differ.
_PAD = 8
#: The most rows that are asked for at once, a multiple of ``_PAD``.
_PIECE = 4096
#: The most columns, and values in a batch of fixed size: more is no table but a hostile file.
_WIDEST, _LARGEST = 100_000, 100_000_000
#: Numbers this near to a whole one are that, after having been scaled and scaled back; and
#: the largest that a float64 holds without a gap.
_NEAR, _EXACT = 1e-6, 2.0**53


@dataclass(frozen=True)
class Input:
    """A tensor that a session takes; ``shape`` (n, c), (n, 1) or (n,)."""

    name: str
    type: Any
    shape: tuple[Any, ...]

    @property
    def whole(self) -> bool:
        """Whether it holds whole numbers only."""
        return issubclass(self.type, np.integer)


@dataclass(frozen=True)
class Inputs:
    """All tensors that a session takes; ``batch``: the one number of rows that it takes, if any."""

    tensors: tuple[Input, ...]
    width: int | None
    batch: int | None

    @property
    def single(self) -> bool:
        """Whether all columns are in one tensor."""
        return len(self.tensors) == 1

    @property
    def takes(self) -> Takes:
        """What rows it takes."""
        if not self.single or self.tensors[0].type is np.object_:
            return "frame"
        return "missing" if issubclass(self.tensors[0].type, np.floating) else "numbers"

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The names of the columns, where each has a tensor of its own."""
        return None if self.single else tuple(tensor.name for tensor in self.tensors)

    @property
    def whole(self) -> tuple[str, ...]:
        """The columns of whole numbers; of one tensor by position, as "0" and "1"."""
        if self.single:
            return tuple(map(str, range(self.width or 0))) if self.tensors[0].whole else ()
        return tuple(tensor.name for tensor in self.tensors if tensor.whole)

    def blank(self, n: int) -> Any:
        """Return ``n`` rows of zeros or empty texts, to try a model of known width on."""
        if self.takes != "frame":
            return np.zeros((n, self.width or 0))
        types = [t.type for t in self.tensors] * ((self.width or 0) if self.single else 1)
        names = self.columns or tuple(map(str, range(len(types))))
        values = {
            name: [""] * n if kind is np.object_ else np.zeros(n)
            for name, kind in zip(names, types, strict=True)
        }
        return pd.DataFrame(values)

    def feed(self, rows: Any) -> dict[str, Any]:
        """Return what a session is fed with for ``rows``: a float array (n, c), or a frame.

        Whole numbers in a column of texts are written without a point. Raises ``DataError``
        for a missing text, for text where numbers are wanted, and for numbers that are not
        whole where those are; ``ConfigurationError`` for rows of another width.
        """
        if self.width is not None and rows.shape[1] != self.width:
            raise ConfigurationError(
                f"the rows have {plural(rows.shape[1], 'column')}, and the ONNX model takes "
                f"{self.width}; give it the columns that it was made for, in their order"
            )
        first = self.tensors[0]
        if self.takes != "frame":
            return {first.name: _typed(np.asarray(rows, dtype=np.float64), first)}
        if self.single:
            texts = [_texts(rows.iloc[:, i]) for i in range(rows.shape[1])]
            return {first.name: np.stack(texts, axis=1)}
        missing = [name for name in self.columns or () if name not in rows.columns]
        if missing:
            raise ConfigurationError(
                f"the rows have no column {missing[0]!r}, which the ONNX model takes; it takes "
                f"{', '.join(self.columns or ())}"
            )
        return {t.name: _column(rows[t.name], t) for t in self.tensors}

    def pieces(self, n: int) -> Iterator[tuple[IntArray, int]]:
        """Yield the rows to ask for at once, and how many of them count: the rest is padding.

        A batch of a fixed size is filled up; else to a multiple of 8. The last row is
        repeated: unlike a row of zeros it is one that the model takes.
        """
        step = self.batch or _PIECE
        for start in range(0, n, step):
            real = min(step, n - start)
            size = self.batch or -(-real // _PAD) * _PAD
            yield np.minimum(np.arange(start, start + size), n - 1), real


def inputs_of(tensors: Sequence[Any]) -> Inputs:
    """Return what a session takes, by its ``get_inputs()``.

    Raises ``ConfigurationError`` for tensors that are not rows of a table.
    """
    if not tensors:
        raise ConfigurationError("it takes no input; a model of a table takes its rows")
    found = tuple(Input(t.name, _TYPES.get(t.type), tuple(t.shape)) for t in tensors)
    for tensor, told in zip(found, tensors, strict=True):
        if tensor.type is None:
            raise ConfigurationError(
                f"its input {tensor.name!r} is a {told.type}; allowed are tensors of floats, whole "
                "numbers, booleans and texts"
            )
    single = len(found) == 1
    for tensor in found:
        shape = tensor.shape
        column = len(shape) == 1 or (len(shape) == 2 and shape[1] in (None, 1))
        # a dimension with a name of its own is of any size
        column = column or (len(shape) == 2 and isinstance(shape[1], str))
        if (single and len(shape) != 2) or not (single or column):
            wanted = "(n, c)" if single else "(n, 1), as it is one of several"
            raise ConfigurationError(
                f"its input {tensor.name!r} has the shape {_written(shape)}; to take rows of a "
                f"table it must be {wanted}"
            )
    fixed = {tensor.shape[0] for tensor in found if isinstance(tensor.shape[0], int)}
    if len(fixed) > 1:
        raise ConfigurationError(
            f"its inputs take different numbers of rows, {sorted(fixed)}; export it with a first "
            "dimension of any size"
        )
    batch = fixed.pop() if fixed else None
    last = found[0].shape[-1]
    width = (last if isinstance(last, int) else None) if single else len(found)
    if (
        (width is not None and not 0 < width <= _WIDEST)
        or (batch is not None and batch < 1)
        or (batch or 1) * (width or 1) > _LARGEST
    ):
        raise ConfigurationError(
            f"its input {found[0].name!r} has the shape {_written(found[0].shape)}; a table has 1 "
            f"to {_WIDEST:,} columns, and a batch at most {_LARGEST:,} values"
        )
    return Inputs(found, width, batch)


def _written(shape: Sequence[Any]) -> str:
    """Return a shape as a person reads it, n for a dimension of any size."""
    parts = [
        str(d) if isinstance(d, int) else "n" if i == 0 else "any" for i, d in enumerate(shape)
    ]
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def _column(column: Any, tensor: Input) -> Any:
    """Return a column of a frame (n,) as its tensor, (n, 1) or (n,)."""
    values = _texts(column) if tensor.type is np.object_ else _typed(_numbers(column), tensor)
    return values if len(tensor.shape) == 1 else values[:, None]


def _typed(values: FloatArray, tensor: Input) -> Any:
    """Return numbers in the type of ``tensor``; raises ``DataError`` where that changes them."""
    if issubclass(tensor.type, np.floating):
        with np.errstate(over="ignore"):  # infinite is what the model would be given elsewhere too
            return values.astype(tensor.type)
    low, high = (0.0, 1.0)
    if tensor.whole:
        bounds = np.iinfo(tensor.type)
        low, high = max(float(bounds.min), -_EXACT), min(float(bounds.max), _EXACT)
    with np.errstate(invalid="ignore"):
        near = np.rint(values)
        fits = (np.abs(values - near) <= _NEAR) & (near >= low) & (near <= high)
    if not fits.all():
        raise DataError(
            f"the input {tensor.name!r} of the ONNX model takes whole numbers from {low:.0f} to "
            f"{high:.0f}, and is to be given {values[~fits][0]}; round such columns first"
        )
    return near.astype(tensor.type)


def _numbers(column: Any) -> FloatArray:
    """Return the numbers of a column (n,), NaN where one is missing."""
    try:
        numbers = pd.to_numeric(column.astype(object))
        return np.asarray(numbers.to_numpy(dtype=np.float64, na_value=np.nan))
    except (TypeError, ValueError) as error:
        raise DataError(
            f"the column {column.name!r} holds what is no number, and the ONNX model takes numbers "
            f"there: {' '.join(str(error).split())}"
        ) from error


def _texts(column: Any) -> Any:
    """Return the texts of a column (n,), objects of ``str``; raises where one is missing.

    A text tensor knows no missing value: which text stood for it when the model was trained
    ("", "nan") is not in the file.
    """
    missing = int(column.isna().sum())
    if missing:
        raise DataError(
            f"the column {column.name!r} misses {plural(missing, 'text')}, and texts of an ONNX "
            "model cannot be missing; put the text there that the model was trained with"
        )
    texts = np.empty(len(column), dtype=object)
    texts[:] = [_text(value) for value in column.tolist()]
    return texts


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
