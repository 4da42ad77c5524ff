"""The attack space of a task: the meaning of ε in each unit and for each feature."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, cast

import numpy as np

from genlabel_robust.core import BoolArray, ConfigurationError, DataError, FloatArray
from genlabel_robust.data import Task
from genlabel_robust.data.scaling import constant, positive
from genlabel_robust.data.unknown_levels import unknown_blanks, unknown_levels
from genlabel_robust.threat.constraints.constraints import Constraints, Rules
from genlabel_robust.threat.constraints.costs import weighted_by_cost
from genlabel_robust.threat.constraints.limits_of_columns import limits_of_features
from genlabel_robust.threat.constraints.values import OWN_UNITS
from genlabel_robust.threat.features import Features, features_of
from genlabel_robust.threat.norms import Unit
from genlabel_robust.threat.relations.bound import bound_relations
from genlabel_robust.threat.relations.feasible import refuse_impossible
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import ThreatModel


def attack_space(task: Task, threat: ThreatModel) -> AttackSpace:
    """Return the coordinates in which each feature's budget is ε, and the box of the task.

    The budget by the unit of ``threat``, "range": each feature's training range; "std": its
    population standard deviation; "raw": the feature's own unit; "global-range": the single range
    over all scaled training features, with the paper's box of two scalars; each is multiplied by
    the feature's weight. Under L0 a feature's budget is the size of its box, or its own ε. Missing
    values are left out of all these. Constraints can give a feature its own unit and bounds.

    A feature that is constant in the training part is not mutable, with two exceptions: a level of
    a category or a missing value that only test rows have (rows may leave it, but not change to
    it), and a feature with its own bounds and a budget in raw units. The integer features of the
    task stay integers unless the constraints declare them continuous.

    Raises ``UnknownFeatureError`` for a constraint on a feature that ``task`` does not have,
    ``ConfigurationError`` for a bound beyond the other end of the training range, ``DataError`` if
    a one-hot group is not one-hot in a test row, and ``RelationError`` for relations that do not
    fit ``task`` or that no row can satisfy.
    """
    names, few = task.feature_names, threat.norm == "l0"
    constraints = limits_of_features(task, threat.constraints)
    if not few:
        constraints = weighted_by_cost(task, constraints)
    rules = _with_whole_numbers(constraints.rules(names), task, constraints)
    _refuse_not_one_hot(task, rules)
    plain = _in_own_units(task, _unconstrained(task, threat.unit), constraints)
    weight = np.array([constraints.weights.get(name, 1.0) for name in names])
    left = unknown_levels(task, rules.one_hot) | unknown_blanks(task)
    space = AttackSpace(
        offset=plain.offset,
        scale=plain.scale * weight,
        low=plain.low / weight,
        high=plain.high / weight,
        mutable=(plain.mutable | left) & ~np.isin(names, constraints.immutable),
        rules=rules,
        features=_features(task, constraints) if few else None,
        own_eps=_at_most(names, constraints.own_eps),
        shares=_at_most(names, constraints.shares),
        encoded=task.limited == "columns",
    )
    here = space.enter(task.x_train[:1])[0]
    space = replace(
        space, low=np.where(left, here, space.low), high=np.where(left, here, space.high)
    )
    space = _bounded(task, space, constraints, _measured(task, threat, constraints))
    relations = bound_relations(constraints.relations, task, space.mutable)
    low, high = (space.offset + space.scale * edge for edge in (space.low, space.high))
    whole, groups = space.rules.integer, space.rules.one_hot
    refuse_impossible(relations, task.x_train, low, high, whole, groups)
    return replace(space, relations=relations)


def _features(task: Task, constraints: Constraints) -> Features:
    parts = () if task.encoding is None else task.encoding.parts
    return features_of(task.feature_names, parts, constraints)


def _at_most(names: Sequence[str], limits: Mapping[str, float]) -> FloatArray | None:
    """Return the largest change of each column, whatever ε is; None without such limits."""
    if not limits:
        return None
    return np.array([limits.get(name, np.inf) for name in names])


def _with_whole_numbers(rules: Rules, task: Task, constraints: Constraints) -> Rules:
    """Return ``rules`` with the integer features of the task added."""
    other = {*constraints.continuous, *chain(*constraints.one_hot)}
    own = [i for i, name in enumerate(task.feature_names) if name in {*task.whole} - other]
    return replace(rules, integer=tuple(dict.fromkeys((*rules.integer, *own))))


def _measured(task: Task, threat: ThreatModel, constraints: Constraints) -> BoolArray:
    """Mark the features (d,) that have a budget even if they are constant in the training part.

    Their budget is in raw units, not a share of a range or deviation of 0; under L0, features are
    only counted.
    """
    units = [constraints.units.get(name, threat.unit) for name in task.feature_names]
    kept = np.isin(task.feature_names, constraints.immutable)
    return np.asarray(~kept & ((np.array(units) == "raw") | (threat.norm == "l0")))


def _bounded(
    task: Task, space: AttackSpace, constraints: Constraints, measured: BoolArray
) -> AttackSpace:
    """Return ``space`` with the bounds of the constraints as edges of its box.

    ``measured`` (d,): the features that become mutable if their bounds leave room.
    """
    edges = {"low": space.low.copy(), "high": space.high.copy()}
    mutable = space.mutable.copy()
    for name, bounds in constraints.bounds.items():
        i = task.feature_names.index(name)
        if not (mutable[i] or measured[i]):
            continue
        for edge, value in bounds.items():
            edges[edge][i] = (value - space.offset[i]) / space.scale[i]
        if edges["low"][i] > edges["high"][i]:
            seen = space.offset[i] + space.scale[i] * np.array([space.low[i], space.high[i]])
            ((edge, value),) = bounds.items()
            raise ConfigurationError(
                f"the bound {edge} = {value:g} of feature {name!r} lies beyond the other end of "
                f"its training range, {seen[0]:g} to {seen[1]:g}; give both low and high"
            )
        mutable[i] |= edges["low"][i] < edges["high"][i]
    return replace(space, low=edges["low"], high=edges["high"], mutable=mutable)


def _in_own_units(task: Task, plain: AttackSpace, constraints: Constraints) -> AttackSpace:
    """Return ``plain`` with the columns of features that have their own unit in that unit."""
    parts = {part: getattr(plain, part).copy() for part in ("offset", "scale", "low", "high")}
    for unit in OWN_UNITS:
        chosen = [name for name, own in constraints.units.items() if own == unit]
        columns = [task.feature_names.index(name) for name in chosen]
        if columns:
            other = _unconstrained(task, cast("Unit", unit))
            for part, values in parts.items():
                values[columns] = getattr(other, part)[columns]
    return AttackSpace(**parts, mutable=plain.mutable)


def _unconstrained(task: Task, unit: Unit) -> AttackSpace:
    if unit == "global-range":
        return _global_range(task)
    d = task.n_features
    least, most, mean, deviation = _measures(task)
    fixed = least == most
    if unit == "range":
        scale = positive(most - least, fixed)
        return AttackSpace(least, scale, np.zeros(d), np.ones(d), ~fixed)
    if unit == "std":
        offset, scale = mean, positive(deviation, fixed)
    else:
        offset, scale = np.zeros(d), np.ones(d)
    return AttackSpace(offset, scale, (least - offset) / scale, (most - offset) / scale, ~fixed)


def _measures(task: Task) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return minimum, maximum, mean and standard deviation (d,) of the training part.

    Missing values of a column of numbers are left out, unless all are missing.
    """
    x = task.x_train
    measures: tuple[Callable[..., Any], ...] = (np.min, np.max, np.mean, np.std)
    found = tuple(np.asarray(measure(x, axis=0)) for measure in measures)
    for i, own in enumerate(_present(task).T):
        # fills of missing values would reduce the deviation, and ε with it
        if own.any() and not own.all():
            for values, measure in zip(found, measures, strict=True):
                values[i] = measure(x[own, i])
    least, most, mean, deviation = found
    return least, most, mean, deviation


