"""The accuracy of each class, as a mean can hide a class that is easily broken."""

from collections.abc import Sequence
from typing import Any

from genlabel_robust.reports.page.markup import Content, Markup, joined, name
from genlabel_robust.reports.page.parts import details, paragraph, table
from genlabel_robust.reports.page.view import ends, pairs, title
from genlabel_robust.reports.tables.results import CLEAN, WORST
from genlabel_robust.reports.tables.table import Cell, Column, accuracy
from genlabel_robust.reports.words.answer.turned import turned_of
from genlabel_robust.reports.words.audited_model import noun
from genlabel_robust.reports.words.wording import NOT_AVAILABLE
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import ClassRow, Row


def classes(run: StoredRun) -> Markup:
    """Return a table of all classes and strategies for each data set and architecture."""
    found = run.results
    blocks: list[tuple[Content, Markup]] = [
        (title(pair, found), _table(f"classes-{index}", title(pair, found), rows, found))
        for index, (pair, rows) in enumerate(pairs(found.rows).items())
    ]
    return joined(
        [
            paragraph(
                "Accuracies in percent with 95 % intervals, which are wide where a class has few "
                "test rows. Classes without test rows are left out."
                + " “Turned” counts right answers that were turned."
                * _counted(found.rows)
            ),
            joined(details(heading, body, open_=len(blocks) == 1) for heading, body in blocks),
        ]
    )


def _table(identifier: str, heading: Markup, rows: Sequence[Row], found: Results) -> Markup:
    of: dict[tuple[str, str], dict[float, ClassRow]] = {}
    for row in rows:
        for one in row.per_class:
            of.setdefault((one.name, row.strategy), {})[row.eps] = one
    if not of:
        return paragraph("There are no numbers per class.")
    counted = _counted(rows)
    columns: list[Column | str] = [
        "class",
        noun(found),
        Column("test rows"),
        Column(CLEAN),
        *([Column("right")] if counted else []),
        *(Column(f"{WORST}, ε = {eps:g}") for eps in ends(found)),
        *([Column(f"turned, ε = {eps:g}") for eps in ends(found)] if counted else []),
    ]
    lines: list[list[Content | Cell]] = []
    for label, strategy in sorted(of, key=_order(rows)):
        at = of[label, strategy]
        first = next(iter(at.values()))
        lines.append(
            [
                name(label),
                name(strategy),
                str(first.n_examples),
                accuracy(first.clean_accuracy),
                *([str(turned_of(first).right)] if counted else []),
                *(accuracy(at[eps].robust_accuracy if eps in at else None) for eps in ends(found)),
                *([_broken(at.get(eps)) for eps in ends(found)] if counted else []),
            ]
        )
    caption = joined(["Accuracy of each class of ", heading])
    return table(identifier, caption, columns, lines)


def _counted(rows: Sequence[Row]) -> bool:
    """Return whether to show counts, which need a single seed, as they belong to one model."""
    return all(row.n_seeds == 1 for row in rows)


def _broken(one: ClassRow | None) -> str:
    """Return the number of broken predictions of a class as a table cell."""
    return NOT_AVAILABLE if one is None else str(turned_of(one).broken)


def _order(rows: Sequence[Row]) -> Any:
    """Return the sort key: by class, and within a class in the run's order of strategies."""
    labels = list(dict.fromkeys(one.name for row in rows for one in row.per_class))
    position = {label: index for index, label in enumerate(labels)}
    return lambda key: position[key[0]]
