"""The fraction of correct predictions over ε, from the stored distances of one run."""

from collections.abc import Iterator, Sequence

import numpy as np

from genlabel_robust.reports.page.charts_of_run import curves_of, eps_chart
from genlabel_robust.reports.page.curves import HOLLOW, Curve, censored, has_intervals, reach_of
from genlabel_robust.reports.page.markup import Content, Markup, element, joined, name
from genlabel_robust.reports.page.parts import details, figure, groups, paragraph, whole_table
from genlabel_robust.reports.page.svg import nice_ticks
from genlabel_robust.reports.page.view import Pair, drawn_first, pairs, plain_title, title
from genlabel_robust.reports.tables.table import Cell, Column, Table
from genlabel_robust.reports.words.wording import NOT_AVAILABLE
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.results.row import Row


def sweep(run: StoredRun) -> Markup | None:
    """Return a table for each curve, and the curve itself unless the verdict has it."""
    blocks: list[tuple[Content, Markup]] = []
    for index, (pair, rows) in enumerate(pairs(run.results.rows).items()):
        curves = curves_of(pair, rows, run)
        if curves:
            drawn = None if drawn_first(run.results) else curve_figure(index, pair, rows, run)
            table = _table(f"sweep-{index}", pair, rows, run, curves)
            blocks.append((title(pair, run.results), joined([drawn, table])))
    if not blocks:
        return None
    note = (
        "Accuracies in percent, counted from the distance at which each answer is turned. Only the "
        "ε of the run have intervals; verdicts and gates use no other."
    )
    return joined([paragraph(note), groups(blocks)])


def curve_figure(index: int, pair: Pair, rows: Sequence[Row], run: StoredRun) -> Markup | None:
    """Return the curves of a pair with a caption, or None if no distances are known."""
    curves = curves_of(pair, rows, run)
    if not curves:
        return None
    caption = " ".join(_caption(rows, run, curves))
    return figure(f"curve-{index}-figure", eps_chart(pair, curves, run), caption, None)


def _caption(rows: Sequence[Row], run: StoredRun, curves: Sequence[Curve]) -> Iterator[str]:
    """Yield sentences on what the curves show, how exact they are, and on their marks."""
    eps = run.results.threat.eps
    yield "The share of answers that are right at each ε."
    kinds = {row.margin.kind for row in rows if row.margin}
    if kinds == {"exact"}:
        yield "Exact: the distance of every answer is known."
    elif "attack" in kinds:
        which = (
            "An upper bound" if kinds == {"attack"} else "Curves without proofs are upper bounds"
        )
        yield (
            f"{which}: other attacks may turn answers by less. The attacks searched up to "
            f"ε = {eps[-1]:g}; beyond it, more examples can be missing."
        )
    if "interval-censored" in kinds:
        band = ", but not below the shaded band, which is proved" if len(curves) == 1 else ""
        yield (
            "Each line falls where adversarial examples were found. There may be nearer ones, so "
            f"the true line may lie lower{band}."
        )
    if has_intervals(curves):
        yield f"Bars at {'the' if len(eps) == 1 else 'each'} ε of the run: 95 % intervals."
    if len(eps) > 1:
        yield "Dashed lines: the ε of the run."
    if censored(curves):
        yield HOLLOW


def _table(
    identifier: str, pair: Pair, rows: Sequence[Row], run: StoredRun, curves: Sequence[Curve]
) -> Markup:
    """Return a table of each model's accuracy at the run's ε, and at values between."""
    eps = run.results.threat.eps
    ticks = nice_ticks(0.0, reach_of(eps, curves), 8)
    at = sorted({0.0, *eps, *(tick for tick in ticks if tick > 0)})
    columns = [Column("ε"), *(Column(curve.name) for curve in curves)]
    lines = tuple(
        (Cell(f"{one:g}"), *(_cell(run.panels.get((*pair, c.name)), one) for c in curves))
        for one in at
    )
    words = plain_title(pair, run.results)
    caption = joined(["Answers that are right at each ε on ", element("bdi", words), ", %"])
    table = whole_table(identifier, caption, Table(tuple(columns), lines))
    return details(joined(["The numbers of the curve of ", name(pair[0])]), table)


def _cell(panel: Panel | None, eps: float) -> Cell:
    """Return the accuracy at ``eps``: one number if it is exact, otherwise a bracket."""
    if panel is None or panel.margins is None:
        return Cell(NOT_AVAILABLE)
    if not eps:
        return Cell(f"{100 * panel.clean.mean():.1f}")
    high = 100 * float(np.mean(panel.robust(panel.margins, eps)))
    if panel.exact is not None:
        return Cell(f"{high:.1f}")
    proved = panel.certified(eps)
    if proved is None:
        return Cell(f"≤ {high:.1f}")
    low = 100 * float(proved.mean())
    return Cell(f"{high:.1f}" if low == high else f"{low:.1f} to {high:.1f}")
