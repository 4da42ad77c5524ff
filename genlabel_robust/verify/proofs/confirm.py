"""Confirmation of some stored proofs by a method other than the one that found them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.confirm import confirm
from genlabel_robust.core import generator
from genlabel_robust.data import Task
from genlabel_robust.models import Model
from genlabel_robust.runs.cells.cell import Cell, CellResult
from genlabel_robust.structure import NoStructure, Structure
from genlabel_robust.threat import AttackSpace, within
from genlabel_robust.verify.finding import Finding
from genlabel_robust.verify.row_claims.predictions import clean_rows

#: The maximum number of certified rows per cell to confirm with another method.
_ROWS = 5


@dataclass(frozen=True)
class Confirmed:
    """The result of confirming proofs with ``method``.

    ``asked``: the number of proofs tried. ``agreed``: the number confirmed. ``findings``: proofs
    that a prediction of the model refutes.
    """

    method: str
    asked: int
    agreed: int
    findings: tuple[Finding, ...] = ()


def confirm_some(
    cell: Cell,
    result: CellResult,
    task: Task,
    model: Model,
    space: AttackSpace,
    structure: Structure | NoStructure | None,
    seed: int,
) -> list[Confirmed]:
    """Confirm a few certified rows, drawn by ``seed``, with another method.

    Each row is tried at the largest ε at which it is certified. Only a point that the model
    itself misclassifies is a finding, not a row that the other method leaves undecided within its
    limits. Returns an empty list if no row is certified.
    """
    stored = result.certificate
    if stored is None or structure is None or isinstance(structure, NoStructure):
        return []
    proved = np.array([~within(stored.lower, eps) for eps in cell.threat.eps])
    rows = np.flatnonzero(proved.any(axis=0) & clean_rows(result, task, model))
    rng = generator(seed, "rows proved by another method", cell.key)
    drawn = np.sort(rng.choice(rows, min(len(rows), _ROWS), replace=False))
    method, agreed, findings = "", 0, []
    for row in drawn.tolist():
        eps = max(e for e, so in zip(cell.threat.eps, proved[:, row], strict=True) if so)
        raw, y = task.x_test[row], int(task.y_test[row])
        found = confirm(structure, model, space, raw, y, cell.threat.norm, eps)
        method, agreed = found.method, agreed + found.agrees
        if found.witness is not None:
            far = space.distance(raw[None], found.witness[None], cell.threat.norm)[0]
            what = (
                f"row {task.test_ids[row]} is certified at ε = {eps:g}, and the model mislabels a "
                f"row at distance {far:.9g}, found by {method}"
            )
            findings.append(Finding(cell.label, what))
    return [Confirmed(method, len(drawn), agreed, tuple(findings))] if len(drawn) else []


def by_method(parts: Iterable[Confirmed]) -> tuple[Confirmed, ...]:
    """Add up the numbers of each method over all cells, without the findings."""
    sums: dict[str, tuple[int, int]] = {}
    for part in parts:
        tried, agreed = sums.get(part.method, (0, 0))
        sums[part.method] = tried + part.asked, agreed + part.agreed
    return tuple(Confirmed(method, *counts) for method, counts in sorted(sums.items()))
