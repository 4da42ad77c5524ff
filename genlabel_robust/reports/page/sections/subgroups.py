"""Groups of test rows by columns, and which of them are less robust than the rest."""

from collections.abc import Iterator, Sequence

from genlabel_robust.reports.page.charts import difference_chart, interval_chart
from genlabel_robust.reports.page.markup import Content, Markup, joined, name, plain_name
from genlabel_robust.reports.page.parts import bullets, details, figure, paragraph, whole_table
from genlabel_robust.reports.page.view import ends, pairs, plain_title, strategies, title
from genlabel_robust.reports.tables.results import CLEAN, EXACT, WORST
from genlabel_robust.reports.tables.subgroups import subgroups_table
from genlabel_robust.reports.words.check_words import row_name
from genlabel_robust.reports.words.subgroups import (
    EXPLANATION,
    all_exact,
    answers,
    differing,
    distinct,
)
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row

#: The maximum number of sentences about groups of several models at the beginning.
_MOST = 10


def subgroups(run: StoredRun) -> Markup | None:
    """Return sentences, charts and a table on groups for each model; None without groups."""
    found = run.results
    rows = [row for row in found.rows if row.subgroups]
    if not rows:
        return None
    blocks = [*_blocks(found, rows)]
    return joined(
        [
            bullets(_first(found, rows)) if len(blocks) > 1 else None,
            *(body for _, body in blocks if len(blocks) == 1),
            *(details(heading, body) for heading, body in blocks if len(blocks) > 1),
            paragraph(EXPLANATION),
        ]
    )


def _first(found: Results, rows: Sequence[Row]) -> Iterator[str]:
    """Yield sentences on the groups that differ from the rest, by model, at the largest ε."""
    chosen = [row for row in rows if row.eps == ends(found)[-1]]
    said = [(row, words) for row in chosen if differing(row) for words in answers(row)]
    for row, words in said[:_MOST]:
        yield f"{row_name(row, found)}: {words}"
    if len(said) > _MOST:
        yield f"{len(said) - _MOST} more groups differ; see each model."
    if not said:
        yield (
            "No group of any model differs from the rest in robust accuracy by more than chance "
            "explains (5 %, by Holm)."
        )


def _blocks(found: Results, rows: Sequence[Row]) -> Iterator[tuple[Content, Markup]]:
    """Yield a heading and content for each model, by data set."""
    number = 0
    for pair, members in pairs(rows).items():
        several = len(strategies(members)) > 1
        for strategy in strategies(members):
            heading = joined([title(pair, found), ", " if several else None])
            heading = joined([heading, name(strategy) if several else None])
            words = plain_title(pair, found)
            words += f", {plain_name(strategy)}" if several else ""
            own = [row for row in members if row.strategy == strategy and row.eps in ends(found)]
            yield heading, _block(f"subgroups-{number}", words, own)
            number += 1


def _block(identifier: str, words: str, rows: Sequence[Row]) -> Markup:
    """Return the content for one model at the smallest and largest ε; the chart at the largest."""
    last = rows[-1]
    several = len(rows) > 1
    sentences = [
        f"At ε = {row.eps:g}: {text}" if several else text
        for row, texts in distinct(rows)
        for text in texts
    ]
    groups = [one for one in last.subgroups if one.clean_accuracy is not None]
    labels = [one.label for one in groups]
    robust = f"robust, {EXACT if all_exact([last]) else WORST}"
    measures = [
        (CLEAN, [one.clean_accuracy for one in groups]),
        (robust, [one.robust_accuracy for one in groups]),
    ]
    behind = whole_table(
        identifier,
        f"Groups of test rows of {words}: accuracies in percent, with 95 % intervals",
        subgroups_table(rows),
    )
    if not groups:
        return joined([bullets(sentences), behind])
    heading = f"Groups of test rows of {words} at ε = {last.eps:g}"
    return joined(
        [
            bullets(sentences),
            *_differences(f"{identifier}-differences", heading, last),
            figure(
                f"{identifier}-figure",
                interval_chart(heading, labels, measures, of="groups"),
                f"{heading}: accuracy on clean rows, and robust accuracy; lines are 95 % "
                "intervals.",
                behind,
                open_=True,
            ),
        ]
    )


def _differences(identifier: str, heading: str, row: Row) -> Iterator[Markup]:
    known = [one for one in row.subgroups if one.robust_difference is not None]
    if known:
        found = [one.robust_difference.estimate for one in known if one.robust_difference]
        drawn = difference_chart(f"{heading}, to the rest", [one.label for one in known], found)
        caption = (
            f"{heading}: robust accuracy minus that of all other rows; left of zero a group is "
            "less robust than the rest. Lines are 95 % intervals."
        )
        yield figure(identifier, drawn, caption, None)
