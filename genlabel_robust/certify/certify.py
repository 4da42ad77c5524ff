"""Certification of examples by the certifier for the model's structure."""

from collections.abc import Callable

import numpy as np

from genlabel_robust.certify.certificate import Certificate, nothing_known
from genlabel_robust.certify.certifiers import CERTIFIERS
from genlabel_robust.certify.effort import Effort
from genlabel_robust.certify.missing import refused
from genlabel_robust.certify.question import Certifier, Question
from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.models import Model
from genlabel_robust.structure import NoStructure, ReluNet, Structure, TreeEnsemble, Vote
from genlabel_robust.threat import AttackSpace, Norm


def certify(
    structure: Structure,
    model: Model,
    space: AttackSpace,
    raw: FloatArray,
    y: IntArray,
    norm: Norm,
    eps: tuple[float, ...],
    *,
    effort: Effort = "auto",
    late: Callable[[], bool] = lambda: False,
    on_rows: Callable[[int], None] = lambda done: None,
    row_name: Callable[[int], str] = "row {}".format,
) -> Certificate:
    """Certify the examples ``raw`` (n, d) with true labels ``y`` (n,).

    ``structure``: read from ``model`` and already compared with its scores. ``eps``: the budgets
    to decide at, ascending. ``late``: returns True once no new work may begin; the remaining
    examples stay open. ``on_rows``: called with the number of correctly classified rows that are
    done. ``row_name``: names a row in error messages.
    """
    correct = model.predict(raw) == y
    found = nothing_known(correct, raw.shape[1])
    rows = np.flatnonzero(correct)
    if not len(rows) or effort == "off" or unprovable(structure, space, norm) is not None:
        return found
    certifier: Certifier = CERTIFIERS.load(_kind(structure))
    names = tuple(row_name(row) for row in rows.tolist())
    question = Question(structure, model, space, raw[rows], y[rows], norm, eps, names)
    found.put(rows, certifier(question, effort, late, on_rows))
    return found


def _kind(structure: Structure) -> str:
    """Return the name of the most specific class of ``structure`` that has a certifier."""
    names = [kind.__name__ for kind in type(structure).__mro__]
    return next((name for name in names if name in CERTIFIERS), names[0])


def unprovable(structure: Structure | NoStructure, space: AttackSpace, norm: Norm) -> str | None:
    """Return why nothing can be certified for this ``structure`` in ``space``; None if it can."""
    if isinstance(structure, NoStructure):
        return structure.reason
    if norm == "l0" and isinstance(structure, ReluNet | Vote):
        return "under L0 nothing is proved of nets and of soft votes, as yet"
    return None if isinstance(structure, TreeEnsemble) else refused(structure, space)
