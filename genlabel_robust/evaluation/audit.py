"""Audit a model file on tables in files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from genlabel_robust.core.errors import ConfigurationError, DataError
from genlabel_robust.core.files import sha256
from genlabel_robust.core.opening import file_sha256
from genlabel_robust.core.threads import one_thread
from genlabel_robust.data.arrays import labels
from genlabel_robust.data.files import columns_of
from genlabel_robust.data.own_table import own_features, own_table
from genlabel_robust.data.wording import plural
from genlabel_robust.evaluation.attacking import Step
from genlabel_robust.evaluation.audit_files import AuditFiles
from genlabel_robust.evaluation.config import NOT_OF_AUDITS, RunConfig
from genlabel_robust.evaluation.given_plan import Called, Given, plan_given
from genlabel_robust.evaluation.given_rows import Tables, given_rows
from genlabel_robust.evaluation.run import Run, evaluate_model
from genlabel_robust.models.foreign.reading import Permission, model_bytes, read_foreign


def audit_files(
    files: AuditFiles,
    config: RunConfig,
    *,
    trust: bool = False,
    sources: Mapping[str, str] | None = None,
    on_step: Step = lambda done, total, name: None,
) -> Run:
    """Attack the model in ``files`` on their rows as ``config`` says; return the finished run.

    ``config``: its threat, attacks, checks, ``drop``, ``category``, ``max_examples``, ``seed``
    and ``out`` count. ``trust``: whether formats may be read whose loader executes what the
    file says. The run keeps a copy of the model file. Raises ``UsageError``, before anything is
    written, for files that cannot be read or do not fit each other.
    """
    path = Path(files.model)
    content = model_bytes(path, Permission(trust=trust))
    with one_thread():
        given = open_files(files, config, path, content, trust=trust)
        weights = (path.suffix.lower(), content)
        told = {k: v for k, v in (sources or {}).items() if k not in NOT_OF_AUDITS}
        return evaluate_model(given.model, given.plan, weights, sources=told, on_step=on_step)


def open_files(
    files: AuditFiles, config: RunConfig, path: Path, content: bytes, *, trust: bool = False
) -> Given:
    """Return the model in ``content``, that of ``path``, and the plan of attacking it.

    Reads the tables. Arguments and errors as of ``audit_files``.
    """
    # the model first: no table is read for a file that holds none
    foreign = read_foreign(path, content, Permission(files.architecture, trust, files.types))
    refuse_far_wider(foreign.model, files)
    table = own_table(files.data, files.target, config.drop, config.category)
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
    )
    rows = given_rows(foreign.model, tables_read, config)
    told = [notice for one in tables for notice in one.notices]
    with _labels_named(files):
        given = plan_given(
            foreign.model, replace(rows, notices=(*told, *rows.notices)), table.y, config,
            Called(files.dataset), classes=files.classes, foreign=foreign, digest=sha256(content),
            name=Path(files.model).name,
            output=files.output, random_model=files.random_model,
            seen=() if reference is None or reference.y is None else labels(reference.y.dropna()),
        )  # fmt: skip
    return replace(given, plan=replace(given.plan, files=files, digests=_digests(files)))


def refuse_far_wider(model: Any, files: AuditFiles) -> None:
    """Raise ``ConfigurationError`` for tables that no dropping of columns makes the model's.

    Of a hundred thousand columns none is read for a model of four.
    """
    width = getattr(model, "width", None) or getattr(model, "n_features_in_", None)
    for path in (files.data, files.reference):
        if path is None or not isinstance(width, int):
            continue
        file = Path(path).expanduser()
        count = columns_of(file) if file.exists() and not file.is_dir() else 0
        if count > 10 * width + 1000:
            raise ConfigurationError(
                f"the model was made for {plural(width, 'column')}, and {path} has {count:,}; give "
                "a file of those that it was trained on"
            )


@contextmanager
def _labels_named(files: AuditFiles) -> Iterator[None]:
    """Say in errors where the labels, which are called y elsewhere, were read."""
    try:
        yield
    except DataError as error:
        told = str(error)
        if not told.startswith("y "):
            raise
        where = f"column {files.target!r} of {files.data}"
        raise type(error)(where + told.removeprefix("y")) from error


def _digests(files: AuditFiles) -> dict[str, str]:
    """Return the SHA-256 of the tables' files, by what they are."""
    paths = {"data": files.data, "reference": files.reference}
    return {what: file_sha256(Path(path).expanduser()) for what, path in paths.items() if path}
