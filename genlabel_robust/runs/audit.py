"""Audits: attack a user's own model, in memory or in a file, as a run of one cell."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from genlabel_robust.core import one_thread
from genlabel_robust.core.admitted import admitting
from genlabel_robust.core.files.writing import sha256
from genlabel_robust.data.rows import Label, label_text
from genlabel_robust.model_files.reading import Permission, model_bytes, read_model_file
from genlabel_robust.model_files.storing.stored_model import StoredModel, stored_model
from genlabel_robust.models import Model
from genlabel_robust.runs.assess.attacking import Step
from genlabel_robust.runs.config.attack_config import AttackConfig
from genlabel_robust.runs.config.keywords import Threat, of_keywords, of_threat
from genlabel_robust.runs.config.named_parts import format_of, named_parts
from genlabel_robust.runs.config.settings import settings_of
from genlabel_robust.runs.evaluate import Run, evaluate_model
from genlabel_robust.runs.folder.inputs import FOLDER
from genlabel_robust.runs.forecast.forecast import Forecast, forecast_audit
from genlabel_robust.runs.forecast.many_rows import forecast_many
from genlabel_robust.runs.plan.audit_files import AuditFiles
from genlabel_robust.runs.plan.audit_of_files import open_files
from genlabel_robust.runs.plan.audit_plan import Called, PlannedAudit, plan_audit
from genlabel_robust.runs.plan.audit_record import OpenedFile
from genlabel_robust.runs.plan.audit_rows.group_columns import columns_in_memory
from genlabel_robust.runs.plan.audit_rows.rows import Tables, audited_rows
from genlabel_robust.runs.plan.kept import keep_tables, stored_audit
from genlabel_robust.runs.plan.workable import refuse_unworkable

#: The number of rows from which an audit reports its expected duration in advance.
MANY = 100_000


def audit(
    model: Any,
    x: Any,
    y: Any,
    *,
    reference: Any = None,
    classes: Sequence[Label] | None = None,
    output: str | None = None,
    random_model: bool = False,
    threat: Threat | None = None,
    column_order: str | None = None,
    by: str | Sequence[str] | Mapping[str, Any] = (),
    name: str = "data",
    verifiable: bool = False,
    on_step: Step = lambda done, total, name: None,
    parts: Iterable[Any] = (),
    **settings: Any,
) -> Run:
    """Attack ``model`` on the rows ``x`` with labels ``y``, and return the finished run.

    ``model``: a torch module of raw features -> logits (n, k), a fitted scikit-learn
    classifier or pipeline, a callable of rows -> labels (n,), scores (n, k) or for two classes
    one score (n,), or the path of a model file of a format that is not executed. ``x`` (n, d):
    an array, or a frame, which may have categories and missing values if the model takes them.
    ``y`` (n,): labels of any type. ``reference`` (m, d): rows that give the ranges, the box, the
    levels of categories and starting points; best, the training rows; the default is ``x``.
    ``classes``: the k labels in the order of the scores, if the model does not name them.
    ``output``: "logit" or "probability", if a model of two classes gives one output and its
    range is misleading. ``random_model``: audit the model even if its predictions depend on
    chance or on other rows; otherwise this is an error.
    ``column_order``: "data" or "reference", the table with the model's order of columns, if the
    two differ and the model knows no names. ``by``: columns of ``x`` that make groups of rows, or
    values (n,) by name, for columns that the model does not see. ``name``: the name of the data
    in results. ``verifiable``: store in the run folder what ``verify`` needs, the model in a
    format without code and all rows, and audit the model as it was stored, which must give each
    row the label that ``model`` gives it.

    ``threat``: a threat file, or what ``read_threat`` returns. ``settings``: ``eps``, ``norm``,
    ``unit``, ``constraints``, ``whole_numbers``, ``suite``, ``attacks``, ``checks``,
    ``max_seconds``, ``category`` (columns of a frame to read as text), ``out`` and others, as in
    ``evaluate``; they win over the threat file. ``parts``: parts from outside to use, as in
    ``evaluate``; ``attacks`` may contain some too. Raises ``UsageError`` for anything that
    cannot be done.
    """
    # a name from a threat file must not import anything
    plain, named = named_parts(settings, [*parts, *format_of(model)])
    with admitting(named):
        run, _ = evaluate_in_memory(
            model,
            x,
            y,
            called=Called(name),
            reference=reference,
            classes=classes,
            output=output,
            random_model=random_model,
            column_order=column_order,
            by=by,
            verifiable=verifiable,
            on_step=on_step,
            **{**of_threat(threat), **plain},
        )
    return run


def evaluate_in_memory(
    model: Any,
    x: Any,
    y: Any,
    *,
    called: Called,
    reference: Any = None,
    classes: Sequence[Label] | None = None,
    output: str | None = None,
    random_model: bool = False,
    column_order: str | None = None,
    by: str | Sequence[str] | Mapping[str, Any] = (),
    verifiable: bool = False,
    on_step: Step = lambda done, total, name: None,
    **settings: Any,
) -> tuple[Run, Model]:
    """Return the run of attacking ``model``, and the model as it was queried; see ``audit``.

    Unless it is ``verifiable``, the run does not contain the model, which exists only in memory.
    """
    settings = of_keywords(settings, settings_of("audit()"), "setting of an audit")
    config = AttackConfig(**{**settings, "by": tuple(by) if isinstance(by, Mapping) else by})
    opened = stored = None
    if isinstance(model, str | os.PathLike):
        path = Path(model)
        content = model_bytes(path, Permission())
        reading = read_model_file(path, content, Permission())
        opened = OpenedFile(reading, path.name, sha256(content))
        stored = StoredModel(path.name, content)
        model = reading.model
    with one_thread():
        columns = columns_in_memory(x, by if isinstance(by, Mapping) else config.by)
        tables = Tables(x, reference, order=column_order, by=columns)
        rows = audited_rows(model, tables, config)
        planned = plan_audit(
            model,
            rows,
            y,
            config,
            called,
            opened=opened,
            classes=classes,
            output=output,
            random_model=random_model,
        )
        if not verifiable:
            return evaluate_model(planned.model, planned.plan, on_step=on_step), planned.model
        (task,) = planned.plan.tasks.values()
        stored = stored or stored_model(model, task.x_test.shape[1])
        with stored_audit(
            planned,
            stored,
            (x, y, reference, by if isinstance(by, Mapping) else {}),
            config,
            classes=tuple(map(label_text, classes)) if classes else stored.classes,
            output=output,
            random_model=random_model,
            column_order=column_order,
        ) as audited:
            run = _evaluated(audited, (Path(stored.name).suffix, stored.content), on_step=on_step)
        return run, audited.model


def _evaluated(
    planned: PlannedAudit,
    weights: tuple[str, bytes],
    *,
    sources: Mapping[str, str] | None = None,
    on_step: Step,
) -> Run:
    """Return the run of an audit of files, which keeps a copy ``weights`` of the model file."""
    kept, tables = keep_tables(planned, FOLDER)
    return evaluate_model(
        kept.model, kept.plan, weights, tables=tables, sources=sources, on_step=on_step
    )


def forecast_files(files: AuditFiles, config: AttackConfig, *, trust: bool = False) -> Forecast:
    """Forecast the work and duration of ``audit_files`` from a few rows; write nothing."""
    path = Path(files.model)
    content = model_bytes(path, Permission(trust=trust))
    with one_thread():
        planned = open_files(files, config, path, content, trust=trust)
        refuse_unworkable(planned.plan)
        return forecast_audit(planned, len(content))


def audit_files(
    files: AuditFiles,
    config: AttackConfig,
    *,
    trust: bool = False,
    sources: Mapping[str, str] | None = None,
    on_step: Step = lambda done, total, name: None,
    on_many: Callable[[Forecast], None] | None = None,
) -> Run:
    """Attack the model in ``files`` on their rows as ``config`` says; return the finished run.

    ``config``: only its threat, attacks, checks, ``drop``, ``category``, ``max_examples``, ``seed``
    and ``out`` are used. ``trust``: whether to read formats whose loader executes code from the
    file. ``on_many``: called with a forecast before an audit of many rows begins. The run
    keeps a copy of the model file. Raises ``UsageError``, before anything is written, for files
    that cannot be read or do not fit together.
    """
    path = Path(files.model)
    content = model_bytes(path, Permission(trust=trust))
    with one_thread():
        on_step(0.0, 1, "reading the model and the rows")
        planned = open_files(files, config, path, content, trust=trust)
        (task,) = planned.plan.tasks.values()
        if on_many is not None and len(task.y_test) >= MANY:
            on_step(0.0, 1, "measuring what it will take")
            refuse_unworkable(planned.plan)
            on_many(forecast_many(planned, len(content)))
        weights = (path.suffix.lower(), content)
        return _evaluated(planned, weights, sources=sources, on_step=on_step)
