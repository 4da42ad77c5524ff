"""Notices about constant columns that the attacker may nevertheless change."""

from collections.abc import Collection, Sequence

import numpy as np

from genlabel_robust.core import plural, quoted
from genlabel_robust.data import Task
from genlabel_robust.data.scaling import constant
from genlabel_robust.data.unknown_levels import unknown_blanks
from genlabel_robust.threat.space import AttackSpace


def own_boxes(task: Task, space: AttackSpace, bounded: Collection[str]) -> list[str]:
    """Return notices about features in ``bounded`` that are constant in the training part.

    Some change nevertheless; others do not, because their budget is a share of a range of 0.
    ``bounded``: the names of the features for which the threat has bounds. Missing values that may
    be filled in are listed too.
    """
    still = dict(zip(task.feature_names, constant(task.x_train), strict=True))
    changes = dict(zip(task.feature_names, space.mutable, strict=True))
    boxed = [name for name in bounded if still.get(name, False)]
    moved = [name for name in boxed if changes[name]]
    stuck = [name for name in boxed if not changes[name]]
    notices = []
    if moved:
        notices.append(
            f"{_nevertheless(moved)}, because the threat sets a low or a high for "
            f"{'it' if len(moved) == 1 else 'them'}."
        )
    filled = [task.feature_names[i] for i in np.flatnonzero(unknown_blanks(task) & space.mutable)]
    if filled:
        notices.append(
            f"{_nevertheless(filled)}. A value that is missing in a test row may be filled in, but "
            "no other value goes missing."
        )
    if stuck:
        notices.append(
            f"The low and high of {quoted(stuck)} leave the attacker nothing to change: they are "
            "at the only value, or the budget is a share of a range of 0; give such a column an "
            'eps of its own with unit = "raw".'
        )
    return notices


def _nevertheless(names: Sequence[str]) -> str:
    count = plural(len(names), "constant feature")
    return f"The attacker may nevertheless change {count}: {quoted(names)}"
