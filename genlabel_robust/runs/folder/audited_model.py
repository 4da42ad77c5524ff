"""The model of an audit, read from the copy that its run folder keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from genlabel_robust.core.arrays import FloatArray
from genlabel_robust.data.columns.encoding import Encoding
from genlabel_robust.data.columns.number_or_category import Number
from genlabel_robust.data.rows import Rows
from genlabel_robust.model_files.reading import Permission, model_bytes, read_foreign
from genlabel_robust.models.as_model import as_model
from genlabel_robust.models.model import Model
from genlabel_robust.runs.plan.audit_files import AuditFiles


def model_of_audit(
    path: Path,
    manifest: Mapping[str, Any],
    names: Sequence[str],
    classes: Sequence[str],
    x: FloatArray,
    *,
    trust: bool = False,
) -> Model:
    """Return the model in ``path``, of the run of ``manifest``, asked as it was in the run.

    ``names`` (d,), ``classes`` (k,): of the run's features and labels; ``x`` (n, d): its test
    rows. Raises ``ConfigurationError`` for a file that cannot be read, or only with trust.
    """
    files = AuditFiles.of(manifest["audit"])
    permission = Permission(files.architecture, trust, files.types)
    foreign = read_foreign(path, model_bytes(path, permission), permission)
    stored = manifest["encoding"]
    plain = Encoding(tuple(Number(name) for name in names))
    encoding = plain if stored is None else Encoding.from_dict(stored)
    return as_model(
        foreign.model, Rows(x, None, encoding, framed=True), classes, manifest.get("output")
    )
