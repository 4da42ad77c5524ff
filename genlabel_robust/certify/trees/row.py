"""The distance of one row to the nearest that an ensemble of trees mislabels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from genlabel_robust.certify.trees.boxes import LeafBoxes, leaf_boxes
from genlabel_robust.certify.trees.node import Node
from genlabel_robust.certify.trees.places import Grid, Places
from genlabel_robust.certify.trees.region import Region
from genlabel_robust.certify.trees.search import Search
from genlabel_robust.core.arrays import BoolArray, FloatArray, IntArray
from genlabel_robust.core.space import AttackSpace
from genlabel_robust.core.threat import TOLERANCE, Norm
from genlabel_robust.core.violations import violations
from genlabel_robust.structure.trees import TreeEnsemble

#: Budgets are doubled until a witness is found, and L2 and L1 distances are bisected until the
#: bracket is this narrow; then only what is nearer than the witness is searched.
_NARROW = 0.05
#: What sums of float64 can be off, as a share of the largest score, whatever their order.
_ROUNDING = 1e-12


class Predictor(Protocol):
    """What is asked of a model."""

    def predict(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row: (n, d) -> (n,)."""


@dataclass(frozen=True, eq=False)
class RowCertificate:
    """What ``Certificate`` says of one row; ``witness`` (d,), NaN where there is none."""

    lower: float
    upper: float
    witness: FloatArray
    work: int


class TreeCertifier:
    """An ensemble made ready to certify rows of one space under one norm.

    Raises ``ConfigurationError`` where the ensemble is too wide or not finite.
    """

    def __init__(
        self, ensemble: TreeEnsemble, model: Predictor, space: AttackSpace, norm: Norm
    ) -> None:
        self.model, self.space, self.norm = model, space, norm
        self.boxes: LeafBoxes = leaf_boxes(ensemble, len(space.scale))
        self.grid = Grid(self.boxes, space)

    def row(
        self,
        raw: FloatArray,
        y: int,
        eps: Sequence[float],
        work: int | None = None,
        *,
        distance: bool = False,
    ) -> RowCertificate:
        """Return what is proved of the row ``raw`` (d,), which the model labels ``y``.

        At each of ``eps``, ascending, it is decided whether the row can be broken. With
        ``distance`` the exact distance is found as well, as far as ``work`` goes: nodes and
        questions to the model, None for as many as it takes.
        """
        if not np.isfinite(raw).all():
            return RowCertificate(0.0, np.inf, np.full(len(raw), np.nan), 0)
        bracket = _Bracket(self, raw, y, 2**62 if work is None else work)
        bracket.decide([e * (1 + TOLERANCE) for e in sorted(eps)])
        if distance:
            bracket.close()
        return RowCertificate(bracket.lower, bracket.upper, bracket.witness, bracket.work)


