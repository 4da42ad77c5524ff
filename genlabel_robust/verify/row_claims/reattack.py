"""Rows that are said to be robust, attacked again: a broken one may have been rewritten."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, lgamma

import numpy as np

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.core import BoolArray, FloatArray, IntArray, generator, integer_seed
from genlabel_robust.data import Task
from genlabel_robust.models import Model
from genlabel_robust.runs.assess.attacking import Attacked, attack_model
from genlabel_robust.runs.cells.cell import Cell, CellResult
from genlabel_robust.threat import AttackSpace, within
from genlabel_robust.threat.violations import violations
from genlabel_robust.verify.finding import Finding, rows_named
from genlabel_robust.verify.row_claims.predictions import clean_rows

#: Rows that are attacked again at least, of those that are robust up to one ε and not beyond.
LEAST = 20
#: The chance to miss a rewriting that more rows are attacked for, up to so many of one model.
_MISSED, _MOST = 0.01, 200
#: The rewriting whose chance of being found is told: this share of the broken rows of a cell.
REWRITTEN = 0.1
#: How much nearer than ε an attack must come: on ε itself the rounding decides.
_CLEAR = 1e-3


@dataclass(frozen=True)
class Again:
    """What attacking again showed of one cell.

    ``attacked``: rows of ``robust`` that were attacked; ``missed``: the chance that none of
    the broken rows would have been among them, had a tenth been rewritten as robust;
    ``by_chance``: rows that only another seed broke.
    """

    findings: tuple[Finding, ...]
    attacked: int
    robust: int
    missed: float
    by_chance: tuple[str, ...] = ()


def attack_again(
    cell: Cell,
    result: CellResult,
    task: Task,
    model: Model,
    space: AttackSpace,
    others: Sequence[FloatArray],
    share: float,
    seed: int,
) -> Again:
    """Attack a sample of the rows that ``result`` calls robust; ``seed`` chooses it.

    Twice: as the run did, with its own seed, which must give what is stored, and with a new
    one, which tells by how much the attacks depend on it. Attacked too is every row that its
    own exact margin, or a stored example of another cell, ``others`` (n, d) each, contradicts.
    """
    usable = result.outcomes != Outcome.NOT_APPLICABLE
    nearest = np.where(usable, result.distances, np.inf).min(axis=0, initial=np.inf)
    clean = clean_rows(result, task, model)
    rows, missed = _sample(cell, clean, nearest, share, seed)
    suspects = _contradicted(cell, result, task, model, space, clean, nearest, others)
    rows = np.union1d(rows, np.flatnonzero(suspects))
    robust = int((clean & ~within(nearest, cell.threat.eps[0])).sum())
    if not len(rows):
        return Again((), 0, robust, missed)
    own = attack_rows(cell, task, model, space, rows, integer_seed(cell.seed, "attack"))
    other = attack_rows(cell, task, model, space, rows, integer_seed(seed, "audit", cell.key))
    findings, named = [], np.zeros(len(rows), dtype=bool)
    for index, attack in enumerate(cell.attacks):
        tried = ~np.isin(result.outcomes[index, rows], (Outcome.SKIPPED, Outcome.OUT_OF_TIME))
        bad = tried & _contradicts(cell, own.distances[index], result.distances[index, rows])
        if attack.kind == "minimum":
            bad |= (
                tried
                & np.isposinf(result.distances[index, rows])
                & np.isfinite(own.distances[index])
            )
        if bad.any():
            first = int(bad.argmax())
            named |= bad
            findings.append(
                Finding(
                    cell.label,
                    f"{rows_named(bad, task.test_ids[rows])} under {attack.name}: stored as "
                    f"{_stored_as(result.distances[index, rows[first]])}, and the same attack "
                    f"with the same seed breaks it at {own.distances[index, first]:.6g}",
                )
            )
    chance = ~named & _contradicts(cell, other.nearest, nearest[rows])
    told = [f"{cell.label}, row {row}" for row in task.test_ids[rows[chance]].tolist()]
    return Again(tuple(findings), len(rows), robust, missed, tuple(told))


def _stored_as(distance: float) -> str:
    return "not broken" if np.isinf(distance) else f"broken at {distance:.6g} only"


def _contradicts(cell: Cell, found: FloatArray, stored: FloatArray) -> BoolArray:
    """Mark what was ``found`` (q,) clearly inside an ε that the ``stored`` distance is beyond."""
    marked = np.zeros(len(found), dtype=bool)
    for eps in cell.threat.eps:
        marked |= (found <= eps * (1 - _CLEAR)) & ~within(stored, eps)
    return marked


def _sample(
    cell: Cell, clean: BoolArray, nearest: FloatArray, share: float, seed: int
) -> tuple[IntArray, float]:
    """Return rows to attack again, and the chance to miss a tenth of the broken, rewritten.

    From each set of rows that are robust up to one ε, and not up to the next; of those that
    are robust to the end as many as make the rewriting unlikely to be missed.
    """
    rng = generator(seed, "audited rows", cell.key)
    chosen: list[IntArray] = []
    missed = 1.0
    edges = (*cell.threat.eps, np.inf)
    for eps, beyond in pairwise(edges):
        here = clean & ~within(nearest, eps)
        if np.isfinite(beyond):
            here &= within(nearest, beyond)
        rows = np.flatnonzero(here)
        size = max(LEAST, ceil(share * len(rows)))
        if np.isinf(beyond):
            broken = int((clean & within(nearest, cell.threat.eps[-1])).sum())
            rewritten = ceil(broken * REWRITTEN / (1 - REWRITTEN))
            size = max(size, enough(len(rows), rewritten))
            missed = chance_of_missing(len(rows), rewritten, min(size, len(rows)))
        chosen.append(rng.choice(rows, min(size, len(rows)), replace=False))
    return np.unique(np.concatenate(chosen)), missed


def enough(rows: int, rewritten: int) -> int:
    """Return how many of ``rows`` to attack for a chance of ``_MISSED`` at most; not too many."""
    most = min(rows, _MOST)
    for size in range(most if rewritten else 0):
        if chance_of_missing(rows, rewritten, size) <= _MISSED:
            return size
    return most if rewritten else 0


def chance_of_missing(rows: int, rewritten: int, size: int) -> float:
    """Return the chance that a sample of ``size`` of ``rows`` holds none of the ``rewritten``."""
    rewritten = min(rewritten, rows)
    if rows - rewritten < size:
        return 0.0 if rewritten else 1.0
    # C(rows - rewritten, size) / C(rows, size)
    logs = lgamma(rows - rewritten + 1) - lgamma(rows - rewritten - size + 1)
    logs -= lgamma(rows + 1) - lgamma(rows - size + 1)
    return float(np.exp(logs))


def _contradicted(
    cell: Cell,
    result: CellResult,
    task: Task,
    model: Model,
    space: AttackSpace,
    clean: BoolArray,
    nearest: FloatArray,
    others: Sequence[FloatArray],
) -> BoolArray:
    """Mark rows (n,) said to be robust where an exact margin or another's example says no."""
    marked = np.zeros(len(clean), dtype=bool)
    if result.exact is not None:
        marked |= _contradicts(cell, result.exact, nearest)
    for rows in others:
        there = np.flatnonzero(np.isfinite(rows).all(axis=1) & clean)
        raw, moved = task.x_test[there], rows[there]
        far = space.distance(raw, moved, cell.threat.norm)
        near = _contradicts(cell, far, nearest[there])
        there, raw, moved = there[near], raw[near], moved[near]
        if len(there):
            wrong = model.predict(moved) != task.y_test[there]
            marked[there] |= wrong & ~violations(space, raw, moved)
    return marked & clean


def nearest_examples(results: Iterable[CellResult]) -> list[FloatArray]:
    """Return the nearest adversarial example (n, d) of each row in each of ``results``."""
    return [
        result.adversarial[result.distances.argmin(axis=0), np.arange(len(result.labels))]
        for result in results
        if len(result.distances)
    ]


def attack_rows(
    cell: Cell, task: Task, model: Model, space: AttackSpace, rows: IntArray, seed: int
) -> Attacked:
    """Attack the test ``rows`` (q,) of ``cell``; with the run's ``seed`` they get what they got.

    No example's result depends on the others.
    """
    return attack_model(
        model,
        space,
        task.x_test[rows],
        task.y_test[rows],
        task.x_train,
        cell.threat,
        cell.attacks,
        seed,
        when=cell.when,
        early_stop=cell.early_stop,
    )
