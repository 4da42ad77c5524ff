"""The attack space of a task: what ε means in each unit, and for each feature."""

from __future__ import annotations

import numpy as np

from genlabel_robust.core.constraints import Rules
from genlabel_robust.core.errors import DataError
from genlabel_robust.core.space import AttackSpace
from genlabel_robust.core.threat import ThreatModel, Unit
from genlabel_robust.data.scaling import constant, positive
from genlabel_robust.data.task import Task


def attack_space(task: Task, threat: ThreatModel) -> AttackSpace:
    """Return the coordinates in which a feature's budget is ε, and the box of the training part.

    By the unit of ``threat``, "range": each feature's training range; "std": its
    population standard deviation; "raw": the feature's own unit; "global-range": the one
    range over all scaled training features, with the paper's box of two scalars; each
    times the feature's weight. A feature that is constant in the training part is not
    mutable. Raises ``UnknownNameError`` for a constraint on a feature that ``task`` does
    not have, ``DataError`` where a one-hot group is none in a test row.
    """
    names, constraints = task.feature_names, threat.constraints
    rules = constraints.rules(names)
    _refuse_not_one_hot(task, rules)
    plain = _unconstrained(task, threat.unit)
    weight = np.array([constraints.weights.get(name, 1.0) for name in names])
    return AttackSpace(
        offset=plain.offset,
        scale=plain.scale * weight,
        low=plain.low / weight,
        high=plain.high / weight,
        mutable=plain.mutable & ~np.isin(names, constraints.immutable),
        rules=rules,
    )


def _unconstrained(task: Task, unit: Unit) -> AttackSpace:
    x = task.x_train
    d = task.n_features
    fixed = constant(x)
    if unit == "global-range":
        return _global_range(task)
    if unit == "range":
        offset = x.min(axis=0)
        scale = positive(x.max(axis=0) - offset, fixed)
        return AttackSpace(offset, scale, np.zeros(d), np.ones(d), ~fixed)
    if unit == "std":
        offset, scale = x.mean(axis=0), positive(x.std(axis=0), fixed)
    else:
        offset, scale = np.zeros(d), np.ones(d)
    low = (x.min(axis=0) - offset) / scale
    high = (x.max(axis=0) - offset) / scale
    return AttackSpace(offset, scale, low, high, ~fixed)


def _global_range(task: Task) -> AttackSpace:
    scaled = (task.x_train - task.scaling.offset) / task.scaling.scale
    low, high = float(scaled.min()), float(scaled.max())
    extent = high - low if high > low else 1.0
    d = task.n_features
    return AttackSpace(
        offset=task.scaling.offset,
        scale=task.scaling.scale * extent,
        low=np.full(d, low / extent),
        high=np.full(d, high / extent),
        mutable=~constant(task.x_train),
    )


def _refuse_not_one_hot(task: Task, rules: Rules) -> None:
    for group in rules.one_hot:
        shown = task.x_test[:, group]
        wrong = ~(np.isin(shown, (0.0, 1.0)).all(axis=1) & (shown.sum(axis=1) == 1))
        if wrong.any():
            first = int(wrong.argmax())
            columns = [task.feature_names[i] for i in group]
            raise DataError(
                f"{task.name}: row {task.test_ids[first]} of its source has "
                f"{shown[first].tolist()} in the one-hot group {columns}; exactly one of the "
                f"columns must be 1 and the others 0 ({np.count_nonzero(wrong)} test rows are not)"
            )
