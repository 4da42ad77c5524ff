"""What the strategies that mix rows do to the data, whatever is trained on it."""

from __future__ import annotations

from genlabel_robust.reports.page.markup import Markup, joined, name
from genlabel_robust.reports.page.parts import Column, paragraph, table
from genlabel_robust.reports.page.view import datasets, strategies
from genlabel_robust.reports.words.mixing import COLUMNS, EXPLANATION, mixing_rows
from genlabel_robust.runs.folder.stored_run import StoredRun


def mixing(run: StoredRun) -> Markup | None:
    """Return shares of mixed points and labels by strategy; None if no strategy mixes."""
    of = datasets(run.results)
    # a file's mappings are sorted
    order = strategies(run.results["rows"])
    found = sorted(mixing_rows(of), key=lambda row: (list(of).index(row[0]), order.index(row[1])))
    if not found:
        return None
    columns: list[Column | str] = [*COLUMNS[:2]]
    columns += [Column(title, number=True) for title in COLUMNS[2:]]
    return joined(
        [
            paragraph(
                "Of points drawn as the strategy mixes them from the scaled training rows. No "
                "model "
                "and no attack is in it: it may explain a difference, and is no measure of "
                "robustness."
            ),
            paragraph(EXPLANATION),
            table(
                "mixing-table",
                "Mixed points and their labels, by strategy",
                columns,
                ([name(row[0]), name(row[1]), *row[2:]] for row in found),
            ),
        ]
    )
