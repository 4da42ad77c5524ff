"""The cells of a plan that its folder does not hold yet."""

from collections.abc import Mapping
from typing import Any

from genlabel_robust.core import OutputError, UnfinishedRunError
from genlabel_robust.core.files.parsing import parsed_json
from genlabel_robust.core.files.writing import json_text
from genlabel_robust.runs.cells.cell import Cell
from genlabel_robust.runs.folder.finished import finished_manifest
from genlabel_robust.runs.folder.manifest import manifest
from genlabel_robust.runs.folder.store import RunFolder
from genlabel_robust.runs.plan.origin import Recipes
from genlabel_robust.runs.plan.plan import Plan

#: Fields of an audit's manifest that may decide what its model answers, beside the run's identity.
_OF_AUDITS = ("library", "output", "audit", "files")


def cells_left(plan: Plan, folder: RunFolder) -> list[Cell]:
    """Return the cells of ``plan`` that still have to be computed.

    An audit's cell counts as finished only if its run has ended, and only with the same versions,
    kind of machine and arguments: its key does not say what reads the model.
    """
    if plan.origin != Recipes() and not _repeats(plan, folder):
        return [*plan.cells]
    return [cell for cell in plan.cells if not folder.holds(cell.key)]


def _repeats(plan: Plan, folder: RunFolder) -> bool:
    """Return whether the folder holds a finished audit that ``plan`` only repeats."""
    try:
        stored = finished_manifest(folder.path, whole=False)
    except (OutputError, UnfinishedRunError):
        return False
    now = parsed_json(json_text(manifest(plan, {})).encode(), "the manifest of this run")
    return _deciding(stored) == _deciding(now)


def _deciding(stored: Mapping[str, Any]) -> dict[str, Any]:
    about = {name: stored.get(name) for name in _OF_AUDITS}
    return about | {"environment": {**stored["environment"], "cores": None}}
