"""The nearest mislabelled change of one column: by proof, by enumeration, or by search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.certify.affine.certify import proved_distance
from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.certify.certify import certify, unprovable
from genlabel_robust.certify.singles.asking import Asker, Nearest
from genlabel_robust.certify.singles.grid import points_on_grid
from genlabel_robust.certify.singles.lines_of_nets import Begun, begun, lines_of_net
from genlabel_robust.certify.singles.listing import cell_points, steps_of, whole_points
from genlabel_robust.certify.singles.singles import Singles, nothing_tried
from genlabel_robust.certify.singles.ways import Points, Ways, ways_of
from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.models import Model, TorchModel
from genlabel_robust.structure import (
    Affine,
    NoStructure,
    ReluNet,
    Structure,
    TreeEnsemble,
    Vote,
)
from genlabel_robust.threat import TOLERANCE, AttackSpace, Norm, within
from genlabel_robust.threat.table_columns import TableColumn

#: The most whole steps of a number that are queried one by one, whatever the model.
_LISTED = 256
#: The examples of one block, and the queries after which no new block begins.
_ROWS, QUESTIONS = 256, 4_000_000
#: The examples of a block for affine models, which are queried only where bounds do not decide.
_ROWS_OF_SUMS = 4096


def single_columns(
    model: Model,
    structure: Structure | NoStructure | None,
    space: AttackSpace,
    raw: FloatArray,
    y: IntArray,
    norm: Norm,
    eps: tuple[float, ...],
    columns: Sequence[TableColumn],
    *,
    asked: Model | None = None,
    certificate: Certificate | None = None,
    most: int = QUESTIONS,
    on_rows: Callable[[int], None] = lambda done: None,
) -> Singles:
    """Return how near ``raw`` (n, d) of labels ``y`` (n,) are to being mislabelled by one column.

    Each of ``columns`` (c,) changes alone, up to the largest of ``eps``, which must ascend. The
    result is exact where all changes are enumerated (categories, up to some hundred whole steps,
    the cells between the thresholds of trees) or proved (linear models, nets). Otherwise a grid and
    bisection find points, and prove nothing. ``structure``: that of ``model``, already compared
    with it, None if unknown; ``asked``: a faster version of the model. ``certificate``: for changes
    of all columns together. ``most``: the queries after which no more rows begin, negative for
    none. ``on_rows``: called with the number of rows done.
    """
    correct = model.predict(raw) == y
    found = nothing_tried(correct, len(columns), raw.shape[1])
    open_ = correct.copy()
    if certificate is not None:
        found.lower[correct] = certificate.lower[correct, None]
        open_ &= within(certificate.lower, eps[-1])
    fixed = [_fixed(column, space, norm, eps[-1]) for column in columns]
    found.lower[np.ix_(correct, fixed)] = np.inf
    # trees tie exactly, and our own nets return the same bits in any batch
    alone = not isinstance(structure, TreeEnsemble) and not isinstance(model, TorchModel)
    # under L0 each column reaches its whole box, or its own ε
    ball: tuple[Norm, tuple[float, ...]] = (norm, eps)
    if norm == "l0":
        ball = ("linf", (_widest(space, raw),))
    rows, left_out, questions = np.flatnonzero(open_), 0, 0
    together = _ROWS_OF_SUMS if isinstance(structure, Affine) and space.lattice is None else _ROWS
    for start in range(0, len(rows), together):
        if questions > most:
            left_out = len(rows) - start
            break
        part = rows[start : start + together]
        asker = Asker(model, asked or model, space, raw[part], y[part], ball[0], ball[1][-1], alone)
        block = _Block(asker, structure, ball[1], columns, fixed)
        block.decide()
        if norm == "l0":
            block.price(space)
        block.write(found, part)
        questions += asker.questions
        on_rows(start + len(part))
    return replace(found, left_out=left_out, questions=questions)


def _fixed(column: TableColumn, space: AttackSpace, norm: Norm, eps: float) -> bool:
    """Say whether the attacker may not change a column, or cannot afford it under L0."""
    if not space.mutable[list(column.features)].any():
        return True
    return norm == "l0" and not within(np.array(_price(column, space)), eps)


def _price(column: TableColumn, space: AttackSpace) -> float:
    """Return the price of touching a column under L0."""
    owned = space.touchable
    return float(owned.price[owned.owner[column.features[0]]])


def _widest(space: AttackSpace, raw: FloatArray) -> float:
    """Return a distance larger than the box of any row (n, d) along any one feature."""
    low, high = space.box(space.enter(raw))
    return 2 * float((high - low).max(initial=0.0)) + 1.0


@dataclass(eq=False)
class _Block:
    """Some examples, and the results for each column that may change."""

    asker: Asker
    structure: Structure | NoStructure | None
    eps: tuple[float, ...]
    columns: Sequence[TableColumn]
    fixed: Sequence[bool]

    def decide(self) -> None:
        """Find the nearest mislabelled change of each column, and what can be proved."""
        self.nearest: dict[int, Nearest] = {}
        waiting: list[Begun] = []
        n = len(self.asker.raw)
        radius = self.eps[-1] * (1 + 2 * TOLERANCE)
        for number, column in enumerate(self.columns):
            if self.fixed[number]:
                continue
            nearest = self.nearest[number] = Nearest.of(n, len(column.features), radius)
            asker = self.asker
            ways = ways_of(column, asker.space, asker.raw, asker.norm, self.eps[-1])
            if not ways.all_:
                nearest.doubt(np.arange(n), np.zeros(n))
            ways = self._listed(column, ways, nearest)
            nearest.take_points(asker, column, ways.points, listed=True)
            if not len(ways.lines):
                continue
            if isinstance(self.structure, ReluNet) and len(self.structure.weights) > 1:
                waiting.append(begun(asker, column, ways, nearest))
            elif not isinstance(self.structure, Affine) or not self._certified(
                column, nearest, np.arange(n)
            ):
                self._searched(column, ways, nearest)
        if waiting and isinstance(self.structure, ReluNet):
            lines_of_net(self.asker, self.structure, self.eps, waiting)

    def _listed(self, column: TableColumn, ways: Ways, nearest: Nearest) -> Ways:
        """Query lines that have finitely many points to check; return the remaining ways."""
        thresholds = self._thresholds(column.features[0])
        lines = ways.lines
        if thresholds is not None and len(lines):
            cells = cell_points(lines, thresholds, whole=ways.whole)
            nearest.take_points(self.asker, column, cells, listed=False)
            return replace(ways, lines=lines.take(slice(0, 0)))
        if not ways.whole or not len(lines):
            return ways
        first, last = steps_of(lines)
        few = last - first <= _LISTED
        steps = whole_points(lines.take(few))
        points = Points.join([ways.points, steps], len(column.features))
        return replace(ways, points=points, lines=lines.take(~few))

    def _thresholds(self, feature: int) -> FloatArray | None:
        """Return the thresholds of a tree model for ``feature``, None for other models."""
        if isinstance(self.structure, TreeEnsemble):
            trees: tuple[TreeEnsemble, ...] = (self.structure,)
        elif isinstance(self.structure, Vote) and not self.structure.smooth:
            trees = self.structure.trees
        else:
            return None
        own = [tree.threshold[tree.feature == feature] for tree in trees]
        return np.unique(np.concatenate(own))

    def _certified(self, column: TableColumn, nearest: Nearest, rows: IntArray) -> bool:
        """Certify the examples ``rows`` with ``column`` alone; False if that is impossible."""
        asker, structure = self.asker, self.structure
        if structure is None or isinstance(structure, NoStructure):
            return False
        only = np.zeros(len(asker.space.mutable), dtype=bool)
        only[list(column.features)] = True
        space = replace(asker.space, mutable=asker.space.mutable & only)
        if unprovable(structure, space, asker.norm) is not None:
            return False
        if isinstance(structure, Affine):
            rows = self._within_reach(structure, space, nearest, rows)
            if not len(rows):
                return True
        raw, y = asker.raw[rows], asker.y[rows]
        found = certify(structure, asker.model, space, raw, y, asker.norm, self.eps)
        broken = np.isfinite(found.upper) & (found.upper > 0)
        points = Points(rows[broken], found.witness[broken][:, column.features])
        near = asker.allowed(column, points)
        nearest.doubt(rows, found.lower)
        nearest.keep(Points(points.rows[near], points.values[near]), found.upper[broken][near])
        return True

    def _within_reach(
        self, structure: Affine, space: AttackSpace, nearest: Nearest, rows: IntArray
    ) -> IntArray:
        """Return those of ``rows`` that bounds alone do not prove; only these need queries.

        ``space``: the attack space in which only one column may change.
        """
        raw, y = self.asker.raw[rows], self.asker.y[rows]
        least = proved_distance(structure, space, raw, y, self.asker.norm)
        beyond = least > nearest.lower[rows]
        nearest.doubt(rows[beyond], least[beyond])
        return rows[~beyond]

    def _searched(self, column: TableColumn, ways: Ways, nearest: Nearest) -> None:
        """Search the lines by a grid; where that finds nothing, try to prove that it cannot."""
        lines = ways.lines
        points = points_on_grid(self.asker, column, lines, whole=ways.whole)
        nearest.take_points(self.asker, column, points, listed=False)
        broken = np.isfinite(nearest.upper)
        nearest.doubt(lines.rows, np.where(broken, 0.0, np.inf)[lines.rows])
        rest = np.unique(lines.rows[~broken[lines.rows]])
        if not len(rest) or not self._certified(column, nearest, rest):
            nearest.doubt(rest, np.zeros(len(rest)))

    def price(self, space: AttackSpace) -> None:
        """Replace distances by prices: under L0 any change of a column costs the same."""
        for number, nearest in self.nearest.items():
            price = _price(self.columns[number], space)
            broken, proved = np.isfinite(nearest.upper), nearest.lower > self.eps[-1]
            nearest.upper = np.where(broken, price, np.inf)
            nearest.lower = np.where(proved, np.inf, price)

    def write(self, found: Singles, rows: IntArray) -> None:
        """Write the results of the block into the ``rows`` of ``found``."""
        for number, nearest in self.nearest.items():
            column = self.columns[number]
            # a proof for all columns together holds for one of them
            found.lower[rows, number] = np.maximum(found.lower[rows, number], nearest.lower)
            found.upper[rows, number] = nearest.upper
            found.value[rows[:, None], list(column.features)] = nearest.values
