"""Checks of stored certificates: all witnesses, and new proofs of a sample of rows."""

from collections.abc import Iterator

import numpy as np

from genlabel_robust.certify.certificate import Certificate, refuse_contradiction
from genlabel_robust.certify.certify import certify, unprovable
from genlabel_robust.core import AttackError, BoolArray
from genlabel_robust.data import Task
from genlabel_robust.models import Model
from genlabel_robust.runs.cells.cell import Cell, CellResult
from genlabel_robust.structure import NoStructure, Structure
from genlabel_robust.threat import AttackSpace
from genlabel_robust.verify.finding import Finding, rows_named
from genlabel_robust.verify.row_claims.predictions import clean_rows
from genlabel_robust.verify.row_claims.stored_points import alike, check_points, drawn


def check_certificates(
    cell: Cell,
    result: CellResult,
    task: Task,
    model: Model,
    space: AttackSpace,
    structure: Structure | NoStructure | None,
    share: float,
    seed: int,
) -> Iterator[Finding]:
    """Check every stored witness, and prove a ``share`` of the rows, drawn by ``seed``, again.

    ``structure``: the structure of ``model``, None if the run did not try to prove anything. Open
    rows are computed again too, as "open" is also a claim.
    """
    if structure is None:
        return
    known = unprovable(structure, space, cell.threat.norm) is None
    if known != (result.certificate is not None):
        word = (
            "can be certified, and no certificates are stored"
            if known
            else ("cannot be certified, and certificates are stored")
        )
        yield Finding(cell.label, f"the model {word}")
    if isinstance(structure, NoStructure) or result.certificate is None:
        return
    stored, clean = result.certificate, clean_rows(result, task, model)
    yield from _witnesses(cell, stored, task, model, space, clean)
    distances = np.where(np.isnan(result.distances), np.inf, result.distances)
    try:
        refuse_contradiction(
            stored,
            result.inside.about or "",
            result.attacks,
            distances,
            lambda row: f"row {task.test_ids[row]}",
        )
    except AttackError as error:
        yield Finding(cell.label, str(error))
    if not share or result.inside.cut:
        return
    rows = drawn(cell, np.flatnonzero(clean), share, seed, "rows proved again")
    again = certify(
        structure,
        model,
        space,
        task.x_test[rows],
        task.y_test[rows],
        cell.threat.norm,
        cell.threat.eps,
        effort=cell.certify,
    )
    for name in ("lower", "upper"):
        then, now = getattr(stored, name)[rows], getattr(again, name)
        bad = ~alike(then, now)
        if bad.any():
            first = int(bad.argmax())
            yield Finding(
                cell.label,
                f"{rows_named(bad, task.test_ids[rows])}: the stored {name} bound of the distance "
                f"is not what is proved ({then[first]:.9g}, and {now[first]:.9g} when computed "
                "again)",
            )


def _witnesses(
    cell: Cell,
    stored: Certificate,
    task: Task,
    model: Model,
    space: AttackSpace,
    clean: BoolArray,
) -> Iterator[Finding]:
    """Check prediction, distance and constraints of each stored witness from its raw features."""
    found = np.isfinite(stored.witness).all(axis=1)
    stated = np.isfinite(stored.upper) & (stored.upper > 0)
    for what, bad in (
        ("is misclassified as it stands, and not certified so", ~clean & (stored.upper != 0)),
        ("has a distance, and no witness", clean & stated & ~found),
        ("has a witness, and no distance", found & ~stated),
    ):
        if bad.any():
            yield Finding(cell.label, f"{rows_named(bad, task.test_ids)} {what}")
    rows = np.flatnonzero(found & stated)
    what = "the stored witness of the proof"
    witness, upper = stored.witness[rows], stored.upper[rows]
    yield from check_points(cell, task, model, space, rows, witness, upper, what)
