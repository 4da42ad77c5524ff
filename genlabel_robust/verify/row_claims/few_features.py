"""Checks of stored changes of one or few columns, some of which are searched for again."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.singles.search import single_columns
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.data import Task
from genlabel_robust.models import Model
from genlabel_robust.models.structures.quick_model import quick_model
from genlabel_robust.runs.cells.cell import Cell, CellResult
from genlabel_robust.runs.cells.few_features import FewFeatures
from genlabel_robust.structure import NoStructure, Structure
from genlabel_robust.threat import AttackSpace, within
from genlabel_robust.threat.table_columns import TableColumn, changed_columns, table_columns
from genlabel_robust.verify.finding import Finding, rows_named
from genlabel_robust.verify.row_claims.predictions import clean_rows
from genlabel_robust.verify.row_claims.stored_points import check_points, drawn


def check_few_features(
    cell: Cell,
    result: CellResult,
    task: Task,
    model: Model,
    space: AttackSpace,
    structure: Structure | NoStructure | None,
    share: float,
    seed: int,
) -> Iterator[Finding]:
    """Check every stored change, and search the columns of a ``share`` of the rows again.

    ``structure``: the structure of ``model``, None if it was not read. Older runs store no such
    changes.
    """
    if result.few is None:
        return
    columns = table_columns(task.feature_names, task.encoding, space.rules.one_hot)
    wrong = list(_shapes(cell, result.few, task, columns))
    yield from wrong
    if wrong:
        return
    looked = _Looked(cell, result, result.few, task, model, space, columns)
    yield from looked.singles()
    yield from looked.sparse()
    if share and not result.inside.cut:
        yield from looked.again(structure, share, seed)


def _shapes(
    cell: Cell, few: FewFeatures, task: Task, columns: tuple[TableColumn, ...]
) -> Iterator[Finding]:
    n, d = task.x_test.shape
    wanted = {
        "single_lower": (few.singles.lower, (n, len(columns))),
        "single_upper": (few.singles.upper, (n, len(columns))),
        "single_value": (few.singles.value, (n, d)),
        "sparse": (few.sparse, (len(cell.threat.eps), n, d)),
    }
    for name, (array, shape) in wanted.items():
        if array.shape != shape:
            yield Finding(
                cell.label, f"{name} is an array {array.shape}; {shape} was to be expected"
            )


@dataclass(frozen=True, eq=False)
class _Looked:
    """The few-feature results of a cell, with what is needed to check them."""

    cell: Cell
    result: CellResult
    few: FewFeatures
    task: Task
    model: Model
    space: AttackSpace
    columns: tuple[TableColumn, ...]

    @property
    def clean(self) -> BoolArray:
        return clean_rows(self.result, self.task, self.model)

    def singles(self) -> Iterator[Finding]:
        """Check prediction, distance and constraints of the point for each row and column."""
        singles, clean = self.few.singles, self.clean
        wrong = ~clean[:, None] & ((singles.upper != 0) | (singles.lower != 0))
        yield from self._named(
            wrong.any(axis=1), "is misclassified as it stands, and not stored so of each column"
        )
        for number, column in enumerate(self.columns):
            own, upper = list(column.features), singles.upper[:, number]
            stated = np.isfinite(upper) & clean
            known = np.isfinite(singles.value[:, own])
            lacking = (stated & ~known.all(axis=1)) | (~stated & known.any(axis=1))
            yield from self._named(lacking, f"has a point of {column.name!r} or a distance alone")
            rows = np.flatnonzero(stated & ~lacking)
            points = singles.points(self.task.x_test, rows, own)
            what = f"the stored change of {column.name!r} alone"
            yield from self._points(rows, points, upper[rows], what)

    def sparse(self) -> Iterator[Finding]:
        """Check the sparsest examples, and that no other stored example is sparser."""
        for number, eps in enumerate(self.cell.threat.eps):
            points = self.few.sparse[number]
            found = np.isfinite(points).all(axis=1)
            fewest = self._fewest(eps)
            known = np.isfinite(fewest) & self.clean
            yield from self._named(
                known & ~found, f"is broken at ε = {eps:g}, and has no sparsest example"
            )
            rows = np.flatnonzero(found & self.clean)
            what = f"the stored sparsest example at ε = {eps:g}"
            yield from self._points(rows, points[rows], None, what)
            raw = self.task.x_test[rows]
            far = self.space.distance(raw, points[rows], self.cell.threat.norm)
            yield from self._named_rows(rows, ~within(far, eps), f"{what} lies beyond it")
            counts = self._counts(rows, points[rows])
            yield from self._named_rows(
                rows, counts > fewest[rows], f"{what} changes more columns than another one"
            )

    def again(
        self, structure: Structure | NoStructure | None, share: float, seed: int
    ) -> Iterator[Finding]:
        """Search the columns of a sample of rows again, as the run did."""
        rows, singles = self._sample(share, seed), self.few.singles
        proved = self.result.certificate
        found = single_columns(
            self.model,
            structure,
            self.space,
            self.task.x_test[rows],
            self.task.y_test[rows],
            self.cell.threat.norm,
            self.cell.threat.eps,
            self.columns,
            asked=quick_model(self.model, structure, self.task.x_test, self.space),
            certificate=None if proved is None else proved.of(rows),
        )
        for eps in self.cell.threat.eps:
            for what, stored, now in (
                ("proved", ~within(singles.lower[rows], eps), ~within(found.lower, eps)),
                ("broken", within(singles.upper[rows], eps), within(found.upper, eps)),
            ):
                for number, column in enumerate(self.columns):
                    differs = stored[:, number] != now[:, number]
                    yield from self._named_rows(
                        rows,
                        differs,
                        f"whether a change of {column.name!r} alone is {what} at ε = {eps:g} comes "
                        "out otherwise when computed again",
                    )

    def _sample(self, share: float, seed: int) -> IntArray:
        """Draw a sample of the correctly classified rows that the run searched."""
        largest = self.cell.threat.eps[-1]
        known = ~within(self.few.singles.lower, largest) | np.isfinite(self.few.singles.upper)
        seen = known.any(axis=1) if self.few.singles.left_out else np.ones(len(known), dtype=bool)
        rows = np.flatnonzero(self.clean & seen)
        return drawn(self.cell, rows, share, seed, "columns searched again")

    def _fewest(self, eps: float) -> FloatArray:
        """Return the fewest columns (n,) that a stored point within ``eps`` changes, or inf."""
        alone = within(self.few.singles.upper, eps) & (self.few.singles.upper > 0)
        fewest = np.where(alone.any(axis=1), 1.0, np.inf)
        for distances, points in zip(self.result.distances, self.result.adversarial, strict=True):
            rows = np.flatnonzero(within(distances, eps) & np.isfinite(points).all(axis=1))
            fewest[rows] = np.minimum(fewest[rows], self._counts(rows, points[rows]))
        return fewest

    def _counts(self, rows: IntArray, points: FloatArray) -> IntArray:
        changed = changed_columns(self.columns, self.task.x_test[rows], points)
        return np.asarray(changed.sum(axis=1))

    def _points(
        self, rows: IntArray, points: FloatArray, stated: FloatArray | None, what: str
    ) -> Iterator[Finding]:
        about = self.cell, self.task, self.model, self.space
        yield from check_points(*about, rows, points, stated, what)

    def _named(self, wrong: BoolArray, what: str) -> Iterator[Finding]:
        yield from self._named_rows(np.arange(len(wrong)), wrong, what)

    def _named_rows(self, rows: IntArray, wrong: BoolArray, what: str) -> Iterator[Finding]:
        if wrong.any():
            yield Finding(self.cell.label, f"{rows_named(wrong, self.task.test_ids[rows])}: {what}")
