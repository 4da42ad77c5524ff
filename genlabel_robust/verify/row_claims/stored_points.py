"""Checks of stored points that a model misclassifies; and samples of rows."""

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

#: The minimum size of a sample.
LEAST = 20
#: The relative difference up to which two distances count as equal.
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
    """Check prediction, distance and constraints of ``points`` (q, d), from raw features alone.

    ``rows`` (q,): the test rows that they change. ``stated`` (q,): their stored distances, or
    None. ``what``: a noun for the points in findings.
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
    """Mark the distances (q,) that are equal up to ``_SAME``."""
    with np.errstate(invalid="ignore"):  # inf - inf
        near = np.abs(stored - found) <= _SAME * np.abs(found)
    return np.asarray(near | (stored == found))


def drawn(cell: Cell, rows: IntArray, share: float, seed: int, purpose: str) -> IntArray:
    """Draw a ``share`` of ``rows``, sorted: at least ``LEAST``, or all if there are fewer."""
    size = min(len(rows), max(LEAST, ceil(share * len(rows))))
    rng = generator(seed, purpose, cell.key)
    return np.sort(rng.choice(rows, size, replace=False))
