"""Accuracy of every model, clean and under attack, with intervals."""

from collections.abc import Sequence

from genlabel_robust.reports.page.charts_of_run import accuracy_chart
from genlabel_robust.reports.page.markup import Content, Markup, element, joined, name
from genlabel_robust.reports.page.parts import figure, groups, paragraph, whole_table
from genlabel_robust.reports.page.view import ends, pairs, plain_title, title
from genlabel_robust.reports.tables.results import results_table
from genlabel_robust.reports.words.decided import has_proofs
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
                "Worst case: at every point that an attack, a proof or a change of one feature "
                "found. Proved: the share of rows whose label nothing within the attacker’s reach "
                "can change; where it equals the worst case, robust accuracy is exact. The median "
                "margin is "
                f"{margin_words(found.threat)}."
            ),
            groups(blocks),
        ]
    )


def _block(identifier: str, words: str, rows: Sequence[Row], found: Results) -> Markup:
    eps = ends(found)[-1]
    shown = [row for row in rows if row.eps == eps]
    drawn = accuracy_chart(words, shown)
    which = "on clean rows, in the worst case" if has_proofs(shown) else "on clean rows"
    last = "proved" if has_proofs(shown) else "in the worst case"
    caption = f"Accuracy {which} and {last} at ε = {eps:g}; lines are 95 % intervals."
    first = rows[0]
    seeds = f", {first.n_seeds} training seeds" if found.model is None else ""
    said = f"{first.n_examples} test rows{seeds}."
    reasons = dict.fromkeys(
        joined([name(row.strategy), ": ", row.reason]) for row in rows if row.reason
    )
    return joined(
        [
            paragraph(said),
            *(paragraph("No number for ", reason) for reason in reasons),
            figure(
                f"{identifier}-figure",
                drawn,
                caption,
                _table(identifier, words, rows, found),
                open_=True,
            ),
        ]
    )


def _table(identifier: str, words: str, rows: Sequence[Row], found: Results) -> Markup:
    several = len(found.threat.eps) > 1
    caption = joined(["Accuracy on ", element("bdi", words), " in percent, with 95 % intervals"])
    return whole_table(identifier, caption, results_table(found, rows, eps=several))
