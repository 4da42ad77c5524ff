"""Per-example certificates: bounds on the distance to the nearest mislabelled row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from genlabel_robust.core import AttackError, BoolArray, FloatArray, IntArray
from genlabel_robust.core.files.large_arrays import NewArray, in_memory

#: The relative error of a stated distance: it and the true one are both rounded.
ROUNDING = 1e-9

#: The relative gap between the bounds below which a distance is called exact. A model that
#: computes in float32 has no sharper boundary.
EXACT = 1e-3


@dataclass(frozen=True, eq=False)
class Certificate:
    """Bounds on the distance of n examples to the nearest row that the model mislabels.

    Only valid rows count: rows in the example's box that satisfy the constraints. Distances are
    in attack space. ``lower`` (n,): no such row is nearer; +inf where the whole box is proved.
    ``upper`` (n,): the distance of ``witness`` (n, d), a raw row that the model itself
    mislabels; +inf and NaN if no witness is known. Both bounds are 0 where the example is
    misclassified. ``work`` (n,): bound steps and branches used. ``rounding`` (n,), for nets only:
    the largest correction for the model's rounding that a proof subtracted from a lead; NaN where
    no proof began, None for other models.

    At ε an example is certified where ``lower`` is not within ε (tolerance included), broken
    where ``upper`` is, and otherwise open, however close the bounds are.
    """

    lower: FloatArray
    upper: FloatArray
    witness: FloatArray
    work: IntArray
    rounding: FloatArray | None = None

    def put(self, rows: Any, part: Certificate) -> None:
        """Write ``part``, the certificates of the examples ``rows``, into these arrays."""
        self.lower[rows], self.upper[rows] = part.lower, part.upper
        self.witness[rows], self.work[rows] = part.witness, part.work
        if self.rounding is not None and part.rounding is not None:
            self.rounding[rows] = part.rounding

    def of(self, rows: Any) -> Certificate:
        """Return the certificates of the examples ``rows``; the inverse of ``put``."""
        parts = {one.name: getattr(self, one.name) for one in fields(self)}
        return replace(self, **{k: v[rows] for k, v in parts.items() if v is not None})

    @property
    def exact(self) -> BoolArray:
        """Mark the examples (n,) whose distance is known up to rounding."""
        return np.asarray((self.upper <= self.lower * (1 + EXACT)) | np.isinf(self.lower))


def nothing_known(
    correct: BoolArray, features: int, new_array: NewArray = in_memory
) -> Certificate:
    """Return the trivial certificate of examples, given whether each is ``correct`` (n,).

    ``new_array``: makes the array of witnesses.
    """
    n = len(correct)
    return Certificate(
        lower=np.zeros(n),
        upper=np.where(correct, np.inf, 0.0),
        witness=new_array("witness", (n, features), np.nan),
        work=np.zeros(n, dtype=np.int64),
        rounding=np.full(n, np.nan),
    )


def refuse_contradiction(
    certificate: Certificate,
    method: str,
    attacks: tuple[str, ...],
    distances: FloatArray,
    row_name: Callable[[int], str],
) -> None:
    """Raise ``AttackError`` if an attack broke an example within its proved distance.

    ``distances`` (attacks, n): of verified adversarial examples, inf without one. Either the attack
    or the proof is wrong then.
    """
    impossible = distances < certificate.lower * (1 - ROUNDING)
    if impossible.any():
        attack, row = (int(i[0]) for i in np.nonzero(impossible))
        raise AttackError(
            f"attack {attacks[attack]!r} breaks {row_name(row)} at distance "
            f"{distances[attack, row]:.9g}, and the certificate of its {method} says that nothing "
            f"nearer than {certificate.lower[row]:.9g} does; one of the two is wrong, and the "
            "numbers cannot be used: please report this"
        )
