"""Mixed-integer programs with alternatives, assembled row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from genlabel_robust.core import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Row:
    """A constraint: ``least`` <= ``weights`` (k,) times the variables ``at`` (k,) <= ``most``."""

    at: IntArray
    weights: FloatArray
    least: float
    most: float


#: Rows that must all hold.
Option: TypeAlias = Sequence[Row]


@dataclass(frozen=True, eq=False)
class Solved:
    """The result of a program; ``bound``: a lower bound on the cost, +inf if it is infeasible.

    ``point`` (n,): the cheapest point that was found, None if there is none.
    """

    bound: float
    point: FloatArray | None


@dataclass(eq=False)
class Program:
    """Variables between ``low`` and ``high`` (n,), those marked ``whole`` (n,) being integers.

    The bounds of a variable must be finite if it occurs in one of several options.
    """

    low: FloatArray
    high: FloatArray
    whole: BoolArray
    _rows: list[Row] = field(default_factory=list)
    _extra: int = 0

    def add(self, row: Row) -> None:
        """Add a row that must hold."""
        scale = float(np.abs(row.weights).max(initial=0.0))
        if scale == 0.0:
            scale = 1.0  # holds for all values of the variables, or for none
        self._rows.append(Row(row.at, row.weights / scale, row.least / scale, row.most / scale))

    def one_of(self, options: Sequence[Option]) -> None:
        """Require one of ``options``: a switch variable for each one activates its rows."""
        if len(options) == 1:
            for row in options[0]:
                self.add(row)
            return
        first = len(self.low) + self._extra
        self._extra += len(options)
        switches = np.arange(first, first + len(options))
        self.add(Row(switches, np.ones(len(options)), 1.0, np.inf))
        for switch, option in zip(switches, options, strict=True):
            for row in option:
                self._switched(int(switch), row)

    def _switched(self, switch: int, row: Row) -> None:
        low, high = self.low[row.at], self.high[row.at]
        least = float(np.where(row.weights > 0, row.weights * low, row.weights * high).sum())
        most = float(np.where(row.weights > 0, row.weights * high, row.weights * low).sum())
        at = np.append(row.at, switch)
        if np.isfinite(row.most) and most > row.most:
            self.add(Row(at, np.append(row.weights, most - row.most), -np.inf, most))
        if np.isfinite(row.least) and least < row.least:
            self.add(Row(at, np.append(row.weights, least - row.least), least, np.inf))

    def solve(self, cost: FloatArray, nodes: int) -> Solved:
        """Return the point of least ``cost`` (n,) found within ``nodes`` branch-and-bound nodes.

        The bound is -inf if the solver returns none.
        """
        size = len(self.low) + self._extra
        objective = np.zeros(size)
        objective[: len(cost)] = cost
        more = np.zeros(self._extra)
        solved = milp(
            objective,
            integrality=np.append(self.whole, more + 1).astype(np.int64),
            bounds=Bounds(np.append(self.low, more), np.append(self.high, more + 1)),
            constraints=self._constraints(size),
            options={"node_limit": nodes, "mip_rel_gap": 0.0},
        )
        if solved.status == 2:
            return Solved(np.inf, None)
        bound = solved.get("mip_dual_bound")
        if bound is None:
            bound = solved.fun if solved.status == 0 else None
        point = None if solved.x is None else np.asarray(solved.x)[: len(self.low)]
        return Solved(-np.inf if bound is None else float(bound), point)

    def _constraints(self, size: int) -> list[LinearConstraint]:
        if not self._rows:
            return []
        lines = np.repeat(np.arange(len(self._rows)), [len(row.at) for row in self._rows])
        matrix = coo_array(
            (
                np.concatenate([row.weights for row in self._rows]),
                (lines, np.concatenate([row.at for row in self._rows])),
            ),
            shape=(len(self._rows), size),
        )
        ends = np.array([(row.least, row.most) for row in self._rows])
        return [LinearConstraint(matrix.tocsr(), ends[:, 0], ends[:, 1])]
