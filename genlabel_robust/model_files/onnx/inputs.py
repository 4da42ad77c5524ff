"""The inputs of an ONNX model: one tensor of all columns, or several of one or more columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from genlabel_robust.core import ConfigurationError, FloatArray, IntArray, an, plural
from genlabel_robust.core.padding import padded
from genlabel_robust.model_files.onnx.feed import Input, block, column_of
from genlabel_robust.models.adapters.library_model import Takes

#: onnxruntime's name of an element type -> the numpy type to feed.
_TYPES: dict[str, Any] = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
    "tensor(bool)": np.bool_,
    "tensor(string)": np.object_,
    **{f"tensor({name})": np.dtype(name).type for name in ("int8", "int16", "int32", "int64")},
    **{f"tensor({name})": np.dtype(name).type for name in ("uint8", "uint16", "uint32", "uint64")},
}

#: Batches are padded to a multiple of this: onnxruntime vectorizes Softplus, Elu, Log and
#: LinearClassifier and computes the remaining rows with scalar code, whose last bits differ.
_PAD = 8
#: The maximum number of rows in a batch, a multiple of ``_PAD``.
_PIECE = 4096
#: Advice for a model whose inputs have unknown widths.
WRAP = (
    "export it with inputs of known widths, or with a single input, such as a module whose "
    "forward(x) returns net(x[:, :2], x[:, 2:].long())"
)
#: The maximum numbers of columns and of values in a batch of fixed size; a file that claims more
#: is hostile.
_WIDEST, _LARGEST = 100_000, 100_000_000


@dataclass(frozen=True)
class Inputs:
    """The input tensors of a session.

    ``width``: the number of columns of all tensors together, or None if unknown. ``batch``: the
    number of rows that every call must have, or None. Several tensors of one column each are
    matched to the columns by name. If one of them has more columns, they form ``groups``, which
    take the columns in order.
    """

    tensors: tuple[Input, ...]
    width: int | None
    batch: int | None

    @property
    def single(self) -> bool:
        """Whether all columns are in one tensor."""
        return len(self.tensors) == 1

    @property
    def takes(self) -> Takes:
        """The kind of rows that the session takes."""
        types = [tensor.type for tensor in self.tensors]
        if not (self.single or self.groups) or np.object_ in types:
            return "frame"
        return "missing" if any(issubclass(kind, np.floating) for kind in types) else "numbers"

    @property
    def groups(self) -> tuple[tuple[str, int], ...]:
        """The name and number of columns of each tensor; empty unless one of several has more."""
        widths = [tensor.width or 1 for tensor in self.tensors]
        if self.single or max(widths) == 1:
            return ()
        return tuple((t.name, width) for t, width in zip(self.tensors, widths, strict=True))

    @property
    def bounds(self) -> tuple[tuple[Input, int, int], ...]:
        """Each tensor with its first column and the column after its last."""
        if self.single:
            return ((self.tensors[0], 0, self.width or 0),)
        ends = np.cumsum([0, *(tensor.width or 1 for tensor in self.tensors)]).tolist()
        return tuple(zip(self.tensors, ends[:-1], ends[1:], strict=True))

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The names of the columns if each has a tensor of its own, else None."""
        one = self.single or self.groups
        return None if one else tuple(tensor.name for tensor in self.tensors)

    @property
    def whole(self) -> tuple[str, ...]:
        """The integer columns: by name, or by position ("0", "1") if ``columns`` is None."""
        if self.columns is None:
            whole = [range(begin, end) for tensor, begin, end in self.bounds if tensor.whole]
            return tuple(str(column) for columns in whole for column in columns)
        return tuple(tensor.name for tensor in self.tensors if tensor.whole)

    def blank(self, n: int) -> Any:
        """Return ``n`` rows of zeros or empty texts for a trial; ``width`` must be known."""
        if self.takes != "frame":
            return np.zeros((n, self.width or 0))
        types = [tensor.type for tensor, begin, end in self.bounds for _ in range(begin, end)]
        names = self.columns or tuple(map(str, range(len(types))))
        values = {
            name: [""] * n if kind is np.object_ else np.zeros(n)
            for name, kind in zip(names, types, strict=True)
        }
        return pd.DataFrame(values)

    def feed(self, rows: Any) -> dict[str, Any]:
        """Return tensor name -> value to feed for ``rows``, a float array (n, c) or a frame.

        Integers in a text column are written without a decimal point. Raises ``DataError`` for a
        missing text, for text in a numeric column, and for a fraction in an integer column;
        ``ConfigurationError`` for rows of another width.
        """
        if self.width is not None and rows.shape[1] != self.width:
            raise ConfigurationError(
                f"the rows have {plural(rows.shape[1], 'column')}, but the ONNX model takes "
                f"{self.width}; give it the columns that it was made for, in their order"
            )
        if self.columns is None:
            if self.single:
                return {self.tensors[0].name: block(rows, self.tensors[0])}
            return {
                tensor.name: block(
                    rows[:, a:b] if self.takes != "frame" else rows.iloc[:, a:b], tensor
                )
                for tensor, a, b in self.bounds
            }
        missing = [name for name in self.columns or () if name not in rows.columns]
        if missing:
            raise ConfigurationError(
                f"the rows have no column {missing[0]!r}, which the ONNX model needs; it needs "
                f"{', '.join(self.columns or ())}"
            )
        return {t.name: column_of(rows[t.name], t) for t in self.tensors}

    def rounded(self, rows: FloatArray) -> FloatArray:
        """Return rows (n, c) with the values of integer columns rounded."""
        whole = [int(column) for column in self.whole] if self.columns is None else []
        if not whole:
            return rows
        near = np.array(rows, dtype=np.float64)
        near[:, whole] = np.rint(near[:, whole])
        return near

    def joined(self, rows: FloatArray) -> Any:
        """Return numeric rows (n, c) as one array of the first float type among the tensors."""
        if self.single:
            (tensor,) = self.feed(rows).values()
            return tensor
        floats = (t.type for t in self.tensors if issubclass(t.type, np.floating))
        return np.asarray(rows, dtype=next(floats, np.float32))

    def pieces(self, n: int) -> Iterator[tuple[IntArray, int]]:
        """Yield the row indices of each batch, and how many of them are not padding.

        Batches are padded to the fixed batch size, or else to a multiple of 8. The padding
        repeats the last row, which the model accepts, unlike perhaps a row of zeros.
        """
        step = self.batch or _PIECE
        for start in range(0, n, step):
            real = min(step, n - start)
            size = self.batch or padded(real, _PAD)
            yield np.minimum(np.arange(start, start + size), n - 1), real


