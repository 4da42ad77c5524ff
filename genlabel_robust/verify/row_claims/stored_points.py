"""Stored rows that mislead a model, looked at from their raw features alone; rows drawn by lot."""

from collections.abc import Iterator
from math import ceil

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray, generator
from genlabel_robust.data import Task
from genlabel_robust.models import Model
from genlabel_robust.runs.cells.cell import Cell
from genlabel_robust.threat import AttackSpace
from genlabel_robust.threat.violations import violations
from genlabel_robust.verify.finding import Finding, rows_named
from genlabel_robust.verify.row_claims.predictions import mislabelled

#: Rows that are computed again at least.
LEAST = 20
#: Relative difference up to which two distances are the same.
_SAME = 1e-6


def check_points(
    cell: Cell,
    task: Task,
    model: Model,
    space: AttackSpace,
    rows: IntArray,
    points: FloatArray,
    stated: FloatArray | None,
    what: str,
) -> Iterator[Finding]:
    """Predict, measure and bound ``points`` (q, d), changes of the test rows ``rows`` (q,).

    ``stated`` (q,): their distances as they are stored, None where none is. ``what``: what they
    are, for a sentence.
    """
    if not len(rows):
        return
    raw, y = task.x_test[rows], task.y_test[rows]
    far = space.distance(raw, points, cell.threat.norm)
    away = np.zeros(len(rows), dtype=bool) if stated is None else ~alike(stated, far)
    for said, wrong in (
        ("does not lie at the distance stated", away),
        ("is not mislabelled", ~mislabelled(model, points, y)),
        ("leaves the box, or breaks a constraint", violations(space, raw, points)),
    ):
        if wrong.any():
            named = rows_named(wrong, task.test_ids[rows])
            yield Finding(cell.label, f"{named}: {what} {said}")


def alike(stored: FloatArray, found: FloatArray) -> BoolArray:
    """Mark the distances (q,) that are the same but for their last digits."""
    with np.errstate(invalid="ignore"):  # inf - inf
        near = np.abs(stored - found) <= _SAME * np.abs(found)
    return np.asarray(near | (stored == found))


def drawn(cell: Cell, rows: IntArray, share: float, seed: int, purpose: str) -> IntArray:
    """Return a ``share`` of ``rows`` in their order, 20 at least if there are as many."""
    size = min(len(rows), max(LEAST, ceil(share * len(rows))))
    rng = generator(seed, purpose, cell.key)
    return np.sort(rng.choice(rows, size, replace=False))
