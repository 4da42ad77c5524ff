"""The columns of a table that ``--by`` names."""

from collections.abc import Sequence

import pandas as pd

from genlabel_robust.core import ConfigurationError, unknown_name
from genlabel_robust.data.columns.cells import read_cells
from genlabel_robust.data.subgroups.column import GroupColumn


def group_columns(
    frame: pd.DataFrame, names: Sequence[str], target: str | None, what: str
) -> tuple[GroupColumn, ...]:
    """Return the columns ``names`` of ``frame`` that group its rows.

    ``target``: its column of labels, if it has one; ``what``: the table's name in messages. Raises
    ``UnknownNameError`` for a column that does not exist, ``ConfigurationError`` for the target,
    and ``DataError`` for a column that contains neither numbers nor categories.
    """
    found = []
    for name in names:
        if name == target:
            raise ConfigurationError(
                f"column {name!r} of {what} is the target; --by needs another column, and every "
                "report has the accuracies of each class anyway"
            )
        if name not in frame.columns:
            known = [str(column) for column in frame.columns if column != target]
            raise unknown_name("column", name, known, of=what, where="to group by")
        found.append(GroupColumn.of_cells(*read_cells(frame[[name]], what)))
    return tuple(found)
