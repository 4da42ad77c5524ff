"""Rows that the attacker may present, and whether the model mislabels them."""

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

#: Numbers in the rows of one question.
_NUMBERS = 2**21


@dataclass(eq=False)
class Asker:
    """The examples ``raw`` (n, d) of labels ``y`` (n,), and the model about which it is.

    ``asked``: the model as it answers quickly. ``eps``: the largest budget. ``alone``: whether its
    answers may depend on their company by the last bits. ``questions``: how many rows it was asked
    about.
    """

    model: Model
    asked: Model
    space: AttackSpace
    raw: FloatArray
    y: IntArray
    norm: Norm
    eps: float
    alone: bool
    questions: int = 0

    def changed(self, column: TableColumn, points: Points) -> FloatArray:
        """Return the rows (p, d) that ``points`` of ``column`` are."""
        rows = self.raw[points.rows]
        rows[:, column.features] = points.values
        return rows

    def distances(self, column: TableColumn, points: Points) -> FloatArray:
        """Return how far (p,) the points are from their examples."""
        changed = self.changed(column, points)
        return self.space.distance(self.raw[points.rows], changed, self.norm)

    def mislabelled(self, column: TableColumn, points: Points) -> BoolArray:
        """Mark the points (p,) that the model mislabels, by its quick answers."""
        found = np.zeros(len(points.rows), dtype=bool)
        self.questions += len(found)
        for part in self._parts(len(points.rows)):
            own = Points(points.rows[part], points.values[part])
            found[part] = self.asked.decide(self.changed(column, own)) != self.y[own.rows]
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

        Those of a model with gradients by more than its rounding may be in another batch.
        """
        if not len(points.rows):
            return np.zeros(0, dtype=bool)
        changed, y = self.changed(column, points), self.y[points.rows]
        if self.model.knowledge == "gradients":
            found = leads_decisively(self.model, changed, y)
        else:
            found = np.asarray(self.model.predict(changed) != y)
        return wrong_alone(self.asked, changed, y, found) if self.alone else found

    def _parts(self, count: int) -> list[slice]:
        step = max(1, _NUMBERS // max(1, self.raw.shape[1]))
        return [slice(start, start + step) for start in range(0, count, step)]


@dataclass(eq=False)
class Nearest:
    """Of each of n examples the nearest point known so far of one column of w features.

    ``upper`` (n,), ``values`` (n, w): of one that the model mislabels; ``lower`` (n,): none is
    nearer.
    """

    lower: FloatArray
    upper: FloatArray
    values: FloatArray

    @classmethod
    def of(cls, n: int, features: int, proved: float) -> Nearest:
        """Return what is known where all within ``proved`` is right, before any point is."""
        upper, values = np.full(n, np.inf), np.full((n, features), np.nan)
        return cls(np.full(n, proved), upper, values)

    def keep(self, points: Points, distances: FloatArray) -> None:
        """Take over the points at ``distances`` (p,) that are nearer, which the model mislabels."""
        for row, value, distance in zip(points.rows, points.values, distances, strict=True):
            if distance < self.upper[row]:
                self.upper[row], self.values[row] = distance, value

    def doubt(self, rows: IntArray, distances: FloatArray) -> None:
        """Take back what is known of the examples ``rows`` (p,) from ``distances`` (p,) on."""
        np.minimum.at(self.lower, rows, distances)

    def take_points(
        self, asker: Asker, column: TableColumn, points: Points, *, listed: bool
    ) -> None:
        """Look at all ``points``, and keep the nearest of each example that counts.

        ``listed``: whether they are all that there is; if not, each stands for others behind it,
        of which one that it must not become itself may be allowed.
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
