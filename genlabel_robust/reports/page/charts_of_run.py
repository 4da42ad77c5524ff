"""The charts of a run, which its page shows, and as files of their own: one below the other."""

from collections.abc import Sequence

import numpy as np

from genlabel_robust.reports.page.charts import Survival, interval_chart, survival_chart
from genlabel_robust.reports.page.styles import printed_style
from genlabel_robust.reports.page.svg import Drawing, picture
from genlabel_robust.reports.page.view import Pair, pairs, plain_title, strategies
from genlabel_robust.reports.tables.results import CLEAN, EXACT, WORST
from genlabel_robust.reports.words.audited_model import range_rows
from genlabel_robust.reports.words.decided import PROVED, has_proofs, needs_exact
from genlabel_robust.reports.words.groups import grouped
from genlabel_robust.reports.words.wording import NORM_SIGNS, margin_axis, threat_sentence
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
    threat = run.results.threat
    return survival_chart(heading, margin_axis(threat), threat.eps, series)


def _curve(strategy: str, panel: Panel | None) -> Survival:
    """Return a strategy's margins; one without any keeps its colour for itself."""
    if panel is None or panel.margins is None:
        return Survival(strategy, np.zeros(0))
    if panel.between is None:
        return Survival(strategy, panel.margins.ravel())
    low, high = panel.between
    return Survival(strategy, high.ravel(), low.ravel())


def robust_accuracy_figure(run: StoredRun) -> bytes:
    """Draw clean, worst-case and proved accuracy of each strategy, with intervals, by group."""
    found = run.results
    drawn = [
        accuracy_chart(plain_title((dataset, architecture), found), rows)
        for (dataset, architecture, _), rows in grouped(found)
    ]
    eps = found.threat.eps
    threat = threat_sentence(found.threat, eps[0], range_rows(found)) if len(eps) == 1 else ""
    title = f"Robust accuracy ({threat})" if threat else "Robust accuracy"
    return picture(title, drawn, printed_style())


def margin_figure(run: StoredRun) -> bytes:
    """Draw, for each strategy, the share of examples whose margin exceeds a distance."""
    charts = (margin_chart(pair, rows, run) for pair, rows in pairs(run.results.rows).items())
    norm = NORM_SIGNS[run.results.threat.norm]
    drawn = [chart for chart in charts if chart is not None]
    return picture(f"Margins ({norm}; dashed: ε)", drawn, printed_style())
