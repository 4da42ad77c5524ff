"""Notices about integer features and categories, in sentences."""

from collections.abc import Iterable

import numpy as np

from genlabel_robust.core import SHOWN, BoolArray, FloatArray, quoted
from genlabel_robust.core.files.large_arrays import let_go, row_blocks
from genlabel_robust.data import Task
from genlabel_robust.data.columns.feature_kinds import whole_numbers
from genlabel_robust.threat.reach import raw_budget, reach
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import TOLERANCE, ThreatModel

#: Smaller fractions of a unit do not count: raw rows are rounded when they are stored.
_NO_FRACTION = 1e-6


def whole_steps(task: Task, space: AttackSpace) -> list[str]:
    """Return a notice about columns that change by whole numbers because they contain integers."""
    number = {name: i for i, name in enumerate(task.feature_names)}
    kept = [
        name
        for name in task.whole
        if space.mutable[number[name]] and number[name] in space.rules.integer
    ]
    if not kept:
        return []
    return [
        f"The attacker changes {quoted(kept)} by whole numbers only, because the table contains "
        "only integers there, without a decimal point. With the setting whole_numbers = "
        "continuous, the attacker may also change them by fractions."
    ]


def under_one_step(task: Task, space: AttackSpace, threat: ThreatModel) -> list[str]:
    """Return notices about integers and categories that cannot change, and up to which ε."""
    found = []
    open_ = np.zeros(task.n_features, dtype=bool)
    for eps in reversed(threat.eps):
        shut = space.mutable & (reach(space, threat.norm, eps) == 0) & ~open_
        dear = shut & _too_dear(space, threat, eps)
        open_ |= shut
        up_to = f"{'Up to' if len(threat.eps) > 1 else 'At'} ε = {eps:g}"
        if shut.any() and open_[space.mutable].all():
            found.append(
                f"{up_to} an attacker can change nothing at all, because all budgets are below one "
                "step. Every model is then as robust as it is accurate."
            )
        budgets = raw_budget(space, threat.norm, eps)
        found += _not_bought(task, space, dear, eps)
        found += _under_one_step(task, space, shut & ~dear, budgets, up_to, threat)
    return found


def _too_dear(space: AttackSpace, threat: ThreatModel, eps: float) -> BoolArray:
    """Mark the columns (d,) of features that ``eps`` cannot buy, under L0."""
    owned = space.touchable
    dear = owned.price[owned.owner] > eps * (1 + TOLERANCE)
    return np.asarray(dear & (threat.norm == "l0"))


def _not_bought(task: Task, space: AttackSpace, dear: BoolArray, eps: float) -> list[str]:
    if not dear.any():
        return []
    owned = space.touchable
    found = []
    for owner in np.unique(owned.owner[dear]):
        names = " / ".join(
            task.feature_names[i] for i in np.flatnonzero(dear & (owned.owner == owner))
        )
        found.append(f"{names!r} ({owned.price[owner]:g})")
    return [f"A budget of {eps:g} is too small to change {_listed(found)} (prices in brackets)."]


def shares_of_zero(task: Task, space: AttackSpace) -> list[str]:
    """Return a notice about features with a share whose value is 0, so that they cannot change."""
    if space.shares is None:
        return []
    found = []
    for i in np.flatnonzero(np.isfinite(space.shares) & space.mutable):
        zeros = int(np.count_nonzero(task.x_test[:, i] == 0))
        if zeros:
            found.append(f"{task.feature_names[i]!r} ({zeros} of {len(task.x_test)} rows)")
    if not found:
        return []
    return [
        f"A share of 0 is 0, so where {_listed(found)} is 0, no attacker can change it. If your "
        "attacker can, give the feature an eps instead of a share."
    ]


def every_feature(space: AttackSpace, threat: ThreatModel) -> list[str]:
    """Return a notice if, under L0, some ε allows all mutable features to change."""
    if threat.norm != "l0" or not space.mutable.any():
        return []
    total = space.touchable.total(space.mutable)
    whole = [eps for eps in threat.eps if eps >= total]
    if not whole:
        return []
    count = int(space.touchable.touched(space.mutable).sum())
    return [
        f"ε = {whole[0]:g} lets an attacker change all {count} features that can change at the "
        "same time, so every row in the box is within reach."
    ]


def _under_one_step(
    task: Task,
    space: AttackSpace,
    shut: BoolArray,
    budgets: FloatArray,
    up_to: str,
    threat: ThreatModel,
) -> list[str]:
    names, notices = task.feature_names, []
    numbers = [f"{names[i]!r} ({budgets[i]:.3g})" for i in space.rules.integer if shut[i]]
    if numbers:
        notices.append(
            f"{up_to} no attacker can change {_listed(numbers)}: the budget (in brackets) is below "
            "one step of 1."
        )
    groups = [
        " / ".join(names[i] for i in group) for group in space.rules.one_hot if shut[[*group]].all()
    ]
    if groups:
        notices.append(
            f"{up_to} no attacker can switch the category {_listed([repr(g) for g in groups])}: "
            + (
                "that costs more than the budget."
                if threat.constraints.costs
                else "that moves two columns by 1 each, which the budget does not allow."
            )
        )
    return notices


def moved_by_fractions(
    task: Task, space: AttackSpace, adversarial: Iterable[FloatArray]
) -> list[str]:
    """Return a notice about columns of whole numbers that attacks moved by fractions.

    ``adversarial``: arrays (attacks, n, d) of the adversarial examples of the n test rows, NaN for
    none.
    """
    whole = whole_numbers(task.x_train) & whole_numbers(task.x_test) & space.mutable
    discrete = [*space.rules.integer, *(i for group in space.rules.one_hot for i in group)]
    whole[discrete] = False
    columns = np.flatnonzero(whole)
    if not len(columns):
        return []
    broken = np.zeros(len(columns), dtype=bool)
    for found in adversarial:
        for rows in row_blocks(len(task.x_test)):
            moved = found[:, rows, columns] - task.x_test[rows, columns]
            far = np.abs(moved - np.rint(moved)) > _NO_FRACTION * np.maximum(1.0, np.abs(moved))
            broken |= (far & np.isfinite(moved)).reshape(-1, len(columns)).any(axis=0)
            let_go(found)
    names = [task.feature_names[i] for i in columns[broken]]
    if not names:
        return []
    return [
        f"Attacks moved {quoted(names)} by fractions, although the data contain only whole numbers "
        "there. If no fraction can occur there, set integer = true in a threat file, or "
        "constraints.integer."
    ]


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