def inputs_of(tensors: Sequence[Any]) -> Inputs:
    """Return the inputs of a session; ``tensors``: its ``get_inputs()``.

    Raises ``ConfigurationError`` for tensors that are not rows of a table.
    """
    if not tensors:
        raise ConfigurationError("it has no input; it must take the rows of a table")
    found = tuple(Input(t.name, _TYPES.get(t.type), tuple(t.shape)) for t in tensors)
    for tensor, declared in zip(found, tensors, strict=True):
        if tensor.type is None:
            raise ConfigurationError(
                f"its input {tensor.name!r} is {an(declared.type)}; allowed are tensors of floats, "
                "whole numbers, booleans and texts"
            )
    single = len(found) == 1
    for tensor in found:
        rows = len(tensor.shape) == 2 or (single and _of_rows(tensor.shape))
        if not rows and (single or len(tensor.shape) != 1):
            wanted = "(n, c) or (n, 1, …, c)" if single else "(n, c) or (n,)"
            raise ConfigurationError(
                f"its input {tensor.name!r} has the shape {_written(tensor.shape)}; for rows of a "
                f"table, the shape must be {wanted}"
            )
    if not single and any((tensor.width or 1) > 1 for tensor in found):
        unknown = next((tensor for tensor in found if tensor.width is None), None)
        if unknown is not None:
            raise ConfigurationError(
                f"its input {unknown.name!r} has the shape {_written(unknown.shape)}, and there "
                "are several inputs, so it is not clear which columns of the table it takes; "
                f"{WRAP}"
            )
    fixed = {tensor.shape[0] for tensor in found if isinstance(tensor.shape[0], int)}
    if len(fixed) > 1:
        raise ConfigurationError(
            f"its inputs take different numbers of rows, {sorted(fixed)}; export it with a first "
            "dimension of any size"
        )
    batch = fixed.pop() if fixed else None
    width = found[0].width if single else sum(tensor.width or 1 for tensor in found)
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


def _of_rows(shape: Sequence[Any]) -> bool:
    """Return whether a tensor of more than two dimensions contains rows: (n, 1, …, 1, c)."""
    return len(shape) > 2 and all(size == 1 for size in shape[1:-1])


def _written(shape: Sequence[Any]) -> str:
    """Format a shape for a message: n for the rows, "any" for another dimension of any size."""
    parts = [
        str(d) if isinstance(d, int) else "n" if i == 0 else "any" for i, d in enumerate(shape)
    ]
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
