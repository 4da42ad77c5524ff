"""What an ONNX model takes: one tensor of all columns, or several of one or more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from genlabel_robust.core import ConfigurationError, FloatArray, IntArray, an, plural
from genlabel_robust.core.padding import padded
from genlabel_robust.model_files.onnx.feed import Input, block, column_of
from genlabel_robust.models.adapters.library_model import Takes

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
#: What to do where several inputs cannot be told apart.
WRAP = (
    "export it with inputs of known widths, or with a single input, such as a module whose "
    "forward(x) returns net(x[:, :2], x[:, 2:].long())"
)
#: The most columns, and values in a batch of fixed size: more is no table but a hostile file.
_WIDEST, _LARGEST = 100_000, 100_000_000


@dataclass(frozen=True)
class Inputs:
    """All tensors that a session takes; ``batch``: the one number of rows that it takes, if any.

    ``width``: of all together. Of several each is a column that is called as it is, unless one
    has more columns: then they are ``groups``, which take the columns in their order.
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
        """What rows it takes."""
        types = [tensor.type for tensor in self.tensors]
        if not (self.single or self.groups) or np.object_ in types:
            return "frame"
        return "missing" if any(issubclass(kind, np.floating) for kind in types) else "numbers"

    @property
    def groups(self) -> tuple[tuple[str, int], ...]:
        """The names of several tensors and their numbers of columns; none if all are of one."""
        widths = [tensor.width or 1 for tensor in self.tensors]
        if self.single or max(widths) == 1:
            return ()
        return tuple((t.name, width) for t, width in zip(self.tensors, widths, strict=True))

    @property
    def bounds(self) -> tuple[tuple[Input, int, int], ...]:
        """Each tensor, and the first of its columns and the one past its last."""
        if self.single:
            return ((self.tensors[0], 0, self.width or 0),)
        ends = np.cumsum([0, *(tensor.width or 1 for tensor in self.tensors)]).tolist()
        return tuple(zip(self.tensors, ends[:-1], ends[1:], strict=True))

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The names of the columns, where each has a tensor of its own."""
        one = self.single or self.groups
        return None if one else tuple(tensor.name for tensor in self.tensors)

    @property
    def whole(self) -> tuple[str, ...]:
        """The columns of whole numbers; of one tensor by position, as "0" and "1"."""
        if self.columns is None:
            whole = [range(begin, end) for tensor, begin, end in self.bounds if tensor.whole]
            return tuple(str(column) for columns in whole for column in columns)
        return tuple(tensor.name for tensor in self.tensors if tensor.whole)

    def blank(self, n: int) -> Any:
        """Return ``n`` rows of zeros or empty texts, to try a model of known width on."""
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
        """Return what a session is fed with for ``rows``: a float array (n, c), or a frame.

        Whole numbers in a column of texts are written without a point. Raises ``DataError``
        for a missing text, for text where numbers are wanted, and for numbers that are not
        whole where those are; ``ConfigurationError`` for rows of another width.
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
        """Return rows (n, c) with the nearest whole numbers where those are wanted."""
        whole = [int(column) for column in self.whole] if self.columns is None else []
        if not whole:
            return rows
        near = np.array(rows, dtype=np.float64)
        near[:, whole] = np.rint(near[:, whole])
        return near

    def joined(self, rows: FloatArray) -> Any:
        """Return rows of numbers (n, c) as one array of floats, in the type of the first."""
        if self.single:
            (tensor,) = self.feed(rows).values()
            return tensor
        floats = (t.type for t in self.tensors if issubclass(t.type, np.floating))
        return np.asarray(rows, dtype=next(floats, np.float32))

    def pieces(self, n: int) -> Iterator[tuple[IntArray, int]]:
        """Yield the rows to ask for at once, and how many of them count: the rest is padding.

        A batch of a fixed size is filled up; else to a multiple of 8. The last row is
        repeated: unlike a row of zeros it is one that the model takes.
        """
        step = self.batch or _PIECE
        for start in range(0, n, step):
            real = min(step, n - start)
            size = self.batch or padded(real, _PAD)
            yield np.minimum(np.arange(start, start + size), n - 1), real


def inputs_of(tensors: Sequence[Any]) -> Inputs:
    """Return what a session takes, by its ``get_inputs()``.

    Raises ``ConfigurationError`` for tensors that are not rows of a table.
    """
    if not tensors:
        raise ConfigurationError("it has no input; it must take the rows of a table")
    found = tuple(Input(t.name, _TYPES.get(t.type), tuple(t.shape)) for t in tensors)
    for tensor, told in zip(found, tensors, strict=True):
        if tensor.type is None:
            raise ConfigurationError(
                f"its input {tensor.name!r} is {an(told.type)}; allowed are tensors of floats, "
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
    """Say whether a tensor of more than two dimensions holds rows: (n, 1, …, 1, c)."""
    return len(shape) > 2 and all(size == 1 for size in shape[1:-1])


def _written(shape: Sequence[Any]) -> str:
    """Return a shape as a person reads it, n for a dimension of any size."""
    parts = [
        str(d) if isinstance(d, int) else "n" if i == 0 else "any" for i, d in enumerate(shape)
    ]
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
