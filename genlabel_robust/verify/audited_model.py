"""The model of an audit, read again from the run folder, and its data from their files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from genlabel_robust.core.files.writing import sha256
from genlabel_robust.model_files.reading import Permission, model_bytes
from genlabel_robust.runs.config.stored_config import pinned_config, stored_config
from genlabel_robust.runs.folder.store import RunFolder
from genlabel_robust.runs.plan.audit_files import AuditFiles
from genlabel_robust.runs.plan.audit_of_files import open_files
from genlabel_robust.runs.plan.audit_plan import PlannedAudit
from genlabel_robust.verify.finding import Finding


def read_audited(folder: Path, stored: Mapping[str, Any], *, trust: bool) -> PlannedAudit | Finding:
    """Return the model and the plan of attacking it, or that the copy is not what was audited.

    ``stored``: the run's manifest. Raises ``UsageError`` where the data or the suite are not
    to be had, or where the model may not be read without ``trust``.
    """
    files = AuditFiles.of(stored["audit"])
    path = next((p for key in stored["cells"] if (p := RunFolder(folder).weights(key))), None)
    if path is None:
        return Finding("models", "the copy of the model is missing: nothing can be predicted")
    content = model_bytes(path, Permission(trust=trust))
    given = stored["identity"].get("given") if isinstance(stored["identity"], dict) else None
    if sha256(content) != given:
        return Finding(
            f"models/{path.name}",
            f"it is not the model that was audited: its SHA-256 is {sha256(content)}, and the "
            f"manifest has {given}",
        )
    opened = open_files(files, pinned_config(stored), path, content, trust=trust)
    return replace(opened, plan=replace(opened.plan, config=stored_config(stored)))
