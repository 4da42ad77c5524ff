"""The charts of a run, for its page and as separate files with one chart below the other."""

from collections.abc import Sequence

import numpy as np

from genlabel_robust.reports.page.charts import Outcomes, interval_chart, outcome_chart
from genlabel_robust.reports.page.curves import HOLLOW, Curve, censored, curve_chart, has_intervals
from genlabel_robust.reports.page.styles import printed_style
from genlabel_robust.reports.page.svg import Drawing, picture
from genlabel_robust.reports.page.view import Pair, pairs, plain_title, strategies
from genlabel_robust.reports.tables.results import CLEAN, EXACT, WORST
from genlabel_robust.reports.words.answer.tally import tally
from genlabel_robust.reports.words.audited_model import range_rows
from genlabel_robust.reports.words.decided import PROVED, has_proofs, needs_exact
from genlabel_robust.reports.words.groups import grouped
from genlabel_robust.reports.words.wording import NORM_SIGNS, eps_axis, threat_sentence
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.results.row import Row


def answers_chart(words: str, rows: Sequence[Row]) -> Drawing | None:
    """Draw the outcomes of the predictions of each of ``rows``, or None if no row has numbers.

    ``words``: the name of the data set for the title. All rows have the same ε.
    """
    bars = []
    for row in rows:
        counts = tally(row)
        if counts is not None:
            kept = counts.right - counts.most
            of = (counts.answers, kept, counts.open, counts.broken, counts.proves)
            bars.append(Outcomes(row.strategy, *of))
    return outcome_chart(f"Answers on {words} at ε = {rows[0].eps:g}", bars) if bars else None


def accuracy_chart(words: str, rows: Sequence[Row]) -> Drawing:
    """Draw clean, worst-case, and certified or exact accuracy, with intervals.

    ``words``: the name of the data set for the title. All rows have the same ε.
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


def curves_of(pair: Pair, rows: Sequence[Row], run: StoredRun) -> list[Curve]:
    """Return the curve over ε of each strategy; empty if no distances are known."""
    curves = [
        _curve(strategy, rows, run.panels.get((*pair, strategy))) for strategy in strategies(rows)
    ]
    return curves if any(len(one.distances) for one in curves) else []


def eps_chart(pair: Pair, curves: Sequence[Curve], run: StoredRun) -> Drawing:
    """Draw ``curves``, which belong to the models of ``pair``."""
    heading = f"Right answers on {plain_title(pair, run.results)} as ε grows"
    threat = run.results.threat
    return curve_chart(heading, eps_axis(threat), threat.eps, curves)


def _curve(strategy: str, rows: Sequence[Row], panel: Panel | None) -> Curve:
    """Return the curve of a strategy; without results it is empty, but still takes a colour."""
    if panel is None or panel.margins is None:
        return Curve(strategy, np.zeros(0))
    known = ((row.eps, row.exact_robust_accuracy or row.robust_accuracy) for row in rows)
    estimates = {eps: one for eps, one in known if one is not None}
    if panel.between is None:
        return Curve(strategy, panel.margins.ravel(), estimates=estimates)
    low, high = panel.between
    exact = bool((low == high).all())
    return Curve(strategy, high.ravel(), None if exact else low.ravel(), estimates)


def robust_accuracy_figure(run: StoredRun) -> bytes:
    """Draw clean, worst-case and certified accuracy of each strategy, with intervals, by group."""
    results = run.results
    drawn = [
        accuracy_chart(plain_title((dataset, architecture), results), rows)
        for (dataset, architecture, _), rows in grouped(results)
    ]
    eps = results.threat.eps
    threat = threat_sentence(results.threat, eps[0], range_rows(results)) if len(eps) == 1 else ""
    return picture("Robust accuracy", threat, drawn, printed_style())


def answers_figure(run: StoredRun) -> bytes:
    """Draw the outcomes of each model's predictions at the largest ε."""
    results = run.results
    drawn = []
    for pair, rows in pairs(results.rows).items():
        last = [row for row in rows if row.eps == results.threat.eps[-1]]
        chart = answers_chart(plain_title(pair, results), last)
        drawn += [] if chart is None else [chart]
    return picture("What becomes of the answers", "", drawn, printed_style())


def margin_figure(run: StoredRun) -> bytes:
    """Draw, for each strategy, the fraction of predictions that stay correct at each ε."""
    drawn, with_intervals, hollow = [], 0, False
    for pair, rows in pairs(run.results.rows).items():
        if curves := curves_of(pair, rows, run):
            drawn.append(eps_chart(pair, curves, run))
            with_intervals += has_intervals(curves)
            hollow |= censored(curves)
    note = f"norm: {NORM_SIGNS[run.results.threat.norm]}; dashed: ε of the run"
    if drawn and len(drawn) == with_intervals:
        note += "; bars: 95 % intervals"
    if hollow:
        note += f"; {HOLLOW[0].lower()}{HOLLOW[1:-1]}"
    return picture("Right answers as ε grows", note, drawn, printed_style())
