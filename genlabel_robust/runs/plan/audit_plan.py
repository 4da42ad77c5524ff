"""The plan of an audit: one cell, and no training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from genlabel_robust.core import ConfigurationError, quoted
from genlabel_robust.core.files.large_arrays import in_parts
from genlabel_robust.data import Task
from genlabel_robust.data.notices import (
    classes_in_another_order,
    overrepresented,
    sampled,
    shared,
    still,
    untested,
)
from genlabel_robust.data.rows import Label, Rows, label_text, labels, task_of_rows
from genlabel_robust.data.splitting.sample import stratified_sample
from genlabel_robust.models import Model
from genlabel_robust.models.adapters.library import library_view
from genlabel_robust.models.adapters.library_model import LibraryModel
from genlabel_robust.models.as_model import as_model, classes_of, named_classes
from genlabel_robust.models.codes import columns_of_codes
from genlabel_robust.models.company import refuse_variation, variation
from genlabel_robust.models.inside import whole_of
from genlabel_robust.models.on_device import device_of
from genlabel_robust.runs.cells.model_record import ARCHITECTURE, STRATEGY
from genlabel_robust.runs.config.attack_config import AttackConfig
from genlabel_robust.runs.plan.attack_plan import attack_plan
from genlabel_robust.runs.plan.audit_record import OpenedFile, audit_origin
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.runs.plan.task_notices import beside_the_processor
from genlabel_robust.threat.constraints.limits_of_columns import encoded_limits


@dataclass(frozen=True)
class Called:
    """The names of the data set, the strategy and the architecture in the results."""

    dataset: str
    strategy: str = STRATEGY
    architecture: str = ARCHITECTURE


@dataclass(frozen=True, eq=False)
class PlannedAudit:
    """A model ready to be queried, and the plan of attacking it."""

    plan: Plan
    model: Model


def plan_audit(
    model: Any,
    rows: Rows,
    y: Any,
    config: AttackConfig,
    called: Called,
    *,
    opened: OpenedFile | None = None,
    classes: Sequence[Label] | None = None,
    seen: Sequence[Label] = (),
    output: str | None = None,
    random_model: bool = False,
) -> PlannedAudit:
    """Return the plan of attacking ``model`` on ``rows`` with labels ``y``.

    ``model``: as for ``as_model``; ``opened``: the file that it comes from. ``classes``: the labels
    in the order of its scores, if it does not define them itself; ``seen``: labels of other rows,
    which may include classes that ``y`` lacks. ``output``: as for ``as_model``; ``random_model``:
    whether its answers may depend on chance or on other rows. The limits in ``config`` refer to
    the table's own columns. Raises ``UsageError`` for anything that cannot be done; nothing is
    written.
    """
    if isinstance(model, LibraryModel) and rows.encoding.plain:
        model = model.checked_on(library_view(model, rows)(rows.x))
    known = tuple(classes) if classes else classes_of(model, rows, _all_labels(y, seen), output)
    task = _sampled(task_of_rows(called.dataset, rows, y, known), config)
    queried = as_model(model, rows, known, output)
    if config.device == "cpu":  # a module stays on its own device, and the run records that
        config = replace(config, device=device_of(queried))
    # predict the rows that attacks start from, so that errors occur before anything is written
    in_parts(queried.predict, task.x_train)
    found = variation(queried, task.x_test)
    if not random_model:
        refuse_variation(found)
    origin = audit_origin(model, queried, task, opened, found=found, stated=bool(classes))
    if _names_no_classes(model, queried):
        ordered = classes_in_another_order(
            task.y_test, in_parts(queried.predict, task.x_test), task.classes, stated=bool(classes)
        )
        task = replace(task, concerns=(*ordered, *task.concerns))
    if config.whole_numbers == "whole":
        task = replace(task, whole=_with_codes(task, columns_of_codes(model, queried, task)))
    attacked = attack_plan(config, _limits(rows, config, whole_of(queried)))
    task = attacked.task(task, *beside_the_processor(config.device), referred=True)
    nothing: dict[str, dict[str, Any]] = {"train": {}, "strategy": {}, "architecture": {}}
    cell = attacked.cell(task, called.strategy, called.architecture, nothing, device=config.device)
    return PlannedAudit(attacked.plan({task.name: task}, (cell,), origin), queried)


def _with_codes(task: Task, codes: Sequence[str]) -> tuple[str, ...]:
    """Return the whole-number columns of ``task``, plus ``codes`` that the model takes as such."""
    return tuple(name for name in task.feature_names if name in {*task.whole, *codes})


def _names_no_classes(model: Any, queried: Model) -> bool:
    """Say whether ``model`` answers with class indices and never names its classes."""
    if named_classes(model) is not None:
        return False
    return queried.knowledge != "decisions" or isinstance(model, LibraryModel)


def _all_labels(y: Any, seen: Sequence[Label]) -> list[Label]:
    """Return the labels ``y`` (n,), plus those in ``seen`` whose text differs from all of them."""
    own = labels(y)
    written = {label_text(label) for label in set(own)}
    return [*own, *(label for label in set(seen) if label_text(label) not in written)]


def _sampled(task: Task, config: AttackConfig) -> Task:
    """Return ``task`` with the sampled test rows, and with notices for the reader."""
    n = len(task.y_test)
    kept = stratified_sample(task.y_test, config.max_examples or n, config.seed)
    # avoid a copy of all rows
    x = task.x_test if len(kept) == n else task.x_test[kept]
    y = task.y_test[kept]
    referred = task.x_train is not task.x_test
    where = "reference rows" if referred else "rows"
    notices = (
        *task.notices,
        *sampled(len(kept), n),
        *overrepresented(y, task.y_test, task.classes),
        *untested(y, task.classes, task.y_test),
        *(shared(task.x_train, x, "reference rows") if referred else ()),
        *still(replace(task, x_test=x), where),
    )
    by = tuple(column.taken(kept) for column in task.by)
    ids = task.test_ids[kept]
    return replace(task, x_test=x, y_test=y, test_ids=ids, notices=notices, by=by)


def _limits(rows: Rows, config: AttackConfig, whole: Sequence[str]) -> Mapping[str, Any]:
    """Return the limits on encoded columns; ``whole``: columns that the model takes as whole."""
    limits = encoded_limits(rows.encoding.parts, config.constraints)
    if not whole:
        return limits
    odd = [name for name in limits.get("continuous", ()) if name in whole]
    if odd:
        raise ConfigurationError(
            f"{quoted(odd)} cannot be continuous: the model takes only whole numbers there"
        )
    integer = [*limits.get("integer", ()), *whole]
    return {**limits, "integer": list(dict.fromkeys(integer))}
