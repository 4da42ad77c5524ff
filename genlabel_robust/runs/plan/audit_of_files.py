"""The model and the tables of an audit, read from their files."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from genlabel_robust.core import ConfigurationError, LabelsError, plural
from genlabel_robust.core.files.writing import sha256
from genlabel_robust.data.own_table import own_features, own_table
from genlabel_robust.data.rows import labels
from genlabel_robust.data.sources.files import columns_of
from genlabel_robust.model_files.reading import Permission, read_model_file
from genlabel_robust.models.adapters.library_model import LibraryModel
from genlabel_robust.runs.config.attack_config import AttackConfig
from genlabel_robust.runs.plan.audit_files import AuditFiles
from genlabel_robust.runs.plan.audit_plan import Called, PlannedAudit, plan_audit
from genlabel_robust.runs.plan.audit_record import OpenedFile
from genlabel_robust.runs.plan.audit_rows.rows import Tables, audited_rows


def open_files(
    files: AuditFiles,
    config: AttackConfig,
    path: Path,
    content: bytes,
    *,
    trust: bool = False,
    dataset: str | None = None,
) -> PlannedAudit:
    """Return the model in ``content``, read from ``path``, with the plan of attacking it.

    Reads the tables. ``dataset``: the name of the data in the results, if it is not that of the
    file. Arguments and errors as for ``audit_files``.
    """
    # the model first, so that no table is read in vain
    reading = read_model_file(path, content, Permission(files.architecture, trust, files.types))
    refuse_far_wider(reading.model, files)
    table = own_table(files.data, files.target, config.drop, config.category, config.by)
    reference = None
    if files.reference is not None:
        reference = own_features(files.reference, files.target, config.drop, config.category)
    tables = [table] if reference is None else [table, reference]
    tables_read = Tables(
        table.x,
        None if reference is None else reference.x,
        (files.data, files.reference or ""),
        (table.whole, frozenset() if reference is None else reference.whole),
        files.column_order,
        table.by,
    )
    rows = audited_rows(reading.model, tables_read, config)
    notices = [notice for one in tables for notice in one.notices]
    with _labels_named(files):
        return plan_audit(
            reading.model,
            replace(rows, notices=(*notices, *rows.notices)),
            table.y,
            config,
            Called(dataset or files.dataset),
            opened=OpenedFile(reading, Path(files.model).name, sha256(content), files),
            classes=files.classes,
            output=files.output,
            random_model=files.random_model,
            seen=() if reference is None or reference.y is None else labels(reference.y.dropna()),
        )


def refuse_far_wider(model: Any, files: AuditFiles) -> None:
    """Raise ``ConfigurationError`` if tables have far too many columns for the model.

    Avoids reading a hundred thousand columns for a model of four.
    """
    # n_features_in_ is scikit-learn's attribute of estimators
    width = (
        model.width if isinstance(model, LibraryModel) else getattr(model, "n_features_in_", None)
    )
    for path in (files.data, files.reference):
        if path is None or not isinstance(width, int):
            continue
        file = Path(path).expanduser()
        count = columns_of(file) if file.exists() and not file.is_dir() else 0
        if count > 10 * width + 1000:
            raise ConfigurationError(
                f"the model was made for {plural(width, 'column')}, but {path} has {count:,}; give "
                "a file with the columns that it was trained on"
            )


@contextmanager
def _labels_named(files: AuditFiles) -> Iterator[None]:
    """Name the column of labels in errors, instead of y."""
    try:
        yield
    except LabelsError as error:
        where = f"column {files.target!r} of {files.data}"
        raise LabelsError(error.fault, where) from error
