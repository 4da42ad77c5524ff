"""The comparison of strategies on the same rows and seeds, and their ranks over data sets."""

from collections.abc import Iterator, Mapping

from genlabel_robust.reports.page import view
from genlabel_robust.reports.page.charts import difference_chart
from genlabel_robust.reports.page.markup import Content, Markup, element, joined, name
from genlabel_robust.reports.page.parts import (
    bullets,
    details,
    figure,
    groups,
    paragraph,
    table,
    whole_table,
)
from genlabel_robust.reports.tables.differences import (
    MARKED,
    Measured,
    Pairs,
    differences_table,
    pairs_of,
    pairs_table,
    pairs_title,
    to_the_first,
)
from genlabel_robust.reports.tables.table import Column
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row
from genlabel_robust.statistics.ranks import LEAST_DATASETS, compare_ranks

_CAPTION, _UNITS = "Differences on ", ", percentage points, with 95 % intervals"
#: The maximum number of pairs over all data sets; more would make the page too large.
_MOST = 500


def strategies(run: StoredRun) -> Markup | None:
    """Return differences to the run's first strategy, and the critical difference of ranks.

    None for a single strategy and for an audited model, as there is nothing to compare.
    """
    found = run.results
    names = view.strategies(found.rows)
    if found.model is not None or len(names) == 1:
        return None
    blocks: list[tuple[Content, Markup]] = []
    for index, pair in enumerate(view.pairs(found.rows)):
        if of := pairs_of(found, *pair):
            words, chosen = view.plain_title(pair, found), to_the_first(of, names[0])
            drawn = _block(f"strategies-{index}", words, chosen, found) if chosen else None
            body = joined([drawn, *_all(index, words, of, found)])
            blocks.append((view.title(pair, found), body))
    several = len(found.datasets) > 1
    return joined(
        [
            paragraph(
                "Differences to ",
                name(names[0]),
                ", the first strategy of the run, on the same test "
                "rows and seeds, in percentage points. Each interval is for one comparison "
                f"alone: among many, some miss by chance. {MARKED}.",
                None if _fit(found) else " All pairs are in results.json.",
            ),
            groups(blocks),
            *([element("h3", "Over all data sets"), *_ranks(found)] if several else []),
        ]
    )


def _fit(found: Results) -> bool:
    """Return whether the differences between all pairs are few enough for the page."""
    return len(found.differences) <= _MOST * (1 + len(found.threat.eps))


def _all(index: int, words: str, pairs: Pairs, found: Results) -> Iterator[Markup]:
    """Yield the collapsed differences between all pairs, unless there is one or too many."""
    if len(pairs) > 1 and _fit(found):
        eps = found.threat.eps
        caption = joined([_CAPTION, element("bdi", words), _UNITS, f"; {MARKED}"])
        whole = whole_table(f"strategies-{index}-pairs", caption, pairs_table(pairs, eps))
        yield details(pairs_title(pairs, eps), whole)


def _block(
    identifier: str,
    words: str,
    chosen: Mapping[str, Measured],
    found: Results,
) -> Markup:
    eps = found.threat.eps
    heading = f"Differences in worst-case accuracy on {words} at ε = {eps[-1]:g}"
    drawn = difference_chart(heading, list(chosen), [of.get(eps[-1]) for of in chosen.values()])
    behind = whole_table(
        identifier,
        joined([_CAPTION, element("bdi", words), _UNITS]),
        differences_table(chosen, eps),
    )
    caption = f"Worst-case accuracy at ε = {eps[-1]:g}, minus that of the first strategy."
    return figure(f"{identifier}-figure", drawn, caption, behind)


def _ranks(found: Results) -> list[Markup]:
    """Return the critical difference per architecture at the smallest and the largest ε.

    If ranks cannot be compared, returns the reason instead.
    """
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
    said = f"Friedman’s test gives p = {compared.p_value:.2g} over {compared.datasets} data sets. "
    said += "Mean ranks count as different if they are more than "
    said += f"{compared.critical_difference:.2f} apart (Nemenyi, 5 %)"
    behind = table(
        identifier,
        joined([where, "mean rank of worst-case accuracy, 1 is best"]),
        ["strategy", Column("mean rank")],
        ([name(one), f"{rank:.2f}"] for one, rank in ranks),
    )
    if not apart:
        return [paragraph(where, said, ": none are."), behind]
    return [paragraph(where, said, ":"), bullets(apart), behind]
