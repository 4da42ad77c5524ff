"""Decisions about examples by search, for the certifiers of nets and of votes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.core import AttackError, BoolArray, FloatArray
from genlabel_robust.threat import TOLERANCE, AttackSpace, Norm, within


@dataclass(eq=False)
class Nearest:
    """The nearest row (d,) known so far that the model mislabels, and its distance."""

    distance: float = np.inf
    row: FloatArray = field(default_factory=lambda: np.zeros(0))

    def within(self, eps: float) -> bool:
        """Say whether it lies within ``eps``."""
        return bool(within(np.array(self.distance), eps))

    def keep(
        self,
        rows: FloatArray,
        distances: FloatArray,
        mislabelled: Callable[[FloatArray], BoolArray],
    ) -> None:
        """Keep the nearest of ``rows`` (q, d) that is mislabelled when predicted alone.

        ``distances`` (q,): the distances of the rows.
        """
        for row, distance in zip(rows, distances, strict=True):
            if distance < self.distance and mislabelled(row[None])[0]:
                self.put(row, float(distance))

    def put(self, row: FloatArray, distance: float) -> None:
        """Keep ``row`` (d,), which the model mislabels when predicted alone, if it is nearer."""
        if distance < self.distance:
            self.distance, self.row = distance, row.copy()


class Searched(Protocol):
    """An example ``raw`` (d,) that a search can decide; ``used``: the work spent so far."""

    space: AttackSpace
    raw: FloatArray
    norm: Norm
    used: int

    @property
    def nearest(self) -> Nearest:
        """The nearest row found so far that the model mislabels."""

    def decide(self, eps: float, work: int) -> str:
        """Return "proved", "broken" or "open" for the ball of radius ``eps``."""


def decide_example(
    found: Certificate, number: int, row: Searched, eps: tuple[float, ...], work: int, name: str
) -> None:
    """Decide one example at each of ``eps`` and write the result into ``found``.

    ``number``: the index of the example ``row`` in ``found``; ``work``: the limit for each ε.
    Raises ``AttackError``, with ``name`` for the example, if a proof and a witness contradict
    each other.
    """
    lower, near = _proved(row, tuple(sorted(eps)), work), row.nearest
    found.lower[number], found.work[number] = lower, row.used
    if np.isfinite(near.distance):
        found.upper[number], found.witness[number] = near.distance, near.row
    if found.upper[number] < lower:
        raise AttackError(
            f"{name} is proved to be robust up to {lower:.6g}, and the model mislabels a point at "
            f"{near.distance:.6g}; the certificate cannot be used"
        )


def _proved(row: Searched, eps: tuple[float, ...], work: int) -> float:
    """Return the distance up to which the row is proved robust; ``eps`` must ascend."""
    proved = 0.0
    for budget in eps:
        if row.nearest.within(budget):
            break
        if row.decide(budget, work) == "proved":
            if _whole_box(row, budget):
                return np.inf
            proved = budget * (1 + 2 * TOLERANCE)
    return proved


def _whole_box(row: Searched, eps: float) -> bool:
    """Say whether the ball of radius ``eps`` contains the whole box of the row."""
    u = row.space.enter(row.raw[None])
    low, high = ((edge - u)[0] for edge in row.space.box(u))
    corner = np.maximum(-low, high)[None] * row.space.scale
    return bool(row.space.distance(np.zeros(corner.shape), corner, row.norm)[0] <= eps)
