"""The attack space of a task: what ε means in each unit."""

from __future__ import annotations

import numpy as np

from genlabel_robust.core.errors import unknown_name
from genlabel_robust.core.space import AttackSpace
from genlabel_robust.core.threat import UNITS, Unit
from genlabel_robust.data.scaling import constant, positive
from genlabel_robust.data.task import Task


def attack_space(task: Task, unit: Unit) -> AttackSpace:
    """Return the coordinates in which ``unit`` is 1, and the box of the training part.

    "range": each feature's training range; "std": its population standard deviation;
    "raw": the feature's own unit; "global-range": the one range over all scaled
    training features, with the paper's box of two scalars. A feature that is
    constant in the training part is not mutable. Raises ``UnknownNameError``.
    """
    if unit not in UNITS:
        raise unknown_name("unit of ε", str(unit), UNITS)
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
