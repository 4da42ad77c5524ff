"""CSV and Parquet files, read unchanged: ``path.csv#target``, ``path.parquet#target``."""

import re
import stat
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from packaging.version import Version

from genlabel_robust.core import DataError, EmptyDataError, quoted
from genlabel_robust.core.files.opening import opened
from genlabel_robust.data.sources.source import Source

_SPEC = re.compile(r"(?P<path>.+?\.(?:csv|parquet))(?:#(?P<target>.*))?", re.IGNORECASE | re.DOTALL)

#: The largest file that is read, in bytes: its table takes several times as much memory.
LARGEST_FILE = 10**9
#: How many bytes of a CSV file are read to count its columns.
_LONGEST_HEADER = 1 << 26
#: The most columns and cells of a table: a small file can decompress to very many.
MOST_COLUMNS, MOST_CELLS = 100_000, 2 * 10**8


def is_file_spec(spec: str) -> bool:
    """Return whether ``spec`` names a file: registered names have no dot, slash or '#'."""
    return any(sign in spec for sign in "./\\#")


def read_spec(spec: str, *, target: str | None = None, text: Sequence[str] = ()) -> Source:
    """Read the file that ``spec`` names; ``target``: the target if ``spec`` has none.

    ``text``: as for ``read_frame``. The source's name is the file's name and its target, without
    the directory. Raises ``DataError`` if the spec names no target, or if the file cannot be read.
    """
    match = _SPEC.fullmatch(spec)
    if match is None:
        raise DataError(
            f"{spec!r} is not a file that can be read; give path.csv#TARGET or path.parquet#TARGET"
        )
    path = Path(match["path"]).expanduser()
    target = match["target"] or target
    if not target:
        raise DataError(
            f"{spec!r} does not say which column holds the labels; "
            f"name it after a '#': {match['path']}#TARGET"
        )
    frame = read_frame(path, text)
    return Source(f"{path.name}#{target}", frame, target, _unnamed(frame), path)


def read_frame(path: Path, text: Sequence[str] = ()) -> pd.DataFrame:
    """Read a ``.csv`` or ``.parquet`` file; raises ``DataError`` in one sentence.

    ``text``: columns of a CSV file that are kept as they are written, such as "007".
    """
    if path.is_dir():
        raise DataError(f"{str(path)!r} is a directory; name a .csv or .parquet file in it")
    if not path.exists():
        raise DataError(f"there is no file {str(path)!r}; check the path")
    if not stat.S_ISREG(path.stat().st_mode):  # reading it might block or never end
        raise DataError(
            f"{str(path)!r} is a pipe or a device, not a file; write its content to a file first"
        )
    _refuse_large(path)
    try:
        return _read_parquet(path) if is_parquet(path) else _read_csv(path, text)
    except OSError as error:
        raise DataError(f"{str(path)!r} cannot be read: {_one_line(error)}") from error


def columns_of(path: Path) -> int:
    """Return how many columns the table in ``path`` has, according to its header.

    An approximate count for CSV. Raises ``DataError`` as ``read_frame`` does.
    """
    if is_parquet(path):
        try:
            import pyarrow.parquet as pq

            with opened(path, most=LARGEST_FILE, name=repr(str(path)), error=DataError) as file:
                return len(pq.ParquetFile(file).schema_arrow)
        except DataError:
            raise
        except Exception:  # read_frame will report the error
            return 0
    with opened(path, most=LARGEST_FILE, name=repr(str(path)), error=DataError) as file:
        # a name with a comma counts twice: a rough count is enough here
        return file.readline(_LONGEST_HEADER).count(b",") + 1


def is_parquet(path: Path) -> bool:
    """Return whether a file is Parquet, by its name; otherwise it is CSV."""
    return path.suffix.lower() == ".parquet"


def read_cells_as_text(path: Path, columns: Sequence[int]) -> pd.DataFrame:
    """Return the text of ``columns``, by position, of a CSV file that was read before.

    Missing values of ``read_frame`` are ordinary text here; an empty field is "".
    """
    cells = pd.read_csv(
        path, usecols=list(columns), index_col=False, dtype=str, keep_default_na=False
    )
    # a row may have too few fields
    return cells.fillna("")


def _refuse_large(path: Path) -> None:
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise DataError(
            f"{str(path)!r} has {size / 1e9:.1f} GB, but a file may have at most "
            f"{LARGEST_FILE / 1e9:g} GB; give a sample of its rows, or only the columns that you "
            "need, best as Parquet"
        )


