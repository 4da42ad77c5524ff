"""The accuracy of every model, clean and under attack, with intervals."""

from collections.abc import Iterator, Sequence

from genlabel_robust.reports.page.charts_of_run import accuracy_chart
from genlabel_robust.reports.page.markup import Content, Markup, element, joined, name
from genlabel_robust.reports.page.parts import details, figure, groups, paragraph, whole_table
from genlabel_robust.reports.page.view import ends, pairs, plain_title, title
from genlabel_robust.reports.tables.results import one_model_table, results_table
from genlabel_robust.reports.tables.table import turned
from genlabel_robust.reports.words.wording import margin_words
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row


def results(run: StoredRun) -> Markup:
    """Return a figure and a table for each data set and architecture."""
    found = run.results
    blocks: list[tuple[Content, Markup]] = [
        (title(pair, found), _block(f"results-{index}", plain_title(pair, found), rows, found))
        for index, (pair, rows) in enumerate(pairs(found.rows).items())
    ]
    return joined(
        [
            paragraph(
                "Accuracies in percent, with 95 % intervals. Clean: on the rows as they are. "
                "Worst case: at all points that attacks, proofs and changes of one feature found. "
                "Proved: the share of rows whose label nothing within the attacker’s reach can "
                "change; where it equals the worst case, robust accuracy is exact. The median "
                "margin is "
                f"{margin_words(found.threat)}."
            ),
            groups(blocks),
        ]
    )


def _block(identifier: str, words: str, rows: Sequence[Row], found: Results) -> Markup:
    first = rows[0]
    seeds = f", {first.n_seeds} training seeds" if found.model is None else ""
    reasons = dict.fromkeys(
        joined([name(row.strategy), ": ", row.reason]) for row in rows if row.reason
    )
    return joined(
        [
            paragraph(f"{first.n_examples} test rows{seeds}."),
            *(paragraph("No number for ", reason) for reason in reasons),
            *(_alone if len(rows) == 1 else _beside)(identifier, words, rows, found),
        ]
    )


def _alone(identifier: str, words: str, rows: Sequence[Row], found: Results) -> Iterator[Markup]:
    """Yield the table of a single row, with one measure per line."""
    table = turned(one_model_table(found, rows[0]), ("measure", "%", "95 % interval"))
    yield whole_table(identifier, _caption("Accuracy on ", words), table, sortable=False)


def _beside(identifier: str, words: str, rows: Sequence[Row], found: Results) -> Iterator[Markup]:
    """Yield a chart at the largest ε, the table, and the accuracies under single attacks."""
    eps = ends(found)[-1]
    largest = [row for row in rows if row.eps == eps]
    caption = f"Accuracies at ε = {eps:g}; lines are 95 % intervals."
    yield figure(f"{identifier}-figure", accuracy_chart(words, largest), caption, None)
    several = len(found.threat.eps) > 1
    table = results_table(found, rows, eps=several)
    plain = table.only(lambda column: column.kind != "attack")
    yield whole_table(identifier, _caption("Accuracy on ", words), plain)
    attacks = table.only(lambda column: column.kind == "attack" or column.title == "ε")
    if len(attacks.columns) > 1:
        caption_of = _caption("Accuracy under each attack alone on ", words)
        yield details(
            "Under each attack alone", whole_table(f"{identifier}-attacks", caption_of, attacks)
        )


def _caption(begin: str, words: str) -> Markup:
    return joined([begin, element("bdi", words), ", %, with 95 % intervals"])
