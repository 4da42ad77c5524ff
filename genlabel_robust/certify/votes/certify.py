"""Certificates of soft votes: exact where the budget suffices, else open with valid bounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from genlabel_robust.certify.by_search import decide_example
from genlabel_robust.certify.certificate import Certificate, nothing_known
from genlabel_robust.certify.effort import Effort
from genlabel_robust.certify.missing import freed_flags
from genlabel_robust.certify.trees.boxes import leaf_boxes
from genlabel_robust.certify.votes.row import Row
from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.models import Model
from genlabel_robust.structure import Vote
from genlabel_robust.threat import AttackSpace, Norm

#: Boxes that are bounded per row and ε. "bounds" bounds only the whole region.
BUDGETS: Mapping[Effort, int] = {"bounds": 0, "auto": 1_000, "short": 1_000, "exact": 1_000_000}


def certify_vote(
    structure: Vote,
    model: Model,
    space: AttackSpace,
    raw: FloatArray,
    y: IntArray,
    norm: Norm,
    eps: tuple[float, ...],
    work: int | None = None,
    *,
    stop: Callable[[], bool] = lambda: False,
    on_row: Callable[[int], None] = lambda done: None,
    names: Sequence[str] | None = None,
) -> Certificate:
    """Decide for the rows ``raw`` (n, d) of labels ``y`` (n,) and each ε whether it can be broken.

    ``work``: the boxes that are bounded per row and ε, None for those of "exact". ``stop``: called
    between steps; once it returns True, undecided examples stay open. ``on_row``: called with the
    number of rows done. ``names`` (n,): name the rows in error messages. Each row is decided
    independently of the others. ``lower`` is slightly above the largest proved ε; +inf where the
    row's whole box is proved. Raises ``AttackError`` if a proof and a witness contradict each
    other, which would be a defect of this package, and ``ConfigurationError`` if the trees are too
    large for memory.
    """
    work = BUDGETS["exact"] if work is None else work
    right = model.predict(raw) == y
    found = nothing_known(right, raw.shape[1])
    boxes = [leaf_boxes(trees, len(space.scale)) for trees in structure.trees]
    flags = freed_flags(structure, space)
    for number in np.flatnonzero(right & np.isfinite(raw).all(axis=1)):
        if stop():
            break
        row = Row(structure, boxes, model, space, raw[number], int(y[number]), norm, flags, stop)
        name = f"row {number}" if names is None else names[int(number)]
        decide_example(found, int(number), row, eps, work, name)
        on_row(int(number) + 1)
    return found
