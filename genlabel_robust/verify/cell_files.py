"""Reading the files of a cell and checking them against the data and the configuration."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from genlabel_robust.core import GenlabelRobustError, OutputError
from genlabel_robust.core.files.parsing import parsed_json
from genlabel_robust.core.files.writing import json_text
from genlabel_robust.data import Task
from genlabel_robust.models import Model
from genlabel_robust.runs.cells.cell import Cell, CellResult
from genlabel_robust.runs.folder.store import RunFolder
from genlabel_robust.runs.folder.weights import read_model
from genlabel_robust.verify.finding import Finding, rows_named
from genlabel_robust.verify.json_differences import json_differences


def read_cell(folder: Path, cell: Cell) -> CellResult | Finding:
    """Return the stored result of a cell, or a finding if its files cannot be read."""
    try:
        return RunFolder(folder).read_cell(cell.key)[1]
    except OutputError as error:
        return Finding(cell.label, f"its files are missing or damaged: {error}")


def read_weights(folder: Path, cell: Cell, task: Task) -> Model | Finding:
    """Return the model of a cell, or a finding that says why it cannot be read.

    No code in the file is executed.
    """
    path = RunFolder(folder).weights(cell.key)
    if path is None:
        return Finding(
            cell.label, f"its weights are missing (models/{cell.key}), so nothing can be predicted"
        )
    try:
        return read_model(path, cell, task.n_features, task.n_classes)
    except GenlabelRobustError as error:
        return Finding(cell.label, str(error))


def check_about(folder: Path, cell: Cell) -> Iterator[Finding]:
    """Compare the cell's description in its JSON with the one that the configuration gives."""
    try:
        about, _ = RunFolder(folder).read_cell(cell.key)
    except OutputError:
        return  # reported by ``read_cell``
    stored = {name: about[name] for name in ("cell", "attacks", "needs")}
    attacks = cell.attacks if about.get("not_applicable") is None else ()
    again = {
        "cell": parsed_json(json_text(cell.about).encode(), cell.label),
        "attacks": [attack.name for attack in attacks],
        "needs": [attack.needs for attack in attacks],
    }
    for difference in json_differences(stored, again):
        yield Finding(cell.label, f"cells/{cell.key}.json: {difference}")


def check_shapes(cell: Cell, result: CellResult, task: Task) -> Iterator[Finding]:
    """Yield a finding for each array whose shape or type does not fit the data and the attacks."""
    n, attacks = len(task.y_test), len(result.attacks)
    columns = task.n_features if attacks else result.adversarial.shape[-1]
    wanted = {
        "ids": ("i", (n,)),
        "labels": ("i", (n,)),
        "predictions": ("i", (n,)),
        "logit_margin": ("f", (n,)),
        "distances": ("f", (attacks, n)),
        "outcomes": ("i", (attacks, n)),
        "queries": ("i", (attacks, n)),
        "adversarial": ("f", (attacks, n, columns)),
    }
    if result.exact is not None:
        wanted["exact"] = ("f", (n,))
    if result.tried is not None:
        wanted["tried"] = ("f", (attacks, n))
    for name, (kind, shape) in wanted.items():
        array = getattr(result, name)
        if array.dtype.kind != kind or array.shape != shape:
            yield Finding(
                cell.label,
                f"{name} is an array {array.dtype} {array.shape}; {shape} was to be expected",
            )


def check_rows(cell: Cell, result: CellResult, task: Task) -> Iterator[Finding]:
    """Compare the stored row numbers and labels with those of the data."""
    for name, stored, again in (
        ("number in the source", result.ids, task.test_ids),
        ("label", result.labels, task.y_test),
    ):
        bad = np.asarray(stored != again)
        if bad.any():
            first = int(bad.argmax())
            yield Finding(
                cell.label,
                f"{rows_named(bad, task.test_ids)}: the stored {name} is not that of the data "
                f"({stored[first]}, and {again[first]} in the data)",
            )
