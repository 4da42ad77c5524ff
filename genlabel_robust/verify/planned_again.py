"""What a run folder's claims are compared with: its plan, made again from data and model."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from genlabel_robust.core import OutputError
from genlabel_robust.core.files.writing import sha256
from genlabel_robust.model_files.reading import Permission, model_bytes
from genlabel_robust.runs.config.attack_config import AttackConfig
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.config.stored_config import pinned_config, stored_config
from genlabel_robust.runs.folder.store import RunFolder
from genlabel_robust.runs.plan.audit_files import AuditFiles
from genlabel_robust.runs.plan.audit_of_files import open_files
from genlabel_robust.runs.plan.audit_plan import PlannedAudit
from genlabel_robust.runs.plan.origin import (
    Recipes,
    RecipeWeights,
    stored_sha256,
    stored_source,
)
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.runs.plan.recipe_plan import make_plan
from genlabel_robust.verify.finding import Finding


def planned_again(
    folder: Path, stored: Mapping[str, Any], *, trust: bool
) -> Plan | PlannedAudit | Finding:
    """Return the plan of the run of the manifest ``stored``, with the data read again.

    The suite is held to the version that it had. Of an audit, with its model, or that the copy
    in ``folder`` is not what was audited. Raises ``UsageError`` where the data or the suite are
    not to be had, or where the model may not be read without ``trust``.
    """
    match stored_source(stored):
        case AuditFiles() as files:
            return _audit(folder, stored, files, trust=trust)
        case RecipeWeights() as weights:
            return _of_weights(_of_recipes(stored), stored, weights)
        case Recipes():
            return _of_recipes(stored)
    raise OutputError(
        "the run is of a model and of rows in memory, and holds neither: nothing can be "
        "computed again; audit a model file to get a run that can be verified"
    )


def _of_recipes(stored: Mapping[str, Any]) -> Plan:
    plan = make_plan(pinned_config(stored, RunConfig))
    return replace(plan, config=stored_config(stored, RunConfig))


def _of_weights(plan: Plan, stored: Mapping[str, Any], weights: RecipeWeights) -> Plan:
    """Return ``plan`` with the only cell that there is, of the model with these ``weights``."""
    cells = tuple(cell for cell in plan.cells if cell.key in stored["cells"])[:1]
    tasks = {name: task for name, task in plan.tasks.items() if name in {c.dataset for c in cells}}
    return replace(plan, cells=cells, tasks=tasks, origin=weights)


def _audit(
    folder: Path, stored: Mapping[str, Any], files: AuditFiles, *, trust: bool
) -> PlannedAudit | Finding:
    path = next((p for key in stored["cells"] if (p := RunFolder(folder).weights(key))), None)
    if path is None:
        return Finding("models", "the copy of the model is missing: nothing can be predicted")
    content = model_bytes(path, Permission(trust=trust))
    recorded = stored_sha256(stored)
    if sha256(content) != recorded:
        return Finding(
            f"models/{path.name}",
            f"it is not the model that was audited: its SHA-256 is {sha256(content)}, and the "
            f"manifest has {recorded}",
        )
    config = pinned_config(stored, AttackConfig)
    opened = open_files(files, config, path, content, trust=trust)
    return replace(opened, plan=replace(opened.plan, config=stored_config(stored, AttackConfig)))
