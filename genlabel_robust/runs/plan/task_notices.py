"""Notices on a task under a threat model, which are added to the task."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.data import Task
from genlabel_robust.data.columns.number_or_category import Category
from genlabel_robust.data.notices.far_values import far_value, far_values
from genlabel_robust.data.notices.fixed_columns import fixed_columns
from genlabel_robust.data.notices.identifiers import identifiers, numbers_identify, texts_identify
from genlabel_robust.threat import ThreatModel
from genlabel_robust.threat.constraints.limits_of_columns import limits_of_features


def noticed(task: Task, threat: ThreatModel, *, referred: bool) -> Task:
    """Return ``task`` with its concerns, and with notices of columns that may not change.

    The examined rows are those that define ranges and box: reference rows if ``referred``, else
    training rows. Columns that the threat model fixes, or whose budget is in raw units, raise no
    concern.
    """
    limits = limits_of_features(task, threat.constraints)
    where = "reference rows" if referred else "training rows"
    fixed = set(limits.immutable)
    numbers = {name: values for name, values in _numbers(task) if name not in fixed}
    raw = {name for name in numbers if limits.units.get(name, threat.unit) == "raw"}
    far = [
        found
        for name, values in numbers.items()
        if name not in raw and (found := far_value(name, values)) is not None
    ]
    counted = [name for name, values in numbers.items() if numbers_identify(values)]
    concerns = (
        *task.concerns,
        *far_values(far, where, blanks=referred),
        *identifiers(_naming_texts(task), counted, where),
    )
    notices = (*task.notices, *fixed_columns(task, limits.immutable))
    return replace(task, concerns=concerns, notices=notices)


def beside_the_processor(device: str) -> list[str]:
    """Return a notice for figures that were computed on a device other than the CPU."""
    if device == "cpu":
        return []
    return [
        f"Nets compute on {device}, which rounds differently from the processor: training gives "
        "another model there, and an attack may find other examples. Proofs allow for any order "
        "of a sum, and verify asks the model again on the processor."
    ]


def _numbers(task: Task) -> Iterator[tuple[str, FloatArray]]:
    """Yield the names of numeric columns, and their present values in the training part."""
    present = np.ones(task.x_train.shape, dtype=bool)
    if task.encoding is not None:
        present = task.encoding.present(task.x_train)
    for name, values, own in zip(task.feature_names, task.x_train.T, present.T, strict=True):
        if own.any():
            yield name, values[own]


def _naming_texts(task: Task) -> list[str]:
    """Return the text columns that look like identifiers."""
    if task.encoding is None:
        return []
    found = []
    for part, block in task.encoding.blocks(task.x_train):
        if isinstance(part, Category) and part.kind == "text":
            codes = part.codes(block)
            if texts_identify(codes[codes < len(part.levels)]):
                found.append(part.name)
    return found
