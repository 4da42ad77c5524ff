"""What the two tables share: rows beside published numbers, how far off, and their text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.data import Task
from genlabel_robust.models.nets.architecture import Architecture
from genlabel_robust.paper.protocol import ARCHITECTURE
from genlabel_robust.paper.tables.published import RELEASED, TableName, published_value
from genlabel_robust.reports.tables.table import Column, table_of_text
from genlabel_robust.reports.text.markdown_tables import table_lines
from genlabel_robust.trainers.grid import Candidate
from genlabel_robust.trainers.torch_trainer import Trained

#: A cell that differs from the published one by more is looked into.
FAR = 0.03


def table_row(
    table: TableName | None,
    task: Task,
    strategy: str,
    trained: Sequence[Trained],
    values: FloatArray,
    architecture: Architecture = ARCHITECTURE,
) -> dict[str, Any]:
    """Return a cell beside its published number; ``values``: what each trial measured.

    ``table``: None for one of which nothing was published.
    """
    wanted = None if table is None else published_value(table, task.name, strategy)
    measured = float(values.mean())
    return {
        "dataset": task.name,
        "strategy": strategy,
        "architecture": architecture.name,
        "n_examples": len(task.y_test),
        "n_seeds": len(values),
        "published": wanted,
        "measured": measured,
        "difference": None if wanted is None else measured - wanted,
        "trials": values.tolist(),
        "standard_error": standard_error(values),
        "hyper_parameters": [asdict(one.chosen) for one in trained],
    }


def standard_error(values: FloatArray) -> float | None:
    """Return that of the mean over trials (t,); None for a single one."""
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None


def summary(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return how far the cells that were published are from what was published."""
    off = [abs(row["difference"]) for row in rows if row["difference"] is not None]
    return {
        "n_cells": len(off),
        "mean_absolute_difference": float(np.mean(off)) if off else None,
        "n_far": sum(value > FAR for value in off),
    }


def summary_line(found: Mapping[str, Any]) -> str:
    """Say it in a sentence."""
    if not found["n_cells"]:
        return "None of these cells was published."
    return (
        f"{found['n_cells']} published cells, mean absolute difference "
        f"{100 * found['mean_absolute_difference']:.2f} points; {found['n_far']} of them differ by "
        f"more than {100 * FAR:g}."
    )


def trials_told(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return how many trials the cells have: "5 trials"."""
    count = rows[0]["n_seeds"]
    return f"{count} trial{'s' * (count != 1)}"


def chosen(row: Mapping[str, Any]) -> str:
    """Return the hyper-parameters of the trials, the frequent first: "0.1, γ 0.2 (3); ..."."""
    names = [_name(Candidate(**found)) for found in row["hyper_parameters"]]
    counts = {name: names.count(name) for name in dict.fromkeys(names)}
    ordered = sorted(counts, key=lambda name: -counts[name])
    return "; ".join(name + (f" ({counts[name]})" if len(ordered) > 1 else "") for name in ordered)


def _name(candidate: Candidate) -> str:
    parts = [f"{candidate.learning_rate:g}"]
    if candidate.density is not None:
        parts.append(candidate.density)
    if candidate.gamma is not None:
        parts.append(f"γ {candidate.gamma:g}")
    return " ".join(parts)


def percent(value: float | None) -> str:
    """Return a fraction in percent: "88.00"."""
    return "n/a" if value is None else f"{100 * value:.2f}"


def points(value: float | None) -> str:
    """Return a difference of fractions in points: "+1.33"."""
    return "n/a" if value is None else f"{100 * value:+.2f}".replace("-", "−")


def markdown_table(columns: Sequence[Column | str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table, and an empty one after it; a plain title is that of text."""
    return list(table_lines(table_of_text(columns, rows)))


def cells_table(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, str]) -> list[str]:
    """Return ``markdown_table`` of cells with their strategies and hyper-parameters.

    ``columns``: by its title the key of what a column shows, in percent, a "difference" in points.
    """
    return markdown_table(
        ("data set", "strategy", "rate, density, γ (trials)", *map(Column, columns)),
        [
            (
                row["dataset"],
                row["strategy"],
                chosen(row),
                *(
                    points(row[k]) if k == "difference" else percent(row[k])
                    for k in columns.values()
                ),
            )
            for row in rows
        ],
    )


def missing_lines(missing: Mapping[str, str]) -> list[str]:
    """Return why data sets could not be had."""
    return [f"Missing: {reason}\n" for reason in missing.values()]


def released_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what the authors' form of a strategy gives, and what the paper's, in a paragraph.

    None for a strategy of which no row has a published number.
    """
    lines = []
    for described, released in RELEASED.items():
        cells = {(row["dataset"], row["strategy"]): row for row in rows}
        pairs = [
            (row["published"], row["measured"], cells[dataset, described]["measured"])
            for (dataset, strategy), row in cells.items()
            if strategy == released and row["published"] is not None
            if (dataset, described) in cells
        ]
        if pairs:
            published, ours, other = np.array(pairs).T
            off, further = (np.abs(found - published).mean() for found in (ours, other))
            lines += [
                f"The authors' code trains the classifier of {described} only; policy and "
                f"discriminator keep their random start. That is `{released}`, beside which the "
                f"published cells stand: mean absolute difference {100 * off:.2f} points. "
                f"`{described}` trains all three, as its paper has it: from the same cells it is "
                f"{100 * further:.2f} points away.",
                "",
            ]
    return lines
