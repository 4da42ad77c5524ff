"""The two figures of a run, as files of their own: the page's charts, one below the other."""

from __future__ import annotations

from genlabel_robust.reports.page.charts_of_run import accuracy_chart, margin_chart
from genlabel_robust.reports.page.styles import printed_style
from genlabel_robust.reports.page.svg import picture
from genlabel_robust.reports.page.view import pairs, plain_title
from genlabel_robust.reports.words.audited_model import range_rows
from genlabel_robust.reports.words.groups import grouped
from genlabel_robust.reports.words.wording import NORM_SIGNS, threat_sentence
from genlabel_robust.runs.folder.stored_run import StoredRun


def robust_accuracy_figure(run: StoredRun) -> bytes:
    """Draw clean, worst-case and proved accuracy of each strategy, with intervals, by group."""
    found = run.results
    drawn = [
        accuracy_chart(plain_title((dataset, architecture), found), rows)
        for (dataset, architecture, _), rows in grouped(found)
    ]
    eps = found["threat"]["eps"]
    threat = threat_sentence(found["threat"], eps[0], range_rows(found)) if len(eps) == 1 else ""
    title = f"Robust accuracy ({threat})" if threat else "Robust accuracy"
    return picture(title, drawn, printed_style())


def margin_figure(run: StoredRun) -> bytes:
    """Draw, for each strategy, the share of examples whose margin exceeds a distance."""
    charts = (margin_chart(pair, rows, run) for pair, rows in pairs(run.results.rows).items())
    norm = NORM_SIGNS[run.results["threat"]["norm"]]
    drawn = [chart for chart in charts if chart is not None]
    return picture(f"Margins ({norm}; dashed: ε)", drawn, printed_style())
