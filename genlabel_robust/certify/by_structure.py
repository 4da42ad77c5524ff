"""The certifier of each kind of structure, with the work that each effort allows a row."""

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

#: Nodes of the search and questions to the model that a row of trees may take.
_TREES: dict[Effort, int] = {"bounds": 1, "auto": 20_000, "short": 20_000, "exact": 1_000_000}
#: What its distance may take beyond that: in large forests it costs far more than decisions.
_DISTANCES: dict[Effort, int] = {"auto": 100, "short": 100}
#: Sums of whole steps and switches that a row of an affine model may take, where not as usual.
_SUMS: dict[Effort, int] = {"bounds": 1, "exact": 3_000_000}
#: Rows of an affine model that are decided before it is looked at the clock: as many as make what
#: a library takes for one question small beside what it takes for rows.
_ROWS = 1024


def trees(
    question: Question, effort: Effort, late: Callable[[], bool], on_rows: Callable[[int], None]
) -> Certificate:
    """Decide at every ε, and find exact distances where that is cheap."""
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
    """Find the exact distances, which cost little."""
    n, d = question.raw.shape
    if isinstance(question.structure, Affine) and n:
        # the same labels; most witnesses need not be asked about alone
        asked = quick_model(question.model, question.structure, question.raw, question.space)
        question = replace(question, model=asked)
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
    """Decide at every ε, with bounds and branches."""
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
    """Decide at every ε, with bounds and branches."""
    return certify_vote(
        *question.arguments, VOTES[effort], stop=late, on_row=on_rows, names=question.names
    )
