"""The plan of an audit: one cell, nothing to train."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.core.scores import probable
from genlabel_robust.core.wording import quoted
from genlabel_robust.data.notices import classes_in_another_order, sampled, shared, still, untested
from genlabel_robust.data.rows import Label, Rows, label_text, labels, task_of_rows
from genlabel_robust.data.sample import stratified_sample
from genlabel_robust.data.task import Task
from genlabel_robust.model_files.onnx.model import AGREEMENT
from genlabel_robust.model_files.reading import Foreign
from genlabel_robust.models.adapters.library import library_view
from genlabel_robust.models.adapters.library_model import LibraryModel
from genlabel_robust.models.as_model import as_model, classes_of, named_classes
from genlabel_robust.models.codes import columns_of_codes
from genlabel_robust.models.company import refuse_variation, variation
from genlabel_robust.models.digest import model_digest
from genlabel_robust.models.inside import notes_of, single_of, whole_of
from genlabel_robust.models.model import Model
from genlabel_robust.runs.cells.model_record import ARCHITECTURE, STRATEGY, ModelRecord
from genlabel_robust.runs.config.run_config import SETTINGS, RunConfig
from genlabel_robust.runs.config.settings import NOT_OF_AUDITS
from genlabel_robust.runs.plan.plan import Plan, make_plan
from genlabel_robust.threat.limits_of_columns import encoded_limits

CONVERTED = (
    "Gradients are those of a conversion of the graph to torch, whose scores agree with "
    f"onnxruntime's on all rows to {AGREEMENT:g}; scores and decisions are onnxruntime's."
)


@dataclass(frozen=True)
class Called:
    """What results call the data set, the strategy and the architecture."""

    dataset: str
    strategy: str = STRATEGY
    architecture: str = ARCHITECTURE


@dataclass(frozen=True, eq=False)
class PlannedAudit:
    """A model as it was asked, and the plan of attacking it."""

    plan: Plan
    model: Model


def audit_config(config: RunConfig, called: Called) -> RunConfig:
    """Return ``config`` with all that is of training, or of several models, at one value."""
    attack = config.settings.get("attack")
    pinned = {name: SETTINGS[name].default for name in NOT_OF_AUDITS} | {
        "datasets": (called.dataset,),
        "strategies": ("vanilla",),
        "seeds": 1,
        "jobs": 1,
        "settings": {"attack": attack} if attack else {},
    }
    return replace(config, **pinned)


def plan_audit(
    model: Any,
    rows: Rows,
    y: Any,
    config: RunConfig,
    called: Called,
    *,
    classes: Sequence[Label] | None = None,
    seen: Sequence[Label] = (),
    foreign: Foreign | None = None,
    name: str | None = None,
    digest: str | None = None,
    output: str | None = None,
    random_model: bool = False,
) -> PlannedAudit:
    """Return the plan of attacking ``model`` on ``rows`` with labels ``y``.

    ``model``: as of ``as_model``; ``classes``: the labels in the order of its scores, where it
    does not say so itself; ``seen``: labels of other rows, which tell of classes that ``y`` has
    no row of. ``foreign``, ``name`` and ``digest``: what it was read from, what
    its file is called, and the SHA-256 of that. ``output``: as of ``as_model``;
    ``random_model``: whether its answers may depend on chance or on other rows. The limits of
    ``config`` are on the table's own columns. Raises ``UsageError`` for anything that cannot be
    done; nothing is written.
    """
    if foreign is not None and rows.encoding.plain and hasattr(model, "checked_on"):
        model = model.checked_on(library_view(model, rows)(rows.x))
    known = tuple(classes) if classes else classes_of(model, rows, _all_labels(y, seen), output)
    task = _sampled(task_of_rows(called.dataset, rows, y, known), config)
    asked = as_model(model, rows, known, output)
    # what it says of rows that attacks start from is looked at before anything is written
    asked.predict(task.x_train)
    if foreign is None:
        kind = f"{type(model).__module__}.{type(model).__qualname__}"
        record = ModelRecord(
            type(model).__name__, kind, _digest(model), asked.knowledge, in_memory=True
        )
    else:
        record = _of_file(foreign, model, name or "", digest, asked)
    found = variation(asked, task.x_test)
    if not random_model:
        refuse_variation(found)
    single = single_of(asked)
    record = replace(
        record,
        probabilities=_probabilities(asked, task),
        output=None if single is None else single.output,
        varies=None if found is None else found.kind,
        notes=(*record.notes, *notes_of(asked)),
    )
    if (
        single is None
        and not classes
        and named_classes(model) is None
        and asked.knowledge != "decisions"
    ):
        taken = f"The model does not name its classes: its {len(known)} scores are taken to be of "
        record = replace(
            record, notes=(*record.notes, f"{taken}{quoted(task.classes)}, in this order.")
        )
    if _names_no_classes(model, asked):
        ordered = classes_in_another_order(
            task.y_test, asked.predict(task.x_test), task.classes, given=bool(classes)
        )
        task = replace(task, concerns=(*ordered, *task.concerns))
    config = audit_config(config, called)
    if config.whole_numbers == "whole":
        task = replace(task, whole=_with_codes(task, columns_of_codes(model, asked, task)))
    limits = _limits(rows, config, whole_of(asked))
    plan = make_plan(replace(config, constraints=limits), {task.name: task})
    cell = replace(
        plan.cells[0],
        strategy=called.strategy,
        architecture=called.architecture,
        settings={"train": {}, "strategy": {}, "architecture": {}},
    )
    plan = replace(plan, config=config, cells=(cell,), given=record.sha256, record=record)
    return PlannedAudit(plan, asked)


def _with_codes(task: Task, codes: Sequence[str]) -> tuple[str, ...]:
    """Return the whole numbers of ``task`` and those that are ``codes`` to the model."""
    return tuple(name for name in task.feature_names if name in {*task.whole, *codes})


def _names_no_classes(model: Any, asked: Model) -> bool:
    """Say whether the answers of ``model`` are numbers of classes, whose labels it never says."""
    if named_classes(model) is not None:
        return False
    return asked.knowledge != "decisions" or isinstance(model, LibraryModel)


def _of_file(
    foreign: Foreign, model: Any, name: str, digest: str | None, asked: Model
) -> ModelRecord:
    """Return the record of a ``model`` that was read from a file."""
    notes = tuple(getattr(model, "notes", foreign.notes))
    library = foreign.library
    if asked.knowledge == "gradients" and (converted := getattr(model, "gradient_note", None)):
        # its figure depends on the machine, and the results must not
        notes += (CONVERTED,)
        library += f". {converted}"
    return ModelRecord(name, foreign.format, digest, asked.knowledge, notes=notes, library=library)


def _digest(model: Any) -> str | None:
    """Return the digest of a module or an estimator; a mere callable has none."""
    told = hasattr(model, "parameters") or callable(getattr(model, "predict", None))
    return model_digest(model) if told else None


def _all_labels(y: Any, seen: Sequence[Label]) -> list[Label]:
    """Return the labels ``y`` (n,), and those ``seen`` that are written as none of them."""
    own = labels(y)
    written = {label_text(label) for label in set(own)}
    return [*own, *(label for label in set(seen) if label_text(label) not in written)]


def _sampled(task: Task, config: RunConfig) -> Task:
    """Return ``task`` with the test rows that are evaluated, and what a reader must know."""
    n = len(task.y_test)
    kept = stratified_sample(task.y_test, config.max_examples or n, config.seed)
    x, y = task.x_test[kept], task.y_test[kept]
    referred = task.x_train is not task.x_test
    where = "reference rows" if referred else "rows"
    notices = (
        *task.notices,
        *sampled(len(kept), n),
        *untested(y, task.classes, task.y_test),
        *(shared(task.x_train, x, "reference rows") if referred else ()),
        *still(replace(task, x_test=x), where),
    )
    return replace(task, x_test=x, y_test=y, test_ids=task.test_ids[kept], notices=notices)


def _limits(rows: Rows, config: RunConfig, whole: Sequence[str]) -> Mapping[str, Any]:
    """Return the limits on encoded columns; ``whole``: what the model takes as whole numbers."""
    limits = encoded_limits(rows.encoding.parts, config.constraints)
    if not whole:
        return limits
    odd = [name for name in limits.get("continuous", ()) if name in whole]
    if odd:
        raise ConfigurationError(
            f"{quoted(odd)} cannot be continuous: the model takes whole numbers only there"
        )
    integer = [*limits.get("integer", ()), *whole]
    return {**limits, "integer": list(dict.fromkeys(integer))}


def _probabilities(model: Model, task: Task) -> bool:
    """Say whether the model's scores are probabilities, be it that they are asked as logarithms."""
    if getattr(model, "probabilities", False):
        return True
    scores = model.scores(task.x_test)
    return model.knowledge != "decisions" and bool(np.all(probable(scores)))
