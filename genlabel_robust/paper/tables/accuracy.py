"""Reproduction of the paper's table of accuracies with its protocol."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from genlabel_robust.data import Task
from genlabel_robust.models import TorchModel
from genlabel_robust.models.nets.architecture import Architecture
from genlabel_robust.paper.parallel import rows_of_datasets
from genlabel_robust.paper.part import Part
from genlabel_robust.paper.protocol import (
    ARCHITECTURE,
    TRIALS,
    OnProgress,
    check_datasets,
    model,
    train_table,
)
from genlabel_robust.paper.tables.claims import claim, claim_lines
from genlabel_robust.paper.tables.deviation_words import far_lines
from genlabel_robust.paper.tables.deviations import explain
from genlabel_robust.paper.tables.drawing import ACCURACY, draw_table
from genlabel_robust.paper.tables.published import TableName, measured_strategies
from genlabel_robust.paper.tables.published import datasets as published_datasets
from genlabel_robust.paper.tables.table import (
    cells_table,
    missing_lines,
    released_lines,
    summary,
    summary_line,
    table_row,
    trials_text,
)
from genlabel_robust.statistics import rate
from genlabel_robust.trainers.torch_trainer import Trained

_FIGURE = "accuracy"
_CLAIM = "GenLabel improves mixup's accuracy by up to 8 to 10 points"


def run(
    out: Path,
    seed: int = 0,
    on_progress: OnProgress | None = None,
    *,
    trials: int = TRIALS,
    jobs: int | None = None,
    datasets: Sequence[str] = (),
) -> dict[str, Any]:
    """Train every strategy of the table on every data set, with ``trials`` seeds from ``seed`` on.

    ``datasets``: in place of the table's own. Draws ``figures/accuracy.svg`` and ``.png``.
    Returns ``rows``, one per cell, with a ``deviation`` if it is far from the published one;
    ``summary``; ``claims``; and ``missing``: data set -> why it could not be loaded.
    """
    work = partial(_rows, seeds=range(seed, seed + trials))
    called = datasets or published_datasets("accuracy")
    rows, missing = rows_of_datasets(work, called, jobs, on_progress)
    claims = [claim(_CLAIM, 0.08, rows)]
    if rows:
        draw_table(out / "figures", _FIGURE, rows, ACCURACY, "accuracy")
    return {"rows": rows, "summary": summary(rows), "claims": claims, "missing": missing}


def _rows(task: Task, seeds: range) -> list[dict[str, Any]]:
    """Return the cells of one data set."""
    trained = train_table(task, measured_strategies("accuracy"), seeds)
    rows = accuracy_rows("accuracy", task, trained)
    explain(task, rows, trained, seeds, partial(_accuracy, task))
    return rows


def accuracy_rows(
    table: TableName | None,
    task: Task,
    trained: Mapping[str, Sequence[Trained]],
    architecture: Architecture = ARCHITECTURE,
) -> list[dict[str, Any]]:
    """Return a cell with the accuracy for each strategy; arguments as in ``table_row``."""
    rows = []
    for strategy, ones in trained.items():
        correct = np.stack([model(task, one).predict(task.x_test) == task.y_test for one in ones])
        row = table_row(table, task, strategy, ones, correct.mean(axis=1), architecture)
        rows.append(row | {"clean_accuracy": rate(correct).as_dict()})
    return rows


def _accuracy(task: Task, one: TorchModel) -> float:
    return float((one.predict(task.x_test) == task.y_test).mean())


def markdown(results: Mapping[str, Any]) -> str:
    """Return the section of the report on what ``run`` returned."""
    lines = ["## Accuracy", "", *missing_lines(results["missing"])]
    if not results["rows"]:
        return "\n".join([*lines, "Nothing could be measured.", ""])
    lines += [
        f"Logistic regression, {trials_text(results['rows'])}, percent. "
        f"{summary_line(results['summary'])}",
        "",
    ]
    columns = {
        "published": "published",
        "here": "measured",
        "standard error": "standard_error",
        "difference": "difference",
    }
    lines += cells_table(results["rows"], columns)
    lines += [f"![Accuracies, published and measured again](figures/{_FIGURE}.svg)", ""]
    lines += [*released_lines(results["rows"]), *far_lines(results["rows"])]
    for one in results["claims"]:
        lines += claim_lines(one)
    return "\n".join(lines)


PART = Part(run, markdown, rows_are_results=True, check=check_datasets)
