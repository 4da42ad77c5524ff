"""Parquet files of rows in memory, from which the same rows can be read back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from genlabel_robust.core import ConfigurationError
from genlabel_robust.data.columns.cells import is_frame
from genlabel_robust.data.rows import labels


def write_tables(
    folder: Path, x: Any, y: Any, reference: Any, by: Mapping[str, Any]
) -> tuple[str, str, str | None]:
    """Write ``x`` (n, c) with its labels ``y`` (n,), and ``reference`` (m, c) if there is one.

    ``by``: further columns (n,) by name. Returns the path of the data, their column of labels, and
    the path of the reference. Raises ``ConfigurationError`` for columns that Parquet cannot store,
    and without pyarrow.
    """
    data = _frame(x)
    referred = None if reference is None else _frame(reference)
    if referred is not None and not is_frame(reference) and referred.shape[1] == data.shape[1]:
        referred.columns = data.columns
    for name, values in by.items():
        if name in data.columns:
            raise ConfigurationError(
                f"by: {name!r} is a column of x as well, and cannot be stored beside it; call it "
                "otherwise"
            )
        data[name] = pd.Series(np.asarray(values))
    target = "label"
    while target in data.columns or (referred is not None and target in referred.columns):
        target += "_"
    data[target] = pd.Series(labels(y))
    kept = None if referred is None else _written(folder / "reference.parquet", referred)
    return _written(folder / "data.parquet", data), target, kept


def _frame(rows: Any) -> pd.DataFrame:
    if is_frame(rows):
        frame: pd.DataFrame = rows.to_pandas() if hasattr(rows, "to_pandas") else rows
        return frame.set_axis([*map(str, frame.columns)], axis=1).reset_index(drop=True)
    array = np.asarray(rows)
    # truth values are numbers in an array, and a category in a frame
    values = array.astype(np.int64 if array.dtype.kind in "biu" else np.float64)
    return pd.DataFrame(values, columns=[f"x{i}" for i in range(values.shape[1])])


def _written(path: Path, frame: pd.DataFrame) -> str:
    try:
        frame.to_parquet(path, index=False, engine="pyarrow")
    except ImportError as error:
        raise ConfigurationError(
            "verifiable=True needs pyarrow, to store the rows; install it: "
            "pip install 'genlabel-robust[parquet]'"
        ) from error
    except Exception as error:  # pyarrow may raise anything for the content of a frame
        reason = " ".join(str(error).split())[:300]
        raise ConfigurationError(
            f"the rows cannot be stored as Parquet ({reason}); give each column values of one "
            "type, or leave out verifiable=True"
        ) from error
    return str(path)
