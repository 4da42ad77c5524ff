"""The charts of a run: what its page and its files of figures both show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from genlabel_robust.reports.page.charts import Survival, interval_chart, survival_chart
from genlabel_robust.reports.page.svg import Drawing
from genlabel_robust.reports.page.view import Pair, plain_title, strategies
from genlabel_robust.reports.tables.results import CLEAN, EXACT, WORST
from genlabel_robust.reports.words.decided import PROVED, has_proofs, needs_exact
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.results.row import Row


def accuracy_chart(words: str, rows: Sequence[Row]) -> Drawing:
    """Return the clean accuracy, that in the worst case, and proved or exact, with intervals.

    ``words``: what the models of ``rows``, all of one ε, were asked about.
    """
    measures = [
        (CLEAN, [row.clean_accuracy for row in rows]),
        (WORST, [row.robust_accuracy for row in rows]),
    ]
    if has_proofs(rows):
        measures.append((PROVED, [row.certified_accuracy for row in rows]))
    elif needs_exact(rows):
        measures.append((EXACT, [row.exact_robust_accuracy for row in rows]))
    heading = f"Accuracy on {words} at ε = {rows[0].eps:g}"
    return interval_chart(heading, [row.strategy for row in rows], measures)


def margin_chart(pair: Pair, rows: Sequence[Row], run: StoredRun) -> Drawing | None:
    """Return the survival curve of each strategy's margins, None where there are no margins."""
    series = [_curve(strategy, run.panels.get((*pair, strategy))) for strategy in strategies(rows)]
    if not any(len(one.distances) for one in series):
        return None
    heading = f"Margins on {plain_title(pair, run.results)}"
    return survival_chart(heading, run.results["threat"]["eps"], series)


def _curve(strategy: str, panel: Panel | None) -> Survival:
    """Return a strategy's margins; one without any keeps its colour for itself."""
    if panel is None or panel.margins is None:
        return Survival(strategy, np.zeros(0))
    if panel.between is None:
        return Survival(strategy, panel.margins.ravel())
    low, high = panel.between
    return Survival(strategy, high.ravel(), low.ravel())
