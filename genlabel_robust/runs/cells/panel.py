"""The cells of one dataset, strategy and architecture, stacked over their seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.certify.certificate import EXACT
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.threat import Knowledge, within


@dataclass(frozen=True, eq=False)
class Panel:
    """S cells on the same n test rows; arrays are (S, ..., n)."""

    results: Sequence[CellResult]

    @property
    def not_applicable(self) -> str | None:
        """Why no model could be trained, None otherwise."""
        return self.results[0].not_applicable

    @property
    def attacks(self) -> tuple[str, ...]:
        """The attacks of the run."""
        return self.results[0].attacks

    @property
    def needs(self) -> tuple[Knowledge, ...]:
        """The knowledge that each attack needs."""
        return self.results[0].needs

    @property
    def not_chosen(self) -> tuple[str, ...]:
        """The attacks that the suite keeps for other models."""
        return self.results[0].not_chosen

    @property
    def labels(self) -> IntArray:
        """True labels (n,)."""
        return self.results[0].labels

    @cached_property
    def clean(self) -> BoolArray:
        """Correct on the untouched row, (S, n)."""
        return np.stack([r.predictions == r.labels for r in self.results])

    @cached_property
    def distances(self) -> FloatArray:
        """Nearest verified adversarial point per attack, (S, attacks, n)."""
        return np.stack([r.distances for r in self.results])

    @cached_property
    def outcomes(self) -> IntArray:
        """Outcomes per attack, (S, attacks, n)."""
        return np.stack([r.outcomes for r in self.results])

    @cached_property
    def exact(self) -> FloatArray | None:
        """Exact distances (S, n) where the models are affine."""
        found = [r.exact for r in self.results if r.exact is not None]
        return np.stack(found) if len(found) == len(self.results) else None

    @cached_property
    def lower(self) -> FloatArray | None:
        """Proved lower bounds on distances, (S, n); None if nothing is proved."""
        found = [r.certificate.lower for r in self.results if r.certificate is not None]
        return np.stack(found) if found and len(found) == len(self.results) else None

    @property
    def unproved(self) -> str | None:
        """Why nothing is proved of the first seed without proofs; None if all have them."""
        return next((r.inside.reason for r in self.results if r.certificate is None), None)

    def certified(self, eps: float) -> BoolArray | None:
        """Mark the examples proved robust at ``eps`` (S, n), None if nothing is proved."""
        if self.lower is None:
            return None
        return np.asarray(self.clean & ~within(self.lower, eps))

    def undecided(self, eps: float) -> BoolArray:
        """Mark the examples (S, n) that are neither broken nor proved robust at ``eps``."""
        robust = self.clean if self.nearest is None else self.robust(self.nearest, eps)
        certified = self.certified(eps)
        return robust if certified is None else np.asarray(robust & ~certified)

    def exact_at(self, eps: float) -> bool:
        """Say whether every example is decided at ``eps``: misclassified, broken or certified."""
        return self.lower is not None and not self.undecided(eps).any()

    def exactly_robust(self, eps: float) -> BoolArray | None:
        """Mark the robust examples at ``eps`` (S, n), None if some example is not decided."""
        if self.exact is not None:
            return self.robust(self.exact, eps)
        if self.nearest is not None and self.exact_at(eps):
            return self.robust(self.nearest, eps)
        return None

    def applicable(self, index: int) -> bool:
        """Say whether attack ``index`` can work on these models."""
        return not bool((self.outcomes[:, index] == Outcome.NOT_APPLICABLE).any())

    @property
    def usable(self) -> list[int]:
        """The attacks that can work on these models, by number."""
        return [index for index in range(len(self.attacks)) if self.applicable(index)]

    def out_of_time(self, index: int, eps: float) -> BoolArray:
        """Mark the examples (S, n) that attack ``index`` had no time for at ``eps``."""
        late: BoolArray = self.outcomes[:, index] == Outcome.OUT_OF_TIME
        for seed, result in enumerate(self.results):
            if result.tried is not None:
                late[seed] &= result.tried[index] < eps
        return late

    def has_own_rate(self, index: int, eps: float) -> bool:
        """Say whether attack ``index`` tried every example that it could try."""
        left_out = self.out_of_time(index, eps) | (self.outcomes[:, index] == Outcome.SKIPPED)
        return self.applicable(index) and not bool(left_out.any())

    def untried(self, eps: float) -> BoolArray:
        """Mark the undecided examples (S, n) that no usable attack had time for."""
        if self.nearest is None:
            return np.zeros_like(self.clean)
        late = np.all([self.out_of_time(i, eps) for i in self.usable], axis=0)
        return np.asarray(late & self.undecided(eps))

    @cached_property
    def attacked(self) -> FloatArray | None:
        """Distance of the worst case over all attacks (S, n); None if none can work."""
        usable = self.usable
        return np.asarray(self.distances[:, usable].min(axis=1)) if usable else None

    @cached_property
    def nearest(self) -> FloatArray | None:
        """Distance (S, n) of the nearest adversarial point from any source.

        Sources are attacks, witnesses of proofs, and changes of one column. None if no attack can
        work and nothing is proved.
        """
        if self.attacked is None and self.lower is None:
            return None
        found = np.full(self.clean.shape, np.inf) if self.attacked is None else self.attacked
        return np.asarray(np.minimum.reduce([found, self.witnessed, self.alone]))

    @cached_property
    def witnessed(self) -> FloatArray:
        """Distance (S, n) of the nearest witness of a proof, inf without one."""
        return self._each(
            [None if r.certificate is None else r.certificate.upper for r in self.results]
        )

    @cached_property
    def alone(self) -> FloatArray:
        """Distance (S, n) of the nearest change of one column that the model mislabels."""
        return self._each([None if r.few is None else r.few.alone for r in self.results])

    def _each(self, found: Sequence[FloatArray | None]) -> FloatArray:
        """Stack the results of each seed (n,), inf for seeds without any: (S, n)."""
        nothing = np.full(len(self.labels), np.inf)
        return np.stack([nothing if one is None else one for one in found])

    @property
    def margins(self) -> FloatArray | None:
        """Distances to the boundary (S, n): exact if known, otherwise the nearest found."""
        return self.exact if self.exact is not None else self.nearest

    @cached_property
    def between(self) -> tuple[FloatArray, FloatArray] | None:
        """Lower and upper bounds (S, n) on the distances to the boundary, equal where known.

        The upper bound is +inf where nothing broke an example. None if all distances are known
        (``exact``), or if nothing is proved of some seed.
        """
        if self.exact is not None:
            return None
        parts = [self._bounds(seed) for seed in range(len(self.results))]
        found = [part for part in parts if part is not None]
        if len(found) < len(parts):
            return None
        return np.stack([low for low, _ in found]), np.stack([high for _, high in found])

    def _bounds(self, seed: int) -> tuple[FloatArray, FloatArray] | None:
        result = self.results[seed]
        if result.exact is not None:
            return result.exact, result.exact
        if result.certificate is None or self.nearest is None:
            return None
        low, high = result.certificate.lower, self.nearest[seed]
        known = (high <= low * (1 + EXACT)) | np.isinf(low)
        return np.where(known, high, low), high

    def robust(self, distances: FloatArray, eps: float) -> BoolArray:
        """Mark examples that are correct and not broken within ``eps``: (S, n) -> (S, n)."""
        return np.asarray(self.clean & ~within(distances, eps))
