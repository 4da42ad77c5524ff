"""The columns that define groups of test rows, stored beside the rows for gates and ``verify``."""

from pathlib import Path
from typing import Any

from genlabel_robust.core import OutputError
from genlabel_robust.core.files.parsing import read_json
from genlabel_robust.core.files.writing import json_text, write_text
from genlabel_robust.data import Task
from genlabel_robust.data.subgroups.column import GroupColumn

#: The ending of the files, after the digest of the data.
SUFFIX = ".by.json"


def save_groups(folder: Path, task: Task) -> None:
    """Write the columns of ``task`` into ``folder``, or remove the file if there are none."""
    path = folder / f"{task.content_hash[:32]}{SUFFIX}"
    if not task.by:
        path.unlink(missing_ok=True)
        return
    columns = [column.as_dict() for column in task.by]
    write_text(path, json_text({"ids": task.test_ids.tolist(), "columns": columns}))


def read_groups(folder: Path, content_hash: str) -> tuple[GroupColumn, ...]:
    """Return the columns of the data with that hash, in the order of its test rows; () if none.

    Raises ``OutputError`` for a file that ``save_groups`` did not write.
    """
    path = folder / f"{content_hash[:32]}{SUFFIX}"
    if not path.exists():
        return ()
    stored: Any = read_json(path, error=OutputError)
    try:
        n = len(stored["ids"])
        columns = tuple(map(GroupColumn.from_dict, stored["columns"]))
        whole = bool(columns) and all(len(column) == n for column in columns)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise OutputError(f"{path} is not as a run writes it: {error}") from error
    if not whole:
        raise OutputError(f"{path} is not as a run writes it: its columns are not of one length")
    return columns
