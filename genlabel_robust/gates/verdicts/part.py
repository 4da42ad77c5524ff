"""The test rows of an endpoint: all of a data set, or a group."""

import numpy as np

from genlabel_robust.core import BoolArray
from genlabel_robust.gates.verdicts.endpoint import Endpoint
from genlabel_robust.runs.cells.chosen_rows import chosen_rows
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.folder.stored_run import StoredRun


def rows_of(endpoint: Endpoint, run: StoredRun) -> BoolArray | None:
    """Mark the rows (n,) of the endpoint's group, or return None if it is about all rows.

    Raises ``KeyError`` if the run has no such group.
    """
    return None if endpoint.part is None else run.subgroup_rows(endpoint.dataset)[endpoint.part]


def part_of(panel: Panel, rows: BoolArray | None) -> Panel:
    """Reduce ``panel`` to the marked ``rows`` (n,); None keeps all."""
    return panel if rows is None else chosen_rows(panel, rows)


def unlike_parts(
    endpoint: Endpoint, baseline: StoredRun | None, candidate: StoredRun
) -> str | None:
    """Return why the endpoint's group has other rows on the two sides, as a clause, or None.

    ``baseline``: None if there is nothing to compare with.
    """
    if endpoint.part is None:
        return None
    sides = [("the run", candidate)]
    sides += [] if baseline is None else [("the baseline", baseline)]
    found = []
    for who, run in sides:
        rows = run.subgroup_rows(endpoint.dataset).get(endpoint.part)
        if rows is None:
            return f"{who} has no group {endpoint.part!r}; make it anew with --by COLUMN"
        found.append(rows)
    if not np.array_equal(found[0], found[-1]):
        return f"group {endpoint.part!r} has other rows in the baseline than now"
    return None
