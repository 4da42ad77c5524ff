"""Moves of whole features: to values across the box, to other categories, to missing."""

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.targets.target import AttackTarget

#: The most rows of the pool that values are taken from.
_POOL = 1000
#: The approximate number of numeric moves beyond which each feature has fewer values.
_MOVES = 3000


class FeatureMoves:
    """The moves of single features, each from the example to one value of the feature.

    A number moves to either end of its box, and to values that are spread evenly over the training
    range and over the pool; a category to each other category; a missing-value flag to its other
    value, alone and together with each value of its number. ``parts``: the columns of each of g
    features; ``price`` (g,): the cost of touching each; ``feature`` (c,): the feature that each
    move touches.
    """

    def __init__(self, target: AttackTarget, values: int) -> None:
        self._target = target
        movable, lattice = target.space.movable, target.lattice
        owners = np.unique(movable.owner)
        self.parts = [np.flatnonzero(movable.owner == owner) for owner in owners]
        self.price = movable.price[owners]
        groups = [] if lattice is None else [set(map(int, group)) for group in lattice.groups]
        few = max(2, _MOVES // max(2 * target.n_features, 1))
        self._levels = _levels(target, min(values, few))
        self._whole = set() if lattice is None else {int(i) for i in lattice.integer}
        moves: list[tuple[int, list[tuple[int, float]]]] = []
        for number, part in enumerate(self.parts):
            columns = [int(i) for i in part]
            if set(columns) in groups or any(set(columns) <= group for group in groups):
                moves += [
                    (number, [(i, np.nan) for i in columns] + [(to, np.inf)]) for to in columns
                ]
            else:
                moves += [(number, move) for move in self._of_numbers(columns)]
        self.feature = np.array([number for number, _ in moves], dtype=np.int64)
        self._moves = [move for _, move in moves]
        # the columns of each move and their targets: a level, or -inf, NaN (low) or inf (high)
        self._sets = np.zeros((len(moves), target.n_features), dtype=bool)
        self._to = np.zeros((len(moves), target.n_features))
        for line, move in enumerate(self._moves):
            for column, level in move:
                self._sets[line, column] = True
                self._to[line, column] = -np.inf if np.isnan(level) else level

    @property
    def count(self) -> int:
        """The number of moves, c."""
        return len(self.feature)

    def columns(self, moves: IntArray) -> FloatArray:
        """Mark the columns (..., m) that belong to the features of ``moves`` (...)."""
        owned = np.zeros((len(self.parts), self._sets.shape[1]), dtype=bool)
        for number, part in enumerate(self.parts):
            owned[number, part] = True
        return np.asarray(owned[self.feature[moves]])

    def points(self, rows: IntArray, moves: IntArray) -> FloatArray:
        """Return the points (r, ..., m) that result from ``moves`` (r, ...) of ``rows`` (r,)."""
        target = self._target
        shape = (len(rows),) + (1,) * (moves.ndim - 1) + (target.n_features,)
        low, high = (edge[rows].reshape(shape) for edge in target.box)
        axes = target.space.axes
        here = target.space.enter(target.raw[rows])[:, axes].reshape(shape)
        there = np.clip(self._to[moves] - here, low, high)
        return np.where(self._sets[moves], there, 0.0)

    def _of_numbers(self, columns: list[int]) -> list[list[tuple[int, float]]]:
        """Return the moves of a feature's numeric columns: of each one, and of two at once."""
        single = [[(column, level)] for column in columns for level in self._levels[column]]
        if len(columns) < 2:
            return single
        # a number and its missing-value flag, which has two values
        value, flag = columns[0], columns[-1]
        return single + [
            [(value, level), (flag, side)]
            for level in self._levels[value]
            for side in (-np.inf, np.inf)
        ]


def _levels(target: AttackTarget, values: int) -> list[list[float]]:
    """Return the values in attack space to which each of m columns moves, both ends included."""
    space, axes = target.space, target.space.axes
    low, high = space.low[axes], space.high[axes]
    pool = space.enter(target.pool[:: -(-len(target.pool) // _POOL) or 1])[:, axes]
    found = []
    for column in range(len(axes)):
        steps = (
            np.inf
            if axes[column] not in space.rules.integer
            else np.rint((high[column] - low[column]) * space.scale[axes[column]])
        )
        spread = np.linspace(low[column], high[column], int(min(values, steps + 1)) + 2)[1:-1]
        seen = np.quantile(pool[:, column], np.linspace(0, 1, values)) if len(pool) else spread[:0]
        inner = np.unique(np.concatenate([spread, seen])) if steps > 1 else np.zeros(0)
        found.append([-np.inf, np.inf, *inner.tolist()])
    return found
