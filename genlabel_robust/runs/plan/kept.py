"""Audits in memory that store everything in files, so that anybody can verify them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from genlabel_robust.core import ConfigurationError, plural
from genlabel_robust.core.files.large_arrays import in_parts
from genlabel_robust.core.files.opening import file_bytes
from genlabel_robust.core.files.scratch import scratch_folder
from genlabel_robust.data.rows import label_text
from genlabel_robust.model_files.storing.stored_model import StoredModel
from genlabel_robust.runs.config.attack_config import AttackConfig
from genlabel_robust.runs.plan.audit_files import AuditFiles
from genlabel_robust.runs.plan.audit_of_files import open_files
from genlabel_robust.runs.plan.audit_plan import PlannedAudit
from genlabel_robust.runs.plan.audit_rows.written_tables import write_tables
from genlabel_robust.runs.plan.origin import ModelFile


@contextmanager
def stored_audit(
    planned: PlannedAudit,
    model: StoredModel,
    tables: tuple[Any, Any, Any, Mapping[str, Any]],
    config: AttackConfig,
    **how: Any,
) -> Iterator[PlannedAudit]:
    """Yield the audit ``planned`` in memory as an audit of temporary files.

    ``model``: its file; ``tables``: the arguments of ``write_tables``, from the second on; ``how``:
    further fields of ``AuditFiles``. Raises ``ConfigurationError`` if the stored model answers
    differently from the one in memory.
    """
    (name,) = planned.plan.tasks
    with scratch_folder() as folder:
        data, target, reference = write_tables(folder, *tables)
        files = AuditFiles(model.name, data, target, reference, kept_as=name, **how)
        by = tables[3]
        beside = replace(config, drop=(*config.drop, *by))
        stored = open_files(files, beside, Path(model.name), model.content)
        _refuse_other_answers(planned, stored)
        yield stored


def keep_tables(planned: PlannedAudit, room: str) -> tuple[PlannedAudit, dict[str, bytes]]:
    """Return the plan of a run that keeps its tables, and the tables by paths in its folder.

    ``room``: their folder within the run's. A run of a user's own files keeps no tables.
    """
    match planned.plan.origin:
        case ModelFile(files=AuditFiles(kept_as=str()) as files) as origin:
            paths = {role: f"{room}/{role}{Path(p).suffix}" for role, p in files.tables.items()}
            contents = {paths[role]: file_bytes(Path(p)) for role, p in files.tables.items()}
            kept = replace(
                files,
                model=Path(files.model).name,
                data=paths["data"],
                reference=paths.get("reference"),
            )
            plan = replace(planned.plan, origin=replace(origin, files=kept))
            return replace(planned, plan=plan), contents
    return planned, {}


def _refuse_other_answers(planned: PlannedAudit, stored: PlannedAudit) -> None:
    """Raise an error unless the stored model labels every row like the one in memory."""
    for called, own, other in zip(
        ("rows", "reference rows"), _answers(planned), _answers(stored), strict=True
    ):
        differ = own != other if own.shape == other.shape else np.ones(len(own), dtype=bool)
        if differ.any():
            first = int(differ.argmax())
            raise ConfigurationError(
                f"the model as it was stored gives another label than the object for "
                f"{int(differ.sum())} of {plural(len(own), called.removesuffix('s'))}, the first "
                f"of them number {first}; export the model as ONNX yourself and give the file's "
                "path in the place of the model, or leave out verifiable=True"
            )


def _answers(planned: PlannedAudit) -> Sequence[np.ndarray]:
    """Return the labels, as text, of the test rows and of the reference rows."""
    (task,) = planned.plan.tasks.values()
    names = np.array([label_text(label) for label in task.classes])
    return [names[in_parts(planned.model.predict, x)] for x in (task.x_test, task.x_train)]
