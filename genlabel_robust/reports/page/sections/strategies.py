"""Strategies compared on the same rows and seeds, and whether ranks over data sets may be."""

from collections.abc import Mapping

from genlabel_robust.reports.page import view
from genlabel_robust.reports.page.charts import difference_chart
from genlabel_robust.reports.page.markup import Content, Markup, element, joined, name
from genlabel_robust.reports.page.parts import (
    bullets,
    figure,
    groups,
    paragraph,
    table,
    whole_table,
)
from genlabel_robust.reports.tables.results import differences_table
from genlabel_robust.reports.tables.table import Column
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row
from genlabel_robust.statistics import Estimate
from genlabel_robust.statistics.ranks import LEAST_DATASETS, compare_ranks


def strategies(run: StoredRun) -> Markup | None:
    """Return differences to the run's first strategy, and the critical difference of ranks.

    None of one strategy, and of a model that was audited: there is nothing to compare.
    """
    found = run.results
    names = view.strategies(found.rows)
    if found.model is not None or len(names) == 1:
        return None
    blocks: list[tuple[Content, Markup]] = []
    for index, pair in enumerate(view.pairs(found.rows)):
        chosen = _differences(found, pair)
        if chosen:
            body = _block(f"strategies-{index}", view.plain_title(pair, found), chosen, found)
            blocks.append((view.title(pair, found), body))
    several = len(found.datasets) > 1
    return joined(
        [
            paragraph(
                "Differences to ",
                name(names[0]),
                ", the first strategy of the run, on the same test "
                "rows and seeds, in percentage points. Every interval is for its own "
                "comparison: among "
                "many, some miss by chance. All pairs are in results.json.",
            ),
            groups(blocks),
            *([element("h3", "Over all data sets"), *_ranks(found)] if several else []),
        ]
    )


def _differences(found: Results, pair: view.Pair) -> dict[str, dict[float | None, Estimate]]:
    """Return differences by strategy, then by ε; None is that on clean rows."""
    chosen: dict[str, dict[float | None, Estimate]] = {}
    reference = view.strategies(found.rows)[0]
    for one in found.differences:
        if (one.dataset, one.architecture, one.reference) == (*pair, reference):
            chosen.setdefault(one.strategy, {})[one.eps] = one.difference
    return chosen


def _block(
    identifier: str,
    words: str,
    chosen: Mapping[str, Mapping[float | None, Estimate]],
    found: Results,
) -> Markup:
    eps = found.threat.eps
    heading = f"Differences in worst-case accuracy on {words} at ε = {eps[-1]:g}"
    drawn = difference_chart(heading, list(chosen), [of.get(eps[-1]) for of in chosen.values()])
    behind = whole_table(
        identifier,
        joined(["Differences on ", element("bdi", words), ", points, with 95 % intervals"]),
        differences_table(chosen, eps),
    )
    caption = f"Worst-case accuracy at ε = {eps[-1]:g}, minus that of the first strategy."
    return figure(f"{identifier}-figure", drawn, caption, behind)


def _ranks(found: Results) -> list[Markup]:
    """Return the critical-difference statement for each architecture and end of ε, or why not."""
    count = len(found.datasets)
    if count < LEAST_DATASETS:
        return [
            paragraph(
                f"No statement is made over all data sets: there are {count}, and ranks over fewer "
                f"than {LEAST_DATASETS} say next to nothing."
            )
        ]
    statements: list[Markup] = []
    for architecture in dict.fromkeys(row.architecture for row in found.rows):
        for eps in view.ends(found):
            rows = [r for r in found.rows if (r.architecture, r.eps) == (architecture, eps)]
            statements += _statement(f"strategies-ranks-{len(statements)}", rows, architecture, eps)
    return statements


def _statement(identifier: str, rows: list[Row], architecture: str, eps: float) -> list[Markup]:
    scores: dict[str, dict[str, float]] = {}
    for row in rows:
        if row.robust_accuracy:
            scores.setdefault(row.strategy, {})[row.dataset] = row.robust_accuracy.value
    compared = compare_ranks(scores)
    where = joined([name(architecture), f", ε = {eps:g}: "])
    if compared is None:
        words = "too few strategies have a number on the same five data sets to rank them."
        return [paragraph(where, words)]
    ranks = sorted(compared.ranks.items(), key=lambda entry: entry[1])
    apart = [
        joined([name(better), " ranks better than ", name(worse)])
        for i, (better, first) in enumerate(ranks)
        for worse, second in ranks[i + 1 :]
        if compared.p_value < 0.05 and second - first > compared.critical_difference
    ]
    said = f"Friedman’s test gives p = {compared.p_value:.2g} over {compared.datasets} data sets; "
    said += f"mean ranks that differ by more than {compared.critical_difference:.2f} (Nemenyi, 5 %)"
    behind = table(
        identifier,
        joined([where, "mean rank of worst-case accuracy, 1 is best"]),
        ["strategy", Column("mean rank")],
        ([name(one), f"{rank:.2f}"] for one, rank in ranks),
    )
    if not apart:
        return [paragraph(where, said, " are told apart: none are."), behind]
    return [paragraph(where, said, " are told apart:"), bullets(apart), behind]
