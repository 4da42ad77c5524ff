"""The accuracies of the authors' affine three-layer net, with GenLabel on its features.

The authors' code has this net, d-128-128-classes without activations, and a GenLabel with
densities on the output of the second layer. The paper has no results for it, so there are only
measured numbers. Source: the code released with Sohn et al. 2022 (2201.02354).
"""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from genlabel_robust.data import Task
from genlabel_robust.models import LINEAR3
from genlabel_robust.paper.parallel import rows_of_datasets
from genlabel_robust.paper.part import Part
from genlabel_robust.paper.protocol import TRIALS, OnProgress, check_datasets, train_table
from genlabel_robust.paper.tables.accuracy import accuracy_rows
from genlabel_robust.paper.tables.published import datasets as published_datasets
from genlabel_robust.paper.tables.table import (
    cells_table,
    missing_lines,
    trials_text,
)

#: The table's strategies; those of GenLabel have densities on the penultimate features.
STRATEGIES = (
    "vanilla",
    "adamixup-fixed-policy",
    "mixup",
    "mixup-exclude-mi",
    "genlabel-gm-latent",
    "genlabel-kde-latent",
)


def run(
    out: Path,
    seed: int = 0,
    on_progress: OnProgress | None = None,
    *,
    trials: int = TRIALS,
    jobs: int | None = None,
    datasets: Sequence[str] = (),
) -> dict[str, Any]:
    """Train every strategy on the data sets of the accuracies, with ``trials`` seeds from ``seed``.

    ``datasets``: in place of the table's own. Writes nothing into ``out``. Returns ``rows``, one
    per cell, and ``missing``: data set -> why it could not be loaded.
    """
    work = partial(_rows, seeds=range(seed, seed + trials))
    called = datasets or published_datasets("accuracy")
    rows, missing = rows_of_datasets(work, called, jobs, on_progress)
    return {"rows": rows, "missing": missing}


def _rows(task: Task, seeds: range) -> list[dict[str, Any]]:
    """Return the cells of one data set."""
    trained = train_table(task, STRATEGIES, seeds, architecture=LINEAR3)
    return accuracy_rows(None, task, trained, LINEAR3)


def markdown(results: Mapping[str, Any]) -> str:
    """Return the section of the report on what ``run`` returned."""
    lines = [
        "## The affine three-layer net, with GenLabel on its features",
        "",
        *missing_lines(results["missing"]),
    ]
    rows = results["rows"]
    if not rows:
        return "\n".join([*lines, "Nothing could be measured.", ""])
    lines += [
        f"Accuracy in percent, {trials_text(rows)}, under the protocol of the accuracies: "
        "the net of the authors' code, d-128-128-classes with nothing between its layers, so that "
        "it is affine. Latent GenLabel trains it plainly for 20 of the 100 epochs, freezes the "
        "first two layers and the densities fitted on their output, and trains a fresh last layer "
        "on mixed inputs for the other 80. **No number of this table was published**: these are "
        "ours alone.",
        "",
        *cells_table(rows, {"here": "measured", "standard error": "standard_error"}),
    ]
    return "\n".join(lines)


PART = Part(run, markdown, rows_are_results=True, check=check_datasets)
