"""What a stored run knows of the distance of each answer, as a table."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from genlabel_robust.core import FloatArray
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.folder.stored_run import StoredRun


def margin_rows(run: StoredRun) -> pd.DataFrame:
    """Return a row for each answer of each model, in the order of the run.

    ``row``: its number in the data; ``correct``: whether it is right as it is. The distance to the
    nearest row that the model mislabels, in the unit of ε, lies between ``at_least``, which is
    proved (0 where nothing is), and ``at_most``, that of the nearest example found (inf where
    none was); the two are the same where it is known. It is 0 of a wrong answer.
    """
    tables = [pd.DataFrame(columns) for columns in _columns(run)]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _columns(run: StoredRun) -> Iterator[dict[str, object]]:
    for group, panel in run.panels.items():
        ends = _ends(panel)
        if ends is None:
            continue
        dataset, architecture, strategy = group
        classes = np.array(run.results.datasets[dataset].classes, dtype=object)
        for number, result in enumerate(panel.results):
            low, high = ends[0][number], ends[1][number]
            yield {
                "dataset": dataset,
                "architecture": architecture,
                "strategy": strategy,
                "seed": run.cells[group][number].seed,
                "row": result.ids,
                "class": classes[panel.labels],
                "correct": panel.clean[number],
                "at_least": np.where(panel.clean[number], low, 0.0),
                "at_most": np.where(panel.clean[number], high, 0.0),
            }


def _ends(panel: Panel) -> tuple[FloatArray, FloatArray] | None:
    """Return the bounds (S, n) on distances, None where nothing is known of them."""
    if panel.exact is not None:
        return panel.exact, panel.exact
    if panel.between is not None:
        return panel.between
    if panel.nearest is None:
        return None
    return np.zeros_like(panel.nearest), panel.nearest
