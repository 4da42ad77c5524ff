"""New attacks on rows that are stored as robust, to find broken rows rewritten as robust."""

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

#: The minimum number of rows to attack again, for each ε of those robust up to it and not beyond.
LEAST = 20
#: The probability of missing a rewriting above which more rows are attacked, and the maximum
#: number of rows to which that raises the sample.
_MISSED, _MOST = 0.01, 200
#: The fraction of a cell's broken rows whose rewriting the stated probability is about.
REWRITTEN = 0.1
#: How far below ε a distance must lie, as a fraction: at ε itself rounding decides.
_CLEAR = 1e-3


@dataclass(frozen=True)
class Again:
    """The result of attacking rows of one cell again.

    ``robust``: the number of robust rows, ``attacked`` of which were attacked. ``missed``: if a
    tenth of the broken rows had been rewritten as robust, the probability that none of them was
    attacked. ``by_chance``: rows that only the new seed broke.
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
    """Attack a sample of the rows that ``result`` calls robust; ``seed`` draws the sample.

    Each row is attacked twice: with the run's seed, which must give the stored result, and with a
    new seed, which shows how much the attacks depend on it. The sample also contains every row
    whose exact margin, or a stored example of another cell (``others``, (n, d) each), contradicts
    its robustness.
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
    by_chance = [f"{cell.label}, row {row}" for row in task.test_ids[rows[chance]].tolist()]
    return Again(tuple(findings), len(rows), robust, missed, tuple(by_chance))


def _stored_as(distance: float) -> str:
    return "not broken" if np.isinf(distance) else f"broken at {distance:.6g} only"


def _contradicts(cell: Cell, found: FloatArray, stored: FloatArray) -> BoolArray:
    """Mark rows (q,) with ``found`` clearly below an ε and ``stored`` beyond it; both are (q,)."""
    marked = np.zeros(len(found), dtype=bool)
    for eps in cell.threat.eps:
        marked |= (found <= eps * (1 - _CLEAR)) & ~within(stored, eps)
    return marked


def _sample(
    cell: Cell, clean: BoolArray, nearest: FloatArray, share: float, seed: int
) -> tuple[IntArray, float]:
    """Draw rows to attack again; also return the probability of missing a rewriting.

    For each ε, some rows are drawn that are robust up to it and not up to the next. From the rows
    that are robust at the largest ε, enough are drawn to make missing the rewriting of a tenth of
    the broken rows unlikely.
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
    """Return the sample size for which the probability of missing is at most ``_MISSED``.

    ``rows``: the number of rows, ``rewritten`` of which are rewritten. At most ``_MOST``.
    """
    most = min(rows, _MOST)
    for size in range(most if rewritten else 0):
        if chance_of_missing(rows, rewritten, size) <= _MISSED:
            return size
    return most if rewritten else 0


def chance_of_missing(rows: int, rewritten: int, size: int) -> float:
    """Return the probability that a sample of ``size`` out of ``rows`` has no ``rewritten`` row."""
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
    """Mark the robust rows (n,) that an exact margin, or an example of ``others``, contradicts."""
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
    """Return, for each of ``results``, the nearest adversarial example (n, d) of each row."""
    return [
        result.adversarial[result.distances.argmin(axis=0), np.arange(len(result.labels))]
        for result in results
        if len(result.distances)
    ]


def attack_rows(
    cell: Cell, task: Task, model: Model, space: AttackSpace, rows: IntArray, seed: int
) -> Attacked:
    """Attack the test ``rows`` (q,) of ``cell``; the run's ``seed`` gives the run's results.

    The result of a row does not depend on the other rows.
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
