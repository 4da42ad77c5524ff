"""Checks of changed rows: whether the attacker may present them, and whether the model errs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.singles.first_that_counts import first_that_counts
from genlabel_robust.certify.singles.ways import Points
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.models import Model
from genlabel_robust.models.mislabelled import leads_decisively, wrong_alone
from genlabel_robust.threat import AttackSpace, Norm, within
from genlabel_robust.threat.table_columns import TableColumn
from genlabel_robust.threat.violations import violations

#: The most numbers in the rows of one query.
_NUMBERS = 2**21


@dataclass(eq=False)
class Asker:
    """A model to query about changed rows of the examples ``raw`` (n, d) with labels ``y`` (n,).

    ``quick``: a faster version of the model with the same labels. ``eps``: the largest budget.
    ``alone``: whether a label may depend on the other rows of a batch, by rounding. ``questions``:
    the number of rows queried so far.
    """

    model: Model
    quick: Model
    space: AttackSpace
    raw: FloatArray
    y: IntArray
    norm: Norm
    eps: float
    alone: bool
    questions: int = 0

    def changed(self, column: TableColumn, points: Points) -> FloatArray:
        """Return the changed rows (p, d) for ``points`` of ``column``."""
        rows = self.raw[points.rows]
        rows[:, column.features] = points.values
        return rows

    def distances(self, column: TableColumn, points: Points) -> FloatArray:
        """Return the distances (p,) of the points from their examples."""
        changed = self.changed(column, points)
        return self.space.distance(self.raw[points.rows], changed, self.norm)

    def mislabelled(self, column: TableColumn, points: Points) -> BoolArray:
        """Mark the points (p,) that the fast version of the model mislabels."""
        found = np.zeros(len(points.rows), dtype=bool)
        self.questions += len(found)
        for part in self._parts(len(points.rows)):
            own = Points(points.rows[part], points.values[part])
            found[part] = self.quick.decide(self.changed(column, own)) != self.y[own.rows]
        return found

    def allowed(self, column: TableColumn, points: Points) -> BoolArray:
        """Mark the points (p,) that the attacker may present, within the largest budget."""
        found = np.zeros(len(points.rows), dtype=bool)
        for part in self._parts(len(points.rows)):
            own = Points(points.rows[part], points.values[part])
            changed, clean = self.changed(column, own), self.raw[own.rows]
            near = within(self.space.distance(clean, changed, self.norm), self.eps)
            found[part] = near & ~violations(self.space, clean, changed)
        return found

    def confirmed(self, column: TableColumn, points: Points) -> BoolArray:
        """Mark the points (p,) that the model itself mislabels, in a batch and alone.

        If the model has gradients, its lead must exceed the rounding between batches.
        """
        if not len(points.rows):
            return np.zeros(0, dtype=bool)
        changed, y = self.changed(column, points), self.y[points.rows]
        if self.model.knowledge == "gradients":
            found = leads_decisively(self.model, changed, y)
        else:
            found = np.asarray(self.model.predict(changed) != y)
        return wrong_alone(self.quick, changed, y, found) if self.alone else found

    def _parts(self, count: int) -> list[slice]:
        step = max(1, _NUMBERS // max(1, self.raw.shape[1]))
        return [slice(start, start + step) for start in range(0, count, step)]


@dataclass(eq=False)
class Nearest:
    """The nearest mislabelled change of one column of w features, for each of n examples.

    ``upper`` (n,), ``values`` (n, w): the distance and the values of that change; ``lower`` (n,):
    no mislabelled change is nearer.
    """

    lower: FloatArray
    upper: FloatArray
    values: FloatArray

    @classmethod
    def of(cls, n: int, features: int, proved: float) -> Nearest:
        """Return the state before any search, where all changes within ``proved`` are correct."""
        upper, values = np.full(n, np.inf), np.full((n, features), np.nan)
        return cls(np.full(n, proved), upper, values)

    def keep(self, points: Points, distances: FloatArray) -> None:
        """Keep mislabelled ``points`` at ``distances`` (p,) that are nearer than the known ones."""
        for row, value, distance in zip(points.rows, points.values, distances, strict=True):
            if distance < self.upper[row]:
                self.upper[row], self.values[row] = distance, value

    def doubt(self, rows: IntArray, distances: FloatArray) -> None:
        """Lower the proved distances of the examples ``rows`` (p,) to ``distances`` (p,)."""
        np.minimum.at(self.lower, rows, distances)

    def take_points(
        self, asker: Asker, column: TableColumn, points: Points, *, listed: bool
    ) -> None:
        """Query all ``points``, and keep each example's nearest confirmed one.

        ``listed``: whether the points are all changes that exist. If not, each stands for others
        farther away: the attacker may be allowed one of those where the point itself is forbidden.
        """
        allowed = asker.allowed(column, points)
        if listed:
            points = Points(points.rows[allowed], points.values[allowed])
            allowed = np.ones(len(points.rows), dtype=bool)
        wrong = asker.mislabelled(column, points)
        points = Points(points.rows[wrong], points.values[wrong])
        allowed, distances = allowed[wrong], asker.distances(column, points)
        self.doubt(points.rows, distances)
        order = np.lexsort((distances, points.rows))

        def counts(tried: IntArray) -> BoolArray:
            own = Points(points.rows[tried], points.values[tried])
            return asker.confirmed(column, own)

        kept = first_that_counts(points.rows, order[allowed[order]], counts)
        self.keep(Points(points.rows[kept], points.values[kept]), distances[kept])
