"""Transfer: every model against the adversarial examples made for the others.

The results are stored separately and are never part of a robust accuracy, which must not depend on
what other models a run happens to contain.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray
from genlabel_robust.runs.cells.cell import Cell, CellResult
from genlabel_robust.runs.folder.store import RunFolder
from genlabel_robust.runs.folder.weights import read_model
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat import Norm, attack_space, within


def transfer(
    plan: Plan, results: Sequence[tuple[Cell, CellResult]], folder: RunFolder
) -> dict[str, Any]:
    """Return the content of ``transfer.json``: one row per attacked model and ε.

    A row states, for each source strategy, the share of the correctly classified examples that its
    perturbations break when they are scaled to the length ε. It also states the share of all
    examples that survived their own attacks and are broken only by transfer.
    """
    rows = []
    for victim, result in results:
        path = folder.weights(victim.key)
        if path is None or result.not_applicable is not None or not len(result.distances):
            continue
        task = plan.tasks[victim.dataset]
        sources = [
            (cell, found)
            for cell, found in results
            if cell.dataset == victim.dataset and cell is not victim and len(found.distances)
        ]
        model = read_model(path, victim, task.n_features, task.n_classes)
        space = attack_space(task, plan.threat)
        target = AttackTarget(model, space, task.x_test, task.y_test, task.x_train)
        clean = result.predictions == result.labels
        for eps in plan.threat.eps:
            survived = clean & ~within(result.distances.min(axis=0), eps)
            broken = {
                cell.key: clean & _broken(target, found, eps, plan.threat.norm)
                for cell, found in sources
            }
            by_any = np.any(list(broken.values()), axis=0) if broken else np.zeros_like(clean)
            rows.append(
                {
                    "dataset": victim.dataset,
                    "strategy": victim.strategy,
                    "architecture": victim.architecture,
                    "seed": victim.seed,
                    "eps": eps,
                    "n_examples": len(clean),
                    "robust_accuracy": float(survived.mean()),
                    "broken_by_transfer_only": float((survived & by_any).mean()),
                    "sources": _by_source(sources, broken, clean),
                }
            )
    return {"schema_version": "1.0", "rows": rows}


def _broken(target: AttackTarget, found: CellResult, eps: float, norm: Norm) -> BoolArray:
    """Mark the examples (n,) that ``found``'s nearest perturbations, scaled to ε, break."""
    best = found.distances.argmin(axis=0)
    everyone = np.arange(len(best))
    nearest = found.adversarial[best, everyone]
    rows = np.flatnonzero(np.isfinite(nearest).all(axis=1))
    broken = np.zeros(len(best), dtype=bool)
    if not len(rows):
        return broken
    points = target.enter(nearest[rows], rows)
    low, high = (edge[rows] for edge in target.box)
    if norm == "l0":  # moving to the end of the box touches no other feature
        points = np.where(points > 0, high, np.where(points < 0, low, 0.0))
    else:
        points = _drawn_out(points, target.space.length(points, norm), eps)
    points = target.space.project(points, np.zeros_like(points), low, high, eps, norm)
    inside = within(target.distance(points, rows, norm), eps)
    broken[rows] = (target.predict(points, rows) != target.y[rows]) & inside
    return broken


def _drawn_out(points: FloatArray, lengths: FloatArray, eps: float) -> FloatArray:
    return np.asarray(points * (eps / np.maximum(lengths, 1e-300))[:, None])


def _by_source(
    sources: Sequence[tuple[Cell, CellResult]], broken: dict[str, BoolArray], clean: BoolArray
) -> dict[str, float | None]:
    """Return, for each source model's strategy, the mean share of the correct rows broken."""
    shares: dict[str, list[float]] = {}
    for cell, _ in sources:
        name = f"{cell.strategy}/{cell.architecture}"
        shares.setdefault(name, []).append(float(broken[cell.key].sum()))
    correct = float(clean.sum())
    return {
        name: float(np.mean(counts)) / correct if correct else None
        for name, counts in shares.items()
    }
