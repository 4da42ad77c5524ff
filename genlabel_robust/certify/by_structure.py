"""The certifier of each kind of structure, and the work that each effort allows per row."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from genlabel_robust.certify.affine.certify import certify_affine
from genlabel_robust.certify.certificate import Certificate, nothing_known
from genlabel_robust.certify.effort import Effort
from genlabel_robust.certify.nets.certify import BUDGETS, certify_net
from genlabel_robust.certify.question import Question
from genlabel_robust.certify.trees import certify_trees
from genlabel_robust.certify.votes import BUDGETS as VOTES
from genlabel_robust.certify.votes import certify_vote
from genlabel_robust.models.structures.quick_model import quick_model
from genlabel_robust.structure import Affine

#: The search nodes and model queries that a row of a tree ensemble may use.
_TREES: dict[Effort, int] = {"bounds": 1, "auto": 20_000, "short": 20_000, "exact": 1_000_000}
#: The extra work for its exact distance: in large forests distances cost far more than decisions.
_DISTANCES: dict[Effort, int] = {"auto": 100, "short": 100}
#: The sums of whole steps and switches that a row of an affine model may use, if not the default.
_SUMS: dict[Effort, int] = {"bounds": 1, "exact": 3_000_000}
#: Rows of an affine model that are decided between two checks of the clock. Large enough that a
#: library's fixed cost per call is small compared with its cost per row.
_ROWS = 1024


def trees(
    question: Question, effort: Effort, late: Callable[[], bool], on_rows: Callable[[int], None]
) -> Certificate:
    """Decide each row at every ε; find exact distances where that is cheap."""
    return certify_trees(
        *question.arguments,
        _TREES[effort],
        distance=effort != "bounds",
        distance_work=_DISTANCES.get(effort),
        stop=late,
        progress=on_rows,
    )


def affine(
    question: Question, effort: Effort, late: Callable[[], bool], on_rows: Callable[[int], None]
) -> Certificate:
    """Find exact distances, which are cheap for affine models."""
    n, d = question.raw.shape
    if isinstance(question.structure, Affine) and n:
        # the quick model gives the same labels, and most witnesses need no query of their own
        model = quick_model(question.model, question.structure, question.raw, question.space)
        question = replace(question, model=model)
    found = nothing_known(np.ones(n, dtype=bool), d)
    for start in range(0, n, _ROWS):
        if late():
            break
        rows = slice(start, min(start + _ROWS, n))
        part = replace(question, raw=question.raw[rows], y=question.y[rows])
        found.put(rows, certify_affine(*part.arguments, _SUMS.get(effort)))
        on_rows(rows.stop)
    return found


def relu_net(
    question: Question, effort: Effort, late: Callable[[], bool], on_rows: Callable[[int], None]
) -> Certificate:
    """Decide each row at every ε by bounds and branching."""
    return certify_net(
        *question.arguments,
        BUDGETS[effort],
        stop=late,
        on_row=lambda done, total: on_rows(done),
        names=question.names,
        short=effort == "short",
    )


def vote(
    question: Question, effort: Effort, late: Callable[[], bool], on_rows: Callable[[int], None]
) -> Certificate:
    """Decide each row at every ε by bounds and branching."""
    return certify_vote(
        *question.arguments, VOTES[effort], stop=late, on_row=on_rows, names=question.names
    )
