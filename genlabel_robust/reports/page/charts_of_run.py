"""The charts of a run, which its page shows, and as files of their own: one below the other."""

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
    """Return what becomes of the answers of each of ``rows``; None where none has a number.

    ``words``: what the models of ``rows``, all of one ε, were asked about.
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


def curves_of(pair: Pair, rows: Sequence[Row], run: StoredRun) -> list[Curve]:
    """Return the curve over ε of each strategy; none where nothing is known of distances."""
    curves = [
        _curve(strategy, rows, run.panels.get((*pair, strategy))) for strategy in strategies(rows)
    ]
    return curves if any(len(one.distances) for one in curves) else []


def eps_chart(pair: Pair, curves: Sequence[Curve], run: StoredRun) -> Drawing:
    """Return the drawing of ``curves``, of the models of ``pair``."""
    heading = f"Right answers on {plain_title(pair, run.results)} as ε grows"
    threat = run.results.threat
    return curve_chart(heading, eps_axis(threat), threat.eps, curves)


def _curve(strategy: str, rows: Sequence[Row], panel: Panel | None) -> Curve:
    """Return the distances of a strategy with its ``rows``; without any it keeps its colour."""
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
    """Draw clean, worst-case and proved accuracy of each strategy, with intervals, by group."""
    results = run.results
    drawn = [
        accuracy_chart(plain_title((dataset, architecture), results), rows)
        for (dataset, architecture, _), rows in grouped(results)
    ]
    eps = results.threat.eps
    threat = threat_sentence(results.threat, eps[0], range_rows(results)) if len(eps) == 1 else ""
    return picture("Robust accuracy", threat, drawn, printed_style())


def answers_figure(run: StoredRun) -> bytes:
    """Draw what becomes of the answers of each model at the largest ε."""
    results = run.results
    drawn = []
    for pair, rows in pairs(results.rows).items():
        last = [row for row in rows if row.eps == results.threat.eps[-1]]
        chart = answers_chart(plain_title(pair, results), last)
        drawn += [] if chart is None else [chart]
    return picture("What becomes of the answers", "", drawn, printed_style())


def margin_figure(run: StoredRun) -> bytes:
    """Draw, for each strategy, the share of answers that is right at each ε."""
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
