"""Recreation of a run's plan from its manifest, its data and its model."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from genlabel_robust.core import OutputError, UsageError
from genlabel_robust.core.files.writing import sha256
from genlabel_robust.data import Task
from genlabel_robust.data.sources.files import is_file_spec
from genlabel_robust.model_files.reading import Permission, model_bytes
from genlabel_robust.runs.cells.cell import Cell
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
from genlabel_robust.runs.plan.recipe_plan import load_tasks, make_plan
from genlabel_robust.verify.data_files import (
    Elsewhere,
    altered_table,
    files_of_audit,
    other_files,
    refuse_missing_tables,
    refuse_other_rows,
)
from genlabel_robust.verify.finding import Finding


def planned_again(
    folder: Path, stored: Mapping[str, Any], *, trust: bool, elsewhere: Elsewhere | None = None
) -> Plan | PlannedAudit | Finding:
    """Make the plan of a run again from its manifest ``stored``; the data are read again.

    ``elsewhere``: where to read the data if not from the paths of the run. The suite has the
    version that the run used. For an audit, returns the plan with its model, or a finding if the
    copies in ``folder`` are not what was audited. Raises ``UsageError`` if the data or the suite
    are missing or differ, or if reading the model needs ``trust``; ``OutputError`` if the run
    stores neither model nor rows.
    """
    places = elsewhere or Elsewhere()
    found: Plan | PlannedAudit | Finding
    match stored_source(stored):
        case AuditFiles() as files:
            found = _audit(folder, stored, files, places, trust=trust)
        case RecipeWeights() as weights:
            found = _of_weights(_of_recipes(stored, places), stored, weights)
        case Recipes():
            found = _of_recipes(stored, places)
        case None:
            raise OutputError(
                "the run has a model and rows that were in memory, and stores neither, so nothing "
                "can be computed again; call audit() with verifiable=True, or audit a model file, "
                "to get a run that you can verify"
            )
    match found:
        case PlannedAudit(plan=plan) | (Plan() as plan):
            refuse_other_rows(folder, stored, plan, places)
    return found


def _of_recipes(stored: Mapping[str, Any], elsewhere: Elsewhere) -> Plan:
    config = pinned_config(stored, RunConfig)
    if elsewhere.reference is not None:
        raise UsageError("--reference is for audits, but this run trained its models; leave it out")
    tasks = None
    if elsewhere.data is None:
        refuse_missing_tables(config)
    else:
        tasks = _tasks_of(config, elsewhere.data)
    plan = make_plan(config, tasks)
    cells = tuple(_as_made(cell, stored["cells"]) for cell in plan.cells)
    return replace(plan, cells=cells, config=stored_config(stored, RunConfig))


def _as_made(cell: Cell, keys: Collection[str]) -> Cell:
    """Return ``cell`` in the form of the version that made the run, whose cells have ``keys``."""
    return next((one for one in (cell, *cell.earlier()) if one.key in keys), cell)


def _tasks_of(config: RunConfig, data: str) -> dict[str, Task]:
    """Load the data sets of ``config``, with ``data`` in place of the only one that is a file."""
    files = [spec for spec in config.datasets if is_file_spec(spec)]
    if len(files) != 1:
        raise UsageError(
            f"--data replaces the file of a run that has only one, but this run has {len(files)}; "
            "start verify in the folder where the run was started"
        )
    path, _, target = files[0].rpartition("#")
    moved = f"{data}#{target}"
    specs = tuple(moved if spec == files[0] else spec for spec in config.datasets)
    loaded = load_tasks(replace(config, datasets=specs))
    called = {f"{Path(data).name}#{target}": f"{Path(path).name}#{target}"}
    named = {name: called.get(name, name) for name in loaded}
    return {named[name]: replace(task, name=named[name]) for name, task in loaded.items()}


def _of_weights(plan: Plan, stored: Mapping[str, Any], weights: RecipeWeights) -> Plan:
    """Reduce ``plan`` to its only stored cell, that of the model with these ``weights``."""
    cells = tuple(cell for cell in plan.cells if cell.key in stored["cells"])[:1]
    tasks = {name: task for name, task in plan.tasks.items() if name in {c.dataset for c in cells}}
    return replace(plan, cells=cells, tasks=tasks, origin=weights)


def _audit(
    folder: Path,
    stored: Mapping[str, Any],
    files: AuditFiles,
    elsewhere: Elsewhere,
    *,
    trust: bool,
) -> PlannedAudit | Finding:
    path = next((p for key in stored["cells"] if (p := RunFolder(folder).weights(key))), None)
    if path is None:
        return Finding("models", "the copy of the model is missing, so nothing can be predicted")
    content = model_bytes(path, Permission(trust=trust))
    recorded = stored_sha256(stored)
    if sha256(content) != recorded:
        return Finding(
            f"models/{path.name}",
            f"it is not the model that was audited: its SHA-256 is {sha256(content)}, and the "
            f"manifest has {recorded}",
        )
    altered = altered_table(folder, stored, files, elsewhere)
    if altered is not None:
        return altered
    config = pinned_config(stored, AttackConfig)
    read = files_of_audit(files.tables_in(folder), elsewhere)
    try:
        opened = open_files(read, config, path, content, trust=trust, dataset=files.dataset)
    except UsageError as error:
        why = other_files(stored, read, elsewhere)
        if why is None:
            raise
        raise UsageError(f"{why}; they cannot be read as the run's were: {error}") from error
    return replace(opened, plan=replace(opened.plan, config=stored_config(stored, AttackConfig)))
