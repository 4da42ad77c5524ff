"""Comparison of a run's manifest with what its configuration and its data give."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from genlabel_robust.core import OutputError, quoted
from genlabel_robust.core.files.parsing import parsed_json
from genlabel_robust.core.files.writing import json_text
from genlabel_robust.runs.config.stored_config import stored_identity
from genlabel_robust.runs.folder.checked.group_columns import read_groups
from genlabel_robust.runs.folder.finished import MANIFEST, finished_manifest
from genlabel_robust.runs.folder.inputs import FOLDER, read_inputs
from genlabel_robust.runs.folder.manifest import manifest
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.runs.results.schema import SCHEMA_VERSION
from genlabel_robust.verify.finding import Finding, rows_named
from genlabel_robust.verify.json_differences import json_differences

#: Keys that follow from configuration and data. Sources of settings, versions and times do not, so
#: they cannot be checked.
_AGAIN = (
    *("schema_version", "identity", "threat", "suite", "seeds"),
    *("encoding", "encodings", "tables"),
)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a finished run.

    Raises ``OutputError`` if there is no run, ``UnfinishedRunError`` if it is unfinished.
    """
    stored = finished_manifest(folder, whole=False)
    if stored.get("schema_version") != SCHEMA_VERSION:
        version = dict(stored.get("environment") or {}).get(
            "genlabel_robust", "the one that made it"
        )
        raise OutputError(
            f"{folder} holds results of format {stored.get('schema_version')}, and this version "
            f"computes format {SCHEMA_VERSION}: verify it with genlabel-robust {version}, or make "
            "the run again"
        )
    return stored


def check_manifest(stored: Mapping[str, Any], plan: Plan) -> Iterator[Finding]:
    """Compare the manifest with what its configuration and the data give."""
    again = parsed_json(json_text(manifest(plan, {})).encode(), MANIFEST)
    then = {**stored, "identity": stored_identity(stored["identity"], again["identity"])}
    then["seeds"] = {name: then["seeds"].get(name) for name in again["seeds"]}
    for name in _AGAIN:
        for difference in json_differences(then.get(name), again.get(name), name):
            yield Finding(MANIFEST, difference)
    for key, label in again["cells"].items():
        if key not in stored["cells"]:
            yield Finding(MANIFEST, f"the cell {label} ({key}) of its configuration is missing")
    for key, label in stored["cells"].items():
        if key not in again["cells"]:
            yield Finding(MANIFEST, f"its configuration has no cell {label} ({key})")


def check_inputs(folder: Path, plan: Plan) -> Iterator[Finding]:
    """Compare the stored test rows, if there are any, with the data."""
    for task in plan.tasks.values():
        stored = read_inputs(folder, task.content_hash)
        if stored is None:
            continue
        bad = np.ones(len(task.x_test), dtype=bool)
        if stored.shape == task.x_test.shape:
            bad = (stored != task.x_test).any(axis=1)
        if bad.any():
            yield Finding(
                f"{FOLDER} of {task.name}",
                f"{rows_named(bad, task.test_ids)}: the stored features are not those of the data",
            )


def check_groups(folder: Path, plan: Plan) -> Iterator[Finding]:
    """Compare the stored columns that define groups of test rows, if any, with the data."""
    for task in plan.tasks.values():
        where = f"{FOLDER} of {task.name}"
        try:
            stored = read_groups(folder / FOLDER, task.content_hash)
        except OutputError as error:
            yield Finding(where, str(error))
            continue
        names = [column.name for column in stored]
        if names != [column.name for column in task.by]:
            kept = quoted(names) or "none"
            yield Finding(where, f"the columns that group its rows are not the run's: {kept}")
            continue
        for column, again in zip(stored, task.by, strict=True):
            if column.as_dict() != again.as_dict():
                yield Finding(where, f"the stored values of {column.name!r} are not the data's")


def check_files_of_cells(folder: Path, plan: Plan) -> Iterator[Finding]:
    """Yield a finding for each file in ``cells`` and ``models`` that belongs to no cell."""
    keys = {cell.key for cell in plan.cells}
    for room in ("cells", "models"):
        for path in sorted((folder / room).glob("*")):
            if not path.name.startswith(".") and path.stem not in keys:
                yield Finding(f"{room}/{path.name}", "it belongs to no cell of the run")
