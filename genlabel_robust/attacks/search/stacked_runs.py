"""Several runs of a gradient attack at once, with one copy of each example per run."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.targets.target import Loss
from genlabel_robust.targets.visited import Visited, lowest_margin

#: Returns the loss to raise for the examples (b,) of a call.
LossOf: TypeAlias = Callable[[IntArray], Loss]

#: Makes one run on some examples (b,) from points (b, m), and leaves its result in ``Visited``.
Walk: TypeAlias = Callable[[Visited, LossOf, IntArray, FloatArray], None]


def walk_at_once(
    visited: Visited,
    losses: Sequence[LossOf],
    rows: IntArray,
    begins: Sequence[FloatArray],
    walk: Walk,
) -> None:
    """Make a run of ``walk`` for each of ``losses`` (r,), on the examples ``rows`` (b,) each.

    ``begins``: (b, m) for each run. The result is the same as that of successive runs: once a run
    breaks an example, ``visited`` receives nothing from the later ones.
    """
    count, copies = len(rows), np.tile(rows, len(losses))
    # a loss that several runs share is computed once
    shared = np.repeat([losses.index(loss_of) for loss_of in losses], count)

    def loss_of(lines: IntArray) -> Loss:
        kinds = shared[lines]
        parts = [
            (where, losses[kind](copies[lines[where]]))
            for kind in np.unique(kinds).tolist()
            for where in [np.flatnonzero(kinds == kind)]
        ]
        return parts[0][1] if len(parts) == 1 else _side_by_side(parts)

    stack = visited.target.subset(copies)
    own = Visited(stack, lowest_margin(stack))
    walk(own, loss_of, np.arange(len(copies)), np.concatenate(begins))
    for number in range(len(losses)):
        still = np.flatnonzero(visited.rank[rows] >= 0.0)
        visited.absorb(own, number * count + still, rows[still])


def _side_by_side(parts: list[tuple[IntArray, Loss]]) -> Loss:
    """Return the loss that applies each of ``parts`` to its own lines."""

    def loss(scores: FloatArray, y: IntArray) -> FloatArray:
        weights = np.empty(scores.shape)
        for lines, part in parts:
            weights[lines] = part(scores[lines], y[lines])
        return weights

    return loss
