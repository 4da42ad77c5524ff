"""Forms of relations as functions of a point: which features change them, and how much."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.threat.lattice import ROUNDING, Lattice
from genlabel_robust.threat.norms import Norm
from genlabel_robust.threat.relations.bound import Relations


@dataclass(frozen=True, eq=False)
class Form:
    """A form in terms of the m features that may change.

    ``at``, ``slope`` (k,): the features that change it, and its change per unit of attack space;
    ``scalars``: the positions in ``at`` of features outside groups, continuous ones first.
    ``groups``: the numbers of the one-hot groups among them. ``follows``: the feature that is
    computed from the others if the form is an equality, otherwise -1. ``power``: the largest
    absolute slope.
    """

    at: IntArray
    slope: FloatArray
    scalars: IntArray
    groups: tuple[int, ...]
    follows: int
    power: float

    def shift(self, points: FloatArray) -> FloatArray:
        """Return the change (q,) of the form by points (q, m)."""
        total = np.zeros(len(points))
        for feature, slope in zip(self.at.tolist(), self.slope.tolist(), strict=True):
            total = total + slope * points[:, feature]
        return total


@dataclass(frozen=True, eq=False)
class Moves:
    """The forms of ``relations`` over the features ``axes`` (m,) with the ``scale`` (m,).

    ``length``: a function of points (q, m) and a norm that returns their lengths (q,). ``moved``: a
    function of rows and points that returns the changed rows (q, d).
    """

    relations: Relations
    axes: IntArray
    scale: FloatArray
    lattice: Lattice | None
    length: Callable[[FloatArray, Norm], FloatArray]
    moved: Callable[[FloatArray, FloatArray], FloatArray]

    @cached_property
    def groups(self) -> Sequence[IntArray]:
        """The features of each one-hot group."""
        return () if self.lattice is None else self.lattice.groups

    @cached_property
    def whole(self) -> BoolArray:
        """Which features (m,) move by whole steps."""
        marks = np.zeros(len(self.axes), dtype=bool)
        if self.lattice is not None:
            marks[self.lattice.integer] = True
        return marks

    @cached_property
    def group_of(self) -> IntArray:
        """The number of each feature's one-hot group (m,), -1 for none."""
        numbers = np.full(len(self.axes), -1)
        for number, group in enumerate(self.groups):
            numbers[group] = number
        return numbers

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """The forms, in the order of ``relations.forms``."""
        place = {int(axis): i for i, axis in enumerate(self.axes)}
        follows: dict[int, int] = {}
        for ways in self.relations.ways:
            for step in (step for way in ways for step in way):
                if step.follows in place:
                    follows.setdefault(step.form, place[step.follows])
        return tuple(
            self._form(form.weights, place, follows.get(number, -1))
            for number, form in enumerate(self.relations.forms)
        )

    def _form(self, weights: Mapping[int, float], place: dict[int, int], follows: int) -> Form:
        pairs = [(place[c], w) for c, w in weights.items() if c in place]
        at = np.array([feature for feature, _ in pairs], dtype=np.int64)
        slope = np.array([weight for _, weight in pairs]) * self.scale[at]
        single = np.flatnonzero(self.group_of[at] < 0)
        order = np.argsort(self.whole[at[single]], kind="stable")
        groups = np.unique(self.group_of[at][self.group_of[at] >= 0])
        return Form(
            at,
            slope,
            single[order],
            tuple(groups.tolist()),
            follows,
            float(np.abs(slope).max(initial=0.0)),
        )

    @cached_property
    def touched(self) -> IntArray:
        """The features that occur in some form, with all members of their groups."""
        found = [form.at for form in self.forms]
        found += [self.groups[group] for form in self.forms for group in form.groups]
        return np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *found]))

    @cached_property
    def followers(self) -> dict[int, list[tuple[int, int]]]:
        """For each group that is computed from others, its features and the defining forms."""
        found: dict[int, list[tuple[int, int]]] = {}
        for number, form in enumerate(self.forms):
            if form.follows >= 0 and (group := int(self.group_of[form.follows])) >= 0:
                found.setdefault(group, []).append((form.follows, number))
        return found

    def untouched(self, points: FloatArray) -> BoolArray:
        """Mark the features (q, m) that ``points`` (q, m) leave unchanged, group by group."""
        moved: BoolArray = np.asarray(points != 0)
        for group in self.groups:
            moved[:, group] = moved[:, group].any(axis=1, keepdims=True)
        return ~moved

    def whole_steps(self, length: FloatArray, features: IntArray) -> FloatArray:
        """Round lengths (..., k) of integer ``features`` (k,) down to whole steps."""
        step = 1 / self.scale[features]
        steps = np.sign(length) * np.floor(np.abs(length) / step + ROUNDING)
        return np.where(self.whole[features], steps * step, length)

    def pulled(self, gradient: FloatArray) -> FloatArray:
        """Return the gradient (q, m) for moves that keep equalities.

        A feature that follows others adds its gradient to theirs, by the chain rule.
        """
        found = gradient.copy()
        for ways in reversed(self.relations.ways):
            for step in ways[0]:
                form = self.forms[step.form]
                if step.kind != "==" or form.follows < 0 or self.group_of[form.follows] >= 0:
                    continue
                own = float(form.slope[form.at == form.follows][0])
                pull = found[:, form.follows].copy()
                for feature, slope in zip(form.at.tolist(), form.slope.tolist(), strict=True):
                    found[:, feature] = found[:, feature] - pull * (slope / own)
        return found
