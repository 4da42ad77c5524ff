"""Notices about columns that never change, and levels that only test rows have."""

from __future__ import annotations

from genlabel_robust.core.wording import quoted
from genlabel_robust.data.notices.rows import fixed
from genlabel_robust.data.task import Task
from genlabel_robust.data.unknown_levels import levels_of, unknown_levels


def still(task: Task, where: str) -> list[str]:
    """Tell of constant columns of the training part, which is called ``where``.

    Apart from others stand the levels of a category that may change: a row may leave a level that
    ``where`` lacks.
    """
    left, names = unknown_levels(task, levels_of(task)), task.feature_names
    told = fixed(task.x_train[:, ~left], [names[i] for i in (~left).nonzero()[0]], where)
    lacking = [names[i] for i in left.nonzero()[0] if task.x_train[0, i] == 0]
    if lacking:
        told.append(
            f"None of the {where} has {quoted(lacking)}: where a test row has it, the attacker "
            "may change it to another level, and no row is changed to it."
        )
    return told
