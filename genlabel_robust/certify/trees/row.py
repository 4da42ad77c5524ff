"""The distance of one row to the nearest row that a tree ensemble mislabels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.certify.related.cells import RelatedCells
from genlabel_robust.certify.related.row import RelatedRow
from genlabel_robust.certify.relations import knows_relations
from genlabel_robust.certify.touching import next_price
from genlabel_robust.certify.trees.boxes import leaf_boxes
from genlabel_robust.certify.trees.judge import Judge, Predictor
from genlabel_robust.certify.trees.places import Grid
from genlabel_robust.certify.trees.region import Region
from genlabel_robust.certify.trees.rivals import rivals
from genlabel_robust.certify.trees.search import Search
from genlabel_robust.core import FloatArray
from genlabel_robust.structure import TreeEnsemble
from genlabel_robust.threat import TOLERANCE, AttackSpace, Norm
from genlabel_robust.threat.relations.bound import Relations
from genlabel_robust.threat.violations import violations

#: L2 and L1 distances are bisected until the bracket is this narrow, as a share of its upper end.
#: Then everything nearer than the witness is searched at once.
_NARROW = 0.15
_NO_LIMIT = 2**62


@dataclass(frozen=True, eq=False)
class RowCertificate:
    """The ``Certificate`` of a single row; ``witness`` (d,), NaN if none is known."""

    lower: float
    upper: float
    witness: FloatArray
    work: int


class TreeCertifier:
    """A certifier of rows for one ensemble, attack space and norm.

    Raises ``ConfigurationError`` if the ensemble has too many paths or non-finite numbers.
    """

    def __init__(
        self, ensemble: TreeEnsemble, model: Predictor, space: AttackSpace, norm: Norm
    ) -> None:
        self.model, self.space, self.norm = model, space, norm
        self._free = replace(space, relations=Relations())
        #: Whether to search rows that satisfy the relations where the nearest row does not.
        self.related = bool(space.relations) and knows_relations("trees", norm)
        self.boxes = leaf_boxes(ensemble, len(space.scale))
        self.grid = Grid(self.boxes, space, norm)

    def row(
        self,
        raw: FloatArray,
        y: int,
        eps: Sequence[float],
        work: int | None = None,
        *,
        distance: bool = False,
        distance_work: int | None = None,
    ) -> RowCertificate:
        """Certify the row ``raw`` (d,), which the model must label ``y``.

        Decides at each of ``eps``, ascending, whether the row can be broken. With ``distance`` it
        also finds the exact distance, as far as the work allows. ``work``: the most search nodes
        and model queries, None for no limit; ``distance_work``: the limit for the distance beyond
        the work of the decisions, None to use the rest of ``work``. The witness is mislabelled when
        predicted alone. Nothing is proved of a row with missing values, nor where the model
        contradicts its trees.
        """
        if not np.isfinite(raw).all():
            return self._nothing(raw, 0)
        limit, radii = (
            _NO_LIMIT if work is None else work,
            [e * (1 + TOLERANCE) for e in sorted(eps)],
        )
        bracket = _Bracket(self, raw, y, limit)
        bracket.decide(radii)
        if distance:
            bracket.close(distance_work)
        if bracket.upper < np.inf:
            alone = bracket.witness[None]
            if self.model.predict(alone)[0] == y or violations(self._free, raw[None], alone)[0]:
                return self._nothing(raw, bracket.work)
            if not self.space.relations.kept(raw[None], alone)[0]:
                return self._under_relations(raw, y, radii, limit, bracket)
        return RowCertificate(bracket.lower, bracket.upper, bracket.witness, bracket.work)

    def _under_relations(
        self, raw: FloatArray, y: int, radii: Sequence[float], limit: int, free: _Bracket
    ) -> RowCertificate:
        """Certify a row whose nearest adversarial row ``free`` found violates a relation.

        Bounds that ``free`` proved without relations remain valid with them.
        """
        unknown = np.full(len(raw), np.nan)
        if not self.related:
            return RowCertificate(free.lower, np.inf, unknown, free.work)
        bracket = _Bracket(self, raw, y, limit, related=True)
        bracket.lower = free.lower
        bracket.decide([radius for radius in radii if radius > free.lower])
        work = free.work + bracket.work
        if bracket.upper < np.inf:
            alone = bracket.witness[None]
            if self.model.predict(alone)[0] == y or violations(self.space, raw[None], alone)[0]:
                return RowCertificate(free.lower, np.inf, unknown, work)
        return RowCertificate(bracket.lower, bracket.upper, bracket.witness, work)

    @staticmethod
    def _nothing(raw: FloatArray, work: int) -> RowCertificate:
        return RowCertificate(0.0, np.inf, np.full(len(raw), np.nan), work)


class _Bracket:
    """The bounds on one row's distance while the search tightens them."""

    def __init__(
        self,
        certifier: TreeCertifier,
        raw: FloatArray,
        y: int,
        budget: int,
        *,
        related: bool = False,
    ) -> None:
        self._related = related
        self._certifier, self._raw, self._y, self._budget = certifier, raw, y, budget
        self._places = certifier.grid.places(raw)
        self._row = RelatedRow(certifier.space, raw, certifier.norm)
        self.lower, self.upper = 0.0, float("inf")
        self.witness = np.full(len(raw), np.nan)
        self.work = 0

    def decide(self, radii: Sequence[float]) -> None:
        """Decide each of ``radii``, ascending, with equal shares of the remaining budget."""
        for number, radius in enumerate(radii):
            if self.upper <= radius:
                return
            self._search(radius, (self._budget - self.work) // (len(radii) - number))

    def close(self, work: int | None) -> None:
        """Tighten the bounds until they meet or the budget is used up.

        ``work``: a new budget from here on, None to use the rest of the old one.
        """
        if work is not None:
            self._budget = self.work + work
        while self.lower < self.upper:
            radius = self._next_radius()
            nearest = self._certifier.norm != "linf" and radius == np.nextafter(self.upper, 0.0)
            if not self._search(radius, self._budget - self.work, nearest=bool(nearest)):
                return

    def _next_radius(self) -> float:
        costs = self._places.cost
        if self._certifier.norm == "linf":
            between = np.unique(costs[(costs >= self.lower) & (costs < self.upper)])
            if np.isinf(self.upper):
                wanted = max(2 * self.lower, between[0])
                return float(between[between <= wanted][-1])
            return float(between[(len(between) - 1) // 2])
        if np.isinf(self.upper):
            return float(max(2 * self.lower, costs[costs > 0].min(initial=np.inf)))
        if self.upper - self.lower > _NARROW * self.upper:
            return (self.lower + self.upper) / 2
        return float(np.nextafter(self.upper, 0.0))

    def _search(self, radius: float, budget: int, *, nearest: bool = False) -> bool:
        """Search the ball of ``radius``; return False if that ended without a decision.

        Stops at the first witness, or with ``nearest`` goes on until no nearer one exists.
        """
        certifier = self._certifier
        region = Region(
            certifier.boxes, certifier.grid, self._places, self._raw, certifier.norm, radius
        )
        found = [] if region.empty else rivals(region, self._y, certifier.boxes.rounding)
        ended = True
        for rival in found:
            judge = Judge(
                certifier.model,
                certifier.space,
                certifier.norm,
                self._raw,
                self._y,
                rival.tie,
                radius,
            )
            cells = self._cells(region, radius)
            search = Search(region, -rival.tie, judge, nearest=nearest, related=cells)
            result = search.run(rival.root, budget)
            self.work += result.work + judge.queries
            budget -= result.work + judge.queries
            ended &= result.closed
            if result.witness is not None:
                self.witness = result.witness
                self.upper = judge.distance(result.witness)
                radius = judge.draw_in(result.witness)
                if not nearest:
                    return True
                region.draw_in(radius)
        if not ended:
            return False
        self.lower = max(self.lower, self._beyond(radius))
        return True

    def _cells(self, region: Region, radius: float) -> RelatedCells | None:
        """Return the cells of ``region`` under the relations, None if relations are not used."""
        if not self._related:
            return None
        return RelatedCells(
            self._row, region.feature, region.begin, region.end, region.only, radius
        )

    def _beyond(self, radius: float) -> float:
        """Return the smallest distance above ``radius`` that a row can have."""
        costs = self._places.cost
        if self._related:
            # a row that satisfies the relations can lie anywhere in a cell
            return float(np.nextafter(radius, np.inf))
        if self._certifier.norm == "linf":
            return float(costs[costs > radius].min(initial=np.inf))
        if self._certifier.norm == "l0":
            return next_price(self._certifier.space, radius)
        # the radius exceeds every distance
        if radius > 2 * costs.sum():
            return float("inf")
        return float(np.nextafter(radius, np.inf))
