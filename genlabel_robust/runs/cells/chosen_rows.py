"""The results of a subset of the test rows."""

from dataclasses import replace

from genlabel_robust.core import BoolArray
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.cells.panel import Panel

#: Arrays of a cell with an axis of rows: the first axis, or the second one after the attacks.
_FIRST = ("ids", "labels", "predictions", "logit_margin", "exact")
_SECOND = ("distances", "outcomes", "queries", "adversarial", "tried")


def chosen_rows(panel: Panel, rows: BoolArray) -> Panel:
    """Return the ``panel`` of those of its n test rows that ``rows`` (n,) marks.

    Evidence and probes, which were counted over all rows, stay the same.
    """
    return Panel([_chosen(result, rows) for result in panel.results])


def _chosen(result: CellResult, rows: BoolArray) -> CellResult:
    arrays = {name: getattr(result, name) for name in (*_FIRST, *_SECOND)}
    chosen = {
        name: array[rows] if name in _FIRST else array[:, rows]
        for name, array in arrays.items()
        if array is not None
    }
    known = None if result.certificate is None else result.certificate.of(rows)
    few = None if result.few is None else result.few.of(rows)
    return replace(result, **chosen, certificate=known, few=few)
