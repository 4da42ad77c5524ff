"""Claims about tree ensembles, checked by a mixed-integer program over values and leaves."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from genlabel_robust.certify.confirm.claim import Answer, Claim
from genlabel_robust.certify.touching import column_prices
from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.structure import TreeEnsemble

#: The most reachable leaves: a larger program takes too long.
_LEAVES = 1_000
#: Nodes of the solver's branch and bound.
_NODES = 200
#: The error in a lead from the solver's tolerances, as a share of the largest score.
_ROUNDING = 1e-7


@dataclass(frozen=True, eq=False)
class _Leaf:
    """A leaf: its tree, its node, and for each feature on its path the values that lead there."""

    tree: int
    node: int
    values: dict[int, IntArray]


def by_mixed_integer_program(structure: TreeEnsemble, claim: Claim) -> Answer | None:
    """Return the answer of the program, the largest lead of any other class; None if too large.

    Trees are constant between thresholds, so each feature needs only one value per cell, the one
    nearest to the row's. The program has one binary variable per value and one variable per leaf.
    A leaf's variable is at most the sum of the values of a feature that lead to it. Source:
    Kantchelian, Tygar & Joseph, ICML 2016.
    """
    values = _values(structure, claim)
    leaves = _reachable(structure, values)
    if leaves is None:
        return None
    program = _Program(claim, values, leaves)
    agrees, rows = True, []
    rounding = structure.rounding + _ROUNDING * structure.largest()
    for rival in range(structure.n_classes):
        if rival == claim.y:
            continue
        lead = structure.value[:, rival] - structure.value[:, claim.y]
        base = float(structure.base[rival] - structure.base[claim.y])
        bound, row = program.largest(np.array([lead[leaf.node] for leaf in leaves]))
        # at a tie only the library's own rounding decides
        if bound + base >= -rounding:
            agrees = False
            rows += [] if row is None else [row]
    return Answer(agrees, np.reshape(rows, (-1, len(claim.raw))))


def _values(structure: TreeEnsemble, claim: Claim) -> list[FloatArray]:
    """Return the values that each feature may take, one per cell between thresholds."""
    low, high = claim.room
    scale, rules = claim.space.scale, claim.space.rules
    categories = {column for group in rules.one_hot for column in group}
    found = []
    for feature, own in enumerate(claim.raw.tolist()):
        if not claim.space.mutable[feature]:
            found.append(np.array([own]))
            continue
        cuts = np.unique(structure.threshold[structure.feature == feature])
        below, above = cuts[cuts < own], cuts[cuts >= own]
        if feature in categories:
            values = np.array([0.0, 1.0])
        elif feature in rules.integer:
            down, up = own - np.ceil(own - below), own + np.floor(above - own)
            # sums of floats may end a step too early or at it, as at a threshold of 1e-35
            down, up = np.where(down > below, down - 1, down), np.where(up > above, up, up + 1)
            values = np.unique(np.concatenate([down, [own], up]))
        else:
            values = np.concatenate([below, [own], np.nextafter(above, np.inf)])
        moved = (values - own) / scale[feature]
        slack = 1e-9 if feature in rules.integer or feature in categories else 0.0
        found.append(values[(moved >= low[feature] - slack) & (moved <= high[feature] + slack)])
    return found


def _reachable(structure: TreeEnsemble, values: list[FloatArray]) -> list[_Leaf] | None:
    """Return the leaves that some of the values reach, None if there are too many."""
    found: list[_Leaf] = []
    for tree, root in enumerate(structure.roots.tolist()):
        stack: list[tuple[int, dict[int, IntArray]]] = [(root, {})]
        while stack:
            node, reaching = stack.pop()
            feature = int(structure.feature[node])
            if feature < 0:
                found.append(_Leaf(tree, node, reaching))
                if len(found) > _LEAVES:
                    return None
                continue
            own = reaching.get(feature, np.arange(len(values[feature])))
            left = values[feature][own] <= structure.threshold[node]
            for child, side in ((structure.left[node], left), (structure.right[node], ~left)):
                if side.any():
                    stack.append((int(child), {**reaching, feature: own[side]}))
    return found


class _Program:
    """The program of one row; its objective is the lead of a rival."""

    def __init__(self, claim: Claim, values: list[FloatArray], leaves: list[_Leaf]) -> None:
        self._values = values
        self._first = np.cumsum([0, *map(len, values)])
        self._count = int(self._first[-1])
        self._size = self._count + len(leaves)
        self._terms: list[tuple[IntArray, FloatArray]] = []
        self._ends: list[tuple[float, float]] = []
        for feature in range(len(values)):
            self._add(self._of(feature), 1.0, 1.0)
        trees: dict[int, list[int]] = {}
        for number, leaf in enumerate(leaves, start=self._count):
            trees.setdefault(leaf.tree, []).append(number)
            for feature, numbers in leaf.values.items():
                if len(numbers) < len(values[feature]):
                    columns = np.concatenate([[number], self._first[feature] + numbers])
                    weights = np.concatenate([[1.0], -np.ones(len(numbers))])
                    self._add(columns, -np.inf, 0.0, weights)
        for members in trees.values():
            self._add(np.array(members), 1.0, 1.0)
        self._add_ball(claim)
        for group in claim.space.rules.one_hot:
            ones = [self._of(column)[values[column] == 1.0] for column in group]
            self._add(np.concatenate(ones), 1.0, 1.0)

    def _of(self, feature: int) -> IntArray:
        return np.arange(self._first[feature], self._first[feature + 1])

    def _add(
        self, columns: IntArray, least: float, most: float, weights: FloatArray | None = None
    ) -> None:
        self._terms.append((columns, np.ones(len(columns)) if weights is None else weights))
        self._ends.append((least, most))

    def _add_ball(self, claim: Claim) -> None:
        if claim.norm == "linf":
            return
        if claim.norm == "l0":
            prices = column_prices(claim.space)
            parts = zip(self._values, claim.raw, prices, strict=True)
            touched = [np.where(values == own, 0.0, price) for values, own, price in parts]
            self._add(np.arange(self._count), -np.inf, claim.radius, np.concatenate(touched))
            return
        power = 1 if claim.norm == "l1" else 2
        cost = np.concatenate(
            [
                np.abs((values - own) / scale) ** power
                for values, own, scale in zip(
                    self._values, claim.raw, claim.space.scale, strict=True
                )
            ]
        )
        self._add(np.arange(self._count), -np.inf, claim.radius**power, cost)

    def largest(self, lead: FloatArray) -> tuple[float, FloatArray | None]:
        """Return an upper bound on the sum of ``lead`` (leaves,), and the best row (d,) found.

        The bound is +inf if the solver found none, and the row None.
        """
        lines = np.repeat(np.arange(len(self._terms)), [len(c) for c, _ in self._terms])
        columns = np.concatenate([c for c, _ in self._terms])
        weights = np.concatenate([w for _, w in self._terms])
        least, most = np.array(self._ends).T
        matrix = coo_array((weights, (lines, columns)), shape=(len(self._terms), self._size))
        solved = milp(
            -np.concatenate([np.zeros(self._count), lead]),
            integrality=(np.arange(self._size) < self._count).astype(np.int64),
            bounds=Bounds(0.0, 1.0),
            constraints=LinearConstraint(matrix.tocsr(), least, most),
            options={"node_limit": _NODES, "mip_rel_gap": 0.0},
        )
        bound = solved.get("mip_dual_bound")
        return np.inf if bound is None else -float(bound), self._row(solved.x)

    def _row(self, solution: FloatArray | None) -> FloatArray | None:
        if solution is None:
            return None
        chosen = [int(solution[self._of(f)].argmax()) for f in range(len(self._values))]
        return np.array([v[i] for v, i in zip(self._values, chosen, strict=True)])