def _read_csv(path: Path, text: Sequence[str] = ()) -> pd.DataFrame:
    _refuse_binary(path)
    try:
        header = pd.read_csv(path, header=None, nrows=1, dtype=str, keep_default_na=False)
        _check_header(path, [str(cell) for cell in header.iloc[0]])
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            # index_col=False: otherwise a row with one field too many shifts every column
            frame: pd.DataFrame = pd.read_csv(
                path,
                low_memory=False,
                index_col=False,
                dtype=dict.fromkeys(text, str),
                **_exact_floats(),
            )
            return frame
    except pd.errors.EmptyDataError as error:
        raise EmptyDataError(
            f"{str(path)!r} is empty; it needs a header row and data rows"
        ) from error
    except (pd.errors.ParserError, pd.errors.ParserWarning, UnicodeError) as error:
        raise DataError(
            f"{str(path)!r} is not well-formed CSV: {_one_line(error)}; "
            "save it as UTF-8 with commas and the same number of fields in every row"
        ) from error


def _exact_floats() -> dict[str, Any]:
    """Return options that make pandas read decimals as the nearest float, as 3.1 always does."""
    before = Version(pd.__version__) < Version("3.1")
    return {"float_precision": "round_trip"} if before else {}


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        import pyarrow as pa
    except ImportError as error:
        raise DataError(
            f"{str(path)!r} needs pyarrow; install it: pip install 'genlabel-robust[parquet]'"
        ) from error
    import pyarrow.parquet as pq

    try:
        with opened(path, most=LARGEST_FILE, name=repr(str(path)), error=DataError) as file:
            stored = pq.ParquetFile(file)
            _refuse_cells(path, stored.metadata.num_rows, stored.metadata.num_columns)
            _refuse_nested(
                path, [f.name for f in stored.schema_arrow if pa.types.is_nested(f.type)]
            )
            return pd.read_parquet(file, engine="pyarrow")
    except DataError:
        raise
    except (pa.ArrowException, ValueError) as error:
        raise DataError(f"{str(path)!r} is not readable Parquet: {_one_line(error)}") from error
    except Exception as error:  # pandas trusts the metadata of the file, and may raise anything
        reason = f"{type(error).__name__}: {_one_line(error)}"
        raise DataError(
            f"{str(path)!r} is not readable Parquet: the description of its columns is damaged "
            f"({reason})"
        ) from error


def _refuse_cells(path: Path, rows: int, columns: int) -> None:
    """Raise ``DataError`` if the table would have too many columns or cells for memory."""
    _refuse_wide(path, columns)
    if rows * columns > MOST_CELLS:
        raise DataError(
            f"{str(path)!r} has {rows:,} rows and {columns:,} columns, but a table may have at "
            f"most {MOST_CELLS:,} cells; give a sample of its rows, or fewer columns"
        )


def _refuse_wide(path: Path, columns: int) -> None:
    if columns > MOST_COLUMNS:
        raise DataError(
            f"{str(path)!r} has {columns:,} columns, but a table may have at most "
            f"{MOST_COLUMNS:,}; give only those that you need"
        )


def _refuse_nested(path: Path, names: Sequence[str]) -> None:
    if names:
        raise DataError(
            f"{str(path)!r} has lists or tables in the cells of {quoted(names)}; every cell must "
            "be a single value: remove these columns from the file, or split them into separate "
            "columns"
        )


def _refuse_binary(path: Path) -> None:
    with opened(path, most=LARGEST_FILE, name=repr(str(path)), error=DataError) as file:
        if b"\0" in file.read(1 << 16):
            raise DataError(f"{str(path)!r} is not text, so not CSV; export it as CSV or Parquet")


def _check_header(path: Path, header: list[str]) -> None:
    _refuse_wide(path, len(header))
    # pandas would silently rename the second 'a' to 'a.1'
    twice = [name for name, count in Counter(header).items() if count > 1 and name]
    if twice:
        raise DataError(
            f"{str(path)!r}: more than one column is named {quoted(twice)}; "
            "give every column its own name"
        )
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        sign = "semicolons" if ";" in header[0] else "tabs"
        raise DataError(f"{str(path)!r} is separated by {sign}; save it with commas")


def _unnamed(frame: pd.DataFrame) -> tuple[str, ...]:
    nameless = [str(name) for name in frame.columns if str(name).startswith("Unnamed: ")]
    if not nameless:
        return ()
    return (
        f"Column {quoted(nameless)} has no name in the header and is often a row number; "
        f"if it is, leave it out with --drop {nameless[0]!r}.",
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
