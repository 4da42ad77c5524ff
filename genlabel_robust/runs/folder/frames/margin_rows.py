"""The bounds on the distance of each answer in a stored run, as a table."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genlabel_robust.core import BoolArray, FloatArray
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.threat import within


def margin_rows(run: StoredRun) -> pd.DataFrame:
    """Return a row for each answer of each model, in the order of the run.

    ``Run.margins`` describes the columns.
    """
    tables = [pd.DataFrame(columns) for columns in _columns(run)]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _columns(run: StoredRun) -> Iterator[dict[str, object]]:
    eps = max(run.results.threat.eps)
    for group, panel in run.panels.items():
        ends = _ends(panel)
        if ends is None:
            continue
        dataset, architecture, strategy = group
        classes = np.array(run.results.datasets[dataset].classes, dtype=object)
        for number, result in enumerate(panel.results):
            clean, low, high = panel.clean[number], ends[0][number], ends[1][number]
            yield {
                "dataset": dataset,
                "architecture": architecture,
                "strategy": strategy,
                "seed": run.cells[group][number].seed,
                "row": result.ids,
                "class": classes[panel.labels],
                "correct": clean,
                "state": _states(clean, within(low, eps), within(high, eps)),
                "at_least": np.where(clean, low, 0.0),
                "at_most": np.where(clean, high, 0.0),
            }


def _states(clean: BoolArray, near: BoolArray, broken: BoolArray) -> NDArray[np.str_]:
    """Return the state of each answer (n,); ``near``: not proved up to ε."""
    known = np.where(broken, "broken", np.where(near, "open", "certified"))
    return np.where(clean, known, "misclassified")


def _ends(panel: Panel) -> tuple[FloatArray, FloatArray] | None:
    """Return the bounds (S, n) on distances, None if there are none.

    The lower bound is the proved one, even if it is so close to the upper that the distance is
    called exact: the two may lie on different sides of an ε.
    """
    found = panel.margins
    if found is None:
        return None
    proved = [_proved(result, np.zeros(found.shape[1])) for result in panel.results]
    return np.stack(proved), found


def _proved(result: CellResult, nothing: FloatArray) -> FloatArray:
    if result.certificate is not None:
        return result.certificate.lower
    return nothing if result.exact is None else result.exact
