"""Checks of a model whose predictions vary, by chance or with the batch: only its rates count."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from genlabel_robust.core import IntArray, generator, integer_seed
from genlabel_robust.data import Task
from genlabel_robust.models import Model
from genlabel_robust.runs.cells.cell import Cell, CellResult
from genlabel_robust.threat import AttackSpace, within
from genlabel_robust.verify.finding import Finding
from genlabel_robust.verify.row_claims.reattack import attack_rows

#: The number of new predictions for each row.
_DRAWS = 10
#: The maximum number of rows to attack again.
_ATTACKED = 200
#: The difference of two rates, in standard errors, that counts as more than chance.
_CLEAR = 4.0


def check_rates(
    cell: Cell, result: CellResult, task: Task, model: Model, space: AttackSpace, *, reattack: bool
) -> Iterator[Finding]:
    """Compare the clean accuracy and the fraction of broken rows with those of new predictions.

    That each stored example was once misclassified cannot be checked again. Instead, the stored
    examples must be misclassified more often than the untouched rows. ``reattack``: whether to
    attack rows again.
    """
    n, y = len(result.labels), task.y_test
    again = np.mean([np.mean(model.predict(task.x_test) == y) for _ in range(_DRAWS)])
    stored = np.mean(result.predictions == y)
    if _apart(stored, again, n, n * _DRAWS):
        yield Finding(
            cell.label,
            f"the stored clean accuracy is {100 * stored:.1f} %, and {100 * again:.1f} % over "
            f"{_DRAWS} new draws: chance does not explain that",
        )
    attack, row = np.nonzero(np.isfinite(result.adversarial).all(axis=2))
    if len(row):
        points = result.adversarial[attack, row]
        wrong = np.mean([np.mean(model.predict(points) != y[row]) for _ in range(_DRAWS)])
        if wrong <= 1 - again:
            yield Finding(
                cell.label,
                f"the stored adversarial examples are mislabelled in {100 * wrong:.1f} % of new "
                f"draws, and the untouched rows in {100 * (1 - again):.1f} %",
            )
    if reattack and space.mutable.any() and len(result.distances):
        yield from _attacked_again(cell, result, task, model, space)


def _attacked_again(
    cell: Cell, result: CellResult, task: Task, model: Model, space: AttackSpace
) -> Iterator[Finding]:
    n = len(task.y_test)
    rng = generator(cell.seed, "rates of rows", cell.key)
    # drawn from all rows, as other rows were correctly classified in the run than now
    rows: IntArray = np.sort(rng.choice(n, min(n, _ATTACKED), replace=False))
    found = attack_rows(cell, task, model, space, rows, integer_seed(cell.seed, "attack"))
    nearest = result.distances.min(axis=0)[rows]
    right = result.predictions[rows] == task.y_test[rows]
    for eps in cell.threat.eps:
        stored = np.mean(right & ~within(nearest, eps))
        again = np.mean(~within(found.nearest, eps))
        if _apart(stored, again, len(rows), len(rows)):
            yield Finding(
                cell.label,
                f"of {len(rows)} rows {100 * stored:.1f} % are stored as robust at ε = {eps:g}, "
                f"and {100 * again:.1f} % are when they are attacked again: chance does not "
                "explain that",
            )


def _apart(one: Any, other: Any, n: int, m: int) -> bool:
    """Return whether two rates, from ``n`` and ``m`` draws, differ by more than chance."""
    both = (one * n + other * m) / (n + m)
    error = np.sqrt(both * (1 - both) * (1 / n + 1 / m))
    return bool(abs(one - other) > _CLEAR * error + 1 / n)
