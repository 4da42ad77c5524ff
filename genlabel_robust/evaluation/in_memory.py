"""Attack a model and rows that live in memory, as a run of one cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from genlabel_robust.data.arrays import Label, rows_of, task_of_rows
from genlabel_robust.data.encoding import freed
from genlabel_robust.data.task import Task
from genlabel_robust.evaluation.config import RunConfig
from genlabel_robust.evaluation.plan import Plan, make_plan
from genlabel_robust.evaluation.run import Run, evaluate_model
from genlabel_robust.models.fingerprint import model_digest
from genlabel_robust.models.given import as_model, classes_of
from genlabel_robust.models.model import Model

#: What a model is called that no recipe of ours trained: strategy and architecture.
STRATEGY, ARCHITECTURE = "given", "model"


def evaluate_in_memory(
    model: Any,
    x: Any,
    y: Any,
    *,
    out: Path,
    subject: tuple[str, str, str] = ("data", STRATEGY, ARCHITECTURE),
    reference: Any = None,
    classes: Sequence[Label] | None = None,
    eps: float = 0.1,
    norm: str | None = None,
    unit: str | None = None,
    suite: str | Path = "standard",
    constraints: Mapping[str, Any] | None = None,
) -> tuple[Run, Model]:
    """Return the run of attacking ``model`` on all rows of ``x``, and the model as it was asked.

    ``model``: as of ``as_model``; ``x``, ``y``, ``reference``: as of ``rows_of`` and
    ``task_of_rows``. ``constraints``: on the columns of ``x``; a category is changed only if
    they give it a budget, see ``encoded_limits``.
    ``out``: the run's folder, a new one; it holds no weights. ``subject``: data set,
    strategy and architecture as the results name them. ``classes``: the labels in the
    order of the model's scores, where it does not say so itself. The rest: as in
    ``RunConfig``. Raises ``UsageError`` for anything that cannot be done.
    """
    limits = constraints or {}
    rows = rows_of(x, reference, freed(limits))
    known = tuple(classes) if classes is not None else classes_of(model, rows, y)
    task = task_of_rows(subject[0], rows, y, known)
    asked = as_model(model, rows, known)
    config = RunConfig(
        datasets=(subject[0],), strategies=("vanilla",), architectures=("mlp",), eps=(eps,),
        norm=norm, unit=unit, suite=str(suite), constraints=rows.encoding.constraints(limits),
        seeds=1, jobs=1, out=str(out),
    )  # fmt: skip
    plan = _plan(config, task, subject, model_digest_of(model))
    return evaluate_model(asked, plan, weights=False), asked


def model_digest_of(model: Any) -> str | None:
    """Return the digest of a module or an estimator; a mere callable has none."""
    told = hasattr(model, "parameters") or callable(getattr(model, "predict", None))
    return model_digest(model) if told else None


def _plan(config: RunConfig, task: Task, subject: tuple[str, str, str], digest: str | None) -> Plan:
    """Return the plan of one cell: no training, names and a model of its own."""
    plan = make_plan(config, {task.name: task})
    _, strategy, architecture = subject
    cell = replace(
        plan.cells[0], strategy=strategy, architecture=architecture,
        settings={"train": {}, "strategy": {}, "architecture": {}},
    )  # fmt: skip
    return replace(plan, cells=(cell,), given=digest)
