"""The relations of a threat, bound to the encoded columns of a task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray
from genlabel_robust.data import Task
from genlabel_robust.threat.relations.bind import Relation, bind
from genlabel_robust.threat.relations.columns import Columns
from genlabel_robust.threat.relations.linear import EQUAL, Kind, Linear


@dataclass(frozen=True, eq=False)
class Step:
    """A limit with the number of its form; ``follows``: as in ``Limit``."""

    form: int
    kind: Kind
    follows: int | None


@dataclass(frozen=True, eq=False)
class Relations:
    """The relations that rows must satisfy, each in at least one of its ways.

    A row that violates a relation from the start may be changed into one that satisfies it. As long
    as it does not, no comparison of that relation may be violated by more than in the original row.
    """

    relations: tuple[Relation, ...] = ()

    def __bool__(self) -> bool:
        """Return whether there is any relation."""
        return bool(self.relations)

    @cached_property
    def forms(self) -> tuple[Linear, ...]:
        """The distinct linear forms (f,) that are compared with 0."""
        return tuple(self._numbered[0])

    @cached_property
    def ways(self) -> tuple[tuple[tuple[Step, ...], ...], ...]:
        """The ways of each relation, each as the limits on ``forms`` that must all hold."""
        return self._numbered[1]

    @cached_property
    def _numbered(
        self,
    ) -> tuple[list[Linear], tuple[tuple[tuple[Step, ...], ...], ...]]:
        number: dict[object, int] = {}
        forms: list[Linear] = []
        found = []
        for relation in self.relations:
            ways = []
            for way in relation.ways:
                steps = []
                for limit in way:
                    form = limit.form
                    key = (form.constant, tuple(form.weights.items()), form.lookups)
                    if key not in number:
                        number[key] = len(forms)
                        forms.append(form)
                    steps.append(Step(number[key], limit.kind, limit.follows))
                ways.append(tuple(steps))
            found.append(tuple(ways))
        return forms, tuple(found)

    def values(self, raw: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the forms' values at raw rows (n, d) and the slack around 0, both (n, f)."""
        parts = [form.of(raw) for form in self.forms]
        shape = (len(raw), 0)
        values = np.column_stack([value for value, _ in parts]) if parts else np.zeros(shape)
        slack = np.column_stack([EQUAL * most for _, most in parts]) if parts else np.zeros(shape)
        return values, slack

    def met(self, raw: FloatArray) -> BoolArray:
        """Mark which relations each of the raw rows (n, d) satisfies, (n, r)."""
        values, slack = self.values(raw)
        return self.met_by(values, slack)

    def met_by(self, values: FloatArray, slack: FloatArray) -> BoolArray:
        """Do the same as ``met`` for ``values`` and ``slack`` (n, f) of the forms."""
        met = np.zeros((len(values), len(self.ways)), dtype=bool)
        for number, ways in enumerate(self.ways):
            for way in ways:
                met[:, number] |= _all(way, values, slack)
        return met

    def stays(self, values: FloatArray, slack: FloatArray, before: FloatArray) -> BoolArray:
        """Mark the relations (n, r) of which no comparison is violated more than ``before``.

        ``values`` and ``before`` (n, f): the forms of the changed rows and of the original rows.
        """
        low, high = np.minimum(before, 0.0) - slack, np.maximum(before, 0.0) + slack
        stays = np.ones((len(values), len(self.ways)), dtype=bool)
        with np.errstate(invalid="ignore"):
            too_low, too_high = values < low, values > high
        for number, ways in enumerate(self.ways):
            for step in (step for way in ways for step in way):
                if step.kind in ("<=", "<", "=="):
                    stays[:, number] &= ~too_high[:, step.form]
                if step.kind in (">=", ">", "=="):
                    stays[:, number] &= ~too_low[:, step.form]
        return stays

    def kept(self, raw: FloatArray, raw_adv: FloatArray) -> BoolArray:
        """Mark the changed rows ``raw_adv`` (n, d) that are valid for the rows ``raw`` (n, d)."""
        if not self.relations:
            return np.ones(len(raw), dtype=bool)
        values, slack = self.values(raw_adv)
        met = self.met_by(values, slack)
        good: BoolArray = np.asarray(met.all(axis=1))
        rows = np.flatnonzero(~good)
        if len(rows):
            before, own = self.values(raw[rows])
            broken = ~self.met_by(before, own)
            slack = np.maximum(slack[rows], own)
            stays = self.stays(values[rows], slack, before)
            good[rows] = (met[rows] | (broken & stays)).all(axis=1)
        return good


def bound_relations(texts: Sequence[str], task: Task, mutable: BoolArray) -> Relations:
    """Return the relations ``texts`` on the columns of ``task``; raises ``RelationError``.

    ``mutable`` (d,): the encoded columns that the attacker may change. Tables are learned from the
    training part, which contains the reference rows.
    """
    columns = Columns(task.feature_names, task.encoding, mutable, task.x_train)
    return Relations(tuple(bind(text, columns) for text in texts))


def _all(way: Sequence[Step], values: FloatArray, slack: FloatArray) -> BoolArray:
    holds = np.ones(len(values), dtype=bool)
    # a value outside a table gives NaN, which violates no limit
    with np.errstate(invalid="ignore"):
        for step in way:
            value, near = values[:, step.form], slack[:, step.form]
            holds &= ~_wrong(step.kind, value, near)
    return holds


def _wrong(kind: Kind, value: FloatArray, near: FloatArray) -> BoolArray:
    if kind == "<=":
        return np.asarray(value > near)
    if kind == ">=":
        return np.asarray(value < -near)
    if kind == "<":
        return np.asarray(value >= -near)
    if kind == ">":
        return np.asarray(value <= near)
    return np.asarray(np.abs(value) > near)