class _Bracket:
    """The bounds on one row's distance, as they are brought together."""

    def __init__(self, certifier: TreeCertifier, raw: FloatArray, y: int, budget: int) -> None:
        self._certifier, self._raw, self._y, self._budget = certifier, raw, y, budget
        self._places: Places = certifier.grid.places(raw)
        self.lower, self.upper = 0.0, float("inf")
        self.witness = np.full(len(raw), np.nan)
        self.work = 0
        self._contradicted = False

    def decide(self, radii: Sequence[float]) -> None:
        """Decide each of ``radii``, ascending, with equal shares of what budget is left."""
        for number, radius in enumerate(radii):
            if self.upper <= radius:
                return
            share = (self._budget - self.work) // (len(radii) - number)
            self._search(radius, self.work + share)

    def close(self) -> None:
        """Bring the bounds together, as far as the budget goes."""
        while self.lower < self.upper and self.work < self._budget:
            if not self._search(self._next_radius(), self._budget):
                return

    def _next_radius(self) -> float:
        if self._certifier.norm == "linf":
            costs = self._places.cost
            between = np.unique(costs[(costs >= self.lower) & (costs < self.upper)])
            if np.isinf(self.upper):
                # far places come by the hundred; the nearest few decide most rows
                wanted = max(2 * self.lower, between[0])
                return float(between[between <= wanted][-1])
            return float(between[(len(between) - 1) // 2])
        if np.isinf(self.upper):
            costs = self._places.cost
            nearest = costs[costs > 0].min(initial=np.inf)
            return float(max(2 * self.lower, nearest))
        if self.upper - self.lower > _NARROW * self.upper:
            return (self.lower + self.upper) / 2
        return float(np.nextafter(self.upper, 0.0))

    def _search(self, radius: float, budget: int) -> bool:
        """Search all within ``radius``; false if that ended without a decision."""
        certifier = self._certifier
        region = Region(
            certifier.boxes, self._places, self._raw, certifier.space.rules.one_hot,
            certifier.grid.listed, certifier.norm, radius,
        )  # fmt: skip
        if not region.empty:
            for tie, root in self._rivals(region):
                ask = partial(self._asked, tie=tie, radius=radius)
                found = Search(region, -tie, ask).run(root, budget - self.work)
                self.work += found.work
                if found.witness is not None:
                    self.witness = found.witness
                    self.upper = self._distance(found.witness)
                    return True
                if not found.closed or self._contradicted:
                    return False
        self.lower = max(self.lower, self._beyond(radius, region))
        return True

    def _beyond(self, radius: float, region: Region) -> float:
        """Return the least distance above ``radius`` at which anything lies."""
        costs = self._places.cost
        if not (costs > radius).any() and (
            self._certifier.norm == "linf" or radius >= region.farthest
        ):
            return float("inf")
        if self._certifier.norm == "linf":
            return float(costs[costs > radius].min())
        return float(np.nextafter(radius, np.inf))

    def _rivals(self, region: Region) -> list[tuple[float, Node]]:
        """Return the root of each rival that may win, with its tie, most promising first."""
        starts = np.flatnonzero(np.diff(region.tree, prepend=-1))
        roots = []
        for rival in range(len(region.base)):
            if rival == self._y:
                continue
            ours, theirs = region.value[:, self._y], region.value[:, rival]
            gain = theirs - ours
            most = np.maximum.reduceat(gain, starts)
            base = float(region.base[rival] - region.base[self._y])
            size = np.maximum.reduceat(np.abs(gain), starts).sum() + abs(base)
            tie = 2 * self._certifier.boxes.rounding + _ROUNDING * float(size)
            bound = float(most.sum()) + base
            if bound < -tie:
                continue
            # trees in which neither score changes; an equal difference of others may be rounded
            # in another way where scores tie
            inert = _constant(ours, starts) & _constant(theirs, starts)
            first = np.zeros(len(region.last), dtype=np.int64)
            settled = base + float(most[inert].sum())
            root = Node(region.low, region.high, gain, starts, first, region.last, settled)
            root.drop_groups(inert)
            roots.append((-bound, rival, tie, root))
        roots.sort(key=lambda each: each[:2])
        return [(tie, root) for _, _, tie, root in roots]

    def _asked(self, raw: FloatArray, gain: float, *, tie: float, radius: float) -> bool:
        """Say whether ``raw`` (d,), by which the rival leads by ``gain``, counts as breaking."""
        certifier = self._certifier
        if self._distance(raw) > radius:
            return False
        self.work += 1
        pair = np.stack([self._raw, raw])
        in_batch = certifier.model.predict(pair)[1] != self._y
        alone = certifier.model.predict(pair[1:])[0] != self._y
        refused = violations(certifier.space, pair[:1], pair[1:])[0]
        if in_batch and alone and not refused:
            return True
        # a clear win that the library does not confirm: nothing is to be certified by the trees
        self._contradicted |= bool(gain > tie or in_batch != alone or refused)
        return False

    def _distance(self, raw: FloatArray) -> float:
        certifier = self._certifier
        return float(certifier.space.distance(self._raw[None], raw[None], certifier.norm)[0])


def _constant(numbers: FloatArray, starts: IntArray) -> BoolArray:
    """Mark the groups (g,), which begin at ``starts``, whose ``numbers`` (l,) are all the same."""
    most = np.maximum.reduceat(numbers, starts)
    return np.asarray(most == np.minimum.reduceat(numbers, starts))