def _present(task: Task) -> BoolArray:
    """Mark the values of the training part (n, d) that are actual numbers, not codes or fills."""
    if task.encoding is None:
        return np.ones(task.x_train.shape, dtype=bool)
    return task.encoding.present(task.x_train)


def _global_range(task: Task) -> AttackSpace:
    scaled = (task.x_train - task.scaling.offset) / task.scaling.scale
    least, most = scaled.min(axis=0), scaled.max(axis=0)
    own, extent = _present(task), 1.0
    if own.any():
        # numbers only: a category with a thousand levels has codes up to 999
        low, high = float(scaled[own].min()), float(scaled[own].max())
        extent = high - low if high > low else 1.0
        numbers = own.any(axis=0)
        least[numbers], most[numbers] = low, high
    return AttackSpace(
        offset=task.scaling.offset,
        scale=task.scaling.scale * extent,
        low=least / extent,
        high=most / extent,
        mutable=~constant(task.x_train),
    )


def _refuse_not_one_hot(task: Task, rules: Rules) -> None:
    for group in rules.one_hot:
        values = task.x_test[:, group]
        wrong = ~(np.isin(values, (0.0, 1.0)).all(axis=1) & (values.sum(axis=1) == 1))
        if wrong.any():
            first = int(wrong.argmax())
            columns = [task.feature_names[i] for i in group]
            raise DataError(
                f"{task.name}: row {task.test_ids[first]} of its source has "
                f"{values[first].tolist()} in the one-hot group {columns}; exactly one of the "
                f"columns must be 1 and the others 0 ({np.count_nonzero(wrong)} test rows are not)"
            )
