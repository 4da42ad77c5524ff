"""Accuracy against ε, where the run has several."""

from collections.abc import Sequence

from genlabel_robust.reports.page.charts import sweep_chart
from genlabel_robust.reports.page.markup import Content, Markup, element, joined, name
from genlabel_robust.reports.page.parts import figure, groups, paragraph, table
from genlabel_robust.reports.page.view import pairs, plain_title, strategies, title
from genlabel_robust.reports.tables.results import CLEAN
from genlabel_robust.reports.tables.table import Column, accuracy
from genlabel_robust.reports.words.audited_model import noun
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row


def sweep(run: StoredRun) -> Markup:
    """Return a figure for each data set and architecture, or say that there is one ε only."""
    found = run.results
    eps = found.threat.eps
    if len(eps) == 1:
        return paragraph(
            f"The run has one ε, {eps[0]:g}: how accuracy falls with ε was not measured. Several, "
            "such as --eps 0.01:0.3:10, cost little more than one."
        )
    blocks: list[tuple[Content, Markup]] = [
        (title(pair, found), _block(f"sweep-{index}", plain_title(pair, found), rows, found))
        for index, (pair, rows) in enumerate(pairs(found.rows).items())
    ]
    note = "Intervals hold at each ε alone, not for a curve as a whole."
    return joined([paragraph(note), groups(blocks)])


def _block(identifier: str, words: str, rows: Sequence[Row], found: Results) -> Markup:
    eps = found.threat.eps
    by_strategy = {
        one: {row.eps: row for row in rows if row.strategy == one} for one in strategies(rows)
    }
    series = [
        (one, [of[eps[0]].clean_accuracy, *(of[e].robust_accuracy for e in eps)])
        for one, of in by_strategy.items()
    ]
    heading = f"Accuracy on {words} against ε"
    drawn = sweep_chart(heading, eps, series)
    columns: list[Column | str] = [noun(found), Column(CLEAN)]
    columns += [Column(f"ε = {e:g}") for e in eps]
    behind = table(
        identifier,
        joined(
            ["Accuracy at each ε on ", element("bdi", words), ", in percent, with 95 % intervals"]
        ),
        columns,
        ([name(one), *(accuracy(estimate) for estimate in estimates)] for one, estimates in series),
    )
    caption = "Worst-case accuracy at each ε; at 0 it is that on clean rows. Bands: intervals."
    return figure(f"{identifier}-figure", drawn, caption, behind)
