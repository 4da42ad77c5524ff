"""The shared parts of the tables: rows with published numbers, differences, and their text."""

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

#: The difference from the published number, a fraction, beyond which a cell is explained.
FAR = 0.03


def table_row(
    table: TableName | None,
    task: Task,
    strategy: str,
    trained: Sequence[Trained],
    values: FloatArray,
    architecture: Architecture = ARCHITECTURE,
) -> dict[str, Any]:
    """Return a cell with its published number; ``values`` (t,): the result of each trial.

    ``table``: None for a table without published numbers.
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
    """Return the standard error of the mean over trials (t,), or None for a single trial."""
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None


def summary(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the mean absolute difference from the published numbers, and how many are far off."""
    off = [abs(row["difference"]) for row in rows if row["difference"] is not None]
    return {
        "n_cells": len(off),
        "mean_absolute_difference": float(np.mean(off)) if off else None,
        "n_far": sum(value > FAR for value in off),
    }


def summary_line(found: Mapping[str, Any]) -> str:
    """Return the result of ``summary`` as a sentence."""
    if not found["n_cells"]:
        return "None of these cells was published."
    return (
        f"{found['n_cells']} published cells, mean absolute difference "
        f"{100 * found['mean_absolute_difference']:.2f} points; {found['n_far']} of them differ by "
        f"more than {100 * FAR:g}."
    )


def trials_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the number of trials of the cells as text: "5 trials"."""
    count = rows[0]["n_seeds"]
    return f"{count} trial{'s' * (count != 1)}"


def chosen(row: Mapping[str, Any]) -> str:
    """Format the hyper-parameters of the trials, most frequent first: "0.1, γ 0.2 (3); ..."."""
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
    """Format a fraction in percent: "88.00"."""
    return "n/a" if value is None else f"{100 * value:.2f}"


def points(value: float | None) -> str:
    """Format a difference of fractions in percentage points: "+1.33"."""
    return "n/a" if value is None else f"{100 * value:+.2f}".replace("-", "−")


def markdown_table(columns: Sequence[Column | str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table; a ``str`` as a column is the title of a text column."""
    return list(table_lines(table_of_text(columns, rows)))


def cells_table(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, str]) -> list[str]:
    """Return a ``markdown_table`` of cells with their strategies and hyper-parameters.

    ``columns``: title -> key of the number, shown in percent, or in points for "difference".
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
    """Return the lines on data sets that could not be loaded."""
    return [f"Missing: {reason}\n" for reason in missing.values()]


def released_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return paragraphs that compare the authors' form of a strategy with their paper's form.

    Strategies without a published number are left out.
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
