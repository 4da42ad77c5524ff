"""From per-example results to ``results.json``: rows, and differences between strategies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.attacks.choice import kept_for
from genlabel_robust.core.arrays import BoolArray
from genlabel_robust.core.wording import quoted
from genlabel_robust.data.task import Task
from genlabel_robust.runs.assess.canaries import CANARY_OF
from genlabel_robust.runs.cells.cell import Cell, CellResult
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.checks import run_checks
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.runs.results.data_fingerprint import data_fingerprint
from genlabel_robust.runs.results.margins import margin_summary
from genlabel_robust.runs.results.mixing import mixing_diagnostics
from genlabel_robust.runs.results.proof_fields import proved_fields
from genlabel_robust.runs.results.schema import SCHEMA_VERSION
from genlabel_robust.statistics.balanced import balanced_rate
from genlabel_robust.statistics.differences import paired_difference
from genlabel_robust.statistics.rates import rate
from genlabel_robust.threat.reach import reach
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.space_of_task import attack_space
from genlabel_robust.threat.step_notices import moved_by_fractions
from genlabel_robust.threat.threat_model import Knowledge, within


def aggregate(
    plan: Plan,
    results: Sequence[tuple[Cell, CellResult]],
    canaries: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the content of ``results.json``; the same results give the same bytes.

    ``canaries``: the records of ``run_canaries``, None if they were not asked for.
    """
    groups: dict[tuple[str, str, str], list[CellResult]] = {}
    for cell, result in results:
        groups.setdefault((cell.dataset, cell.architecture, cell.strategy), []).append(result)
    panels = {key: Panel(members) for key, members in groups.items()}
    proofs = (
        None
        if canaries is None
        else {
            (cell.dataset, cell.architecture, cell.strategy): _concerned(canaries, plan.asked(cell))
            for cell, _ in results
        }
    )
    kept = _kept_for_others(panels, plan)
    attacks = [attack.name for attack in plan.attacks if attack.name not in kept]
    return {
        "schema_version": SCHEMA_VERSION,
        "threat": plan.threat.as_dict(),
        "suite": plan.suite,
        "attacks": attacks,
        **({"not_chosen": kept} if kept else {}),
        "checks": plan.config.checks,
        "canaries": None if canaries is None else dict(canaries),
        **_time_budget(plan),
        **({} if plan.record is None else {"model": plan.record.as_dict()}),
        "datasets": {name: _dataset(task, plan, results) for name, task in plan.tasks.items()},
        "rows": [
            _row(key, panel, plan, eps, None if proofs is None else proofs[key], attacks)
            for key, panel in panels.items()
            for eps in plan.threat.eps
        ],
        "differences": _differences(panels, plan),
    }


def _concerned(canaries: Mapping[str, Any], asked: Knowledge) -> dict[str, Any]:
    """Return the canary that stands for a model of which an attacker can ask so much."""
    return {name: record for name, record in canaries.items() if name == CANARY_OF[asked]}


def _kept_for_others(panels: Mapping[tuple[str, str, str], Panel], plan: Plan) -> dict[str, str]:
    """Return the attacks that the suite chose for no model of the run, with the reason."""
    trained = [panel for panel in panels.values() if panel.not_applicable is None]
    return {
        name: kept_for(cases)
        for name, cases in plan.when.items()
        if trained and all(name in panel.not_chosen for panel in trained)
    }


def _time_budget(plan: Plan) -> dict[str, float]:
    seconds = plan.config.max_seconds
    return {} if seconds is None else {"max_seconds": seconds}


def _dataset(task: Task, plan: Plan, results: Sequence[tuple[Cell, CellResult]]) -> dict[str, Any]:
    space = attack_space(task, plan.threat)
    adversarial = [
        found.adversarial
        for cell, found in results
        if cell.dataset == task.name and found.not_applicable is None
    ]
    budgets = [eps * space.scale for eps in plan.threat.eps]
    reached = [reach(space, plan.threat.norm, eps) for eps in plan.threat.eps]
    return {
        "content_hash": task.content_hash,
        "fingerprint": data_fingerprint(task, space),
        "n_train": len(task.y_train),
        "n_columns": task.n_features if task.encoding is None else len(task.encoding.parts),
        "n_test": len(task.y_test),
        "classes": list(task.classes),
        "scaling": task.scaling.name,
        **({} if task.column_order is None else {"column_order": task.column_order}),
        "notices": [*task.notices, *moved_by_fractions(task, space, adversarial)],
        **({"concerns": [c.as_dict() for c in task.concerns]} if task.concerns else {}),
        "diagnostics": mixing_diagnostics(task, _strategies(plan), plan.config.seed),
        # the threat in the user's own units
        "features": [
            {
                "name": name,
                "mutable": bool(space.mutable[i]),
                "raw_eps": [float(budget[i]) for budget in budgets],
                **_steps(space, i, [float(by[i]) for by in reached]),
            }
            for i, name in enumerate(task.feature_names)
        ],
    }


def _steps(space: AttackSpace, column: int, reached: list[float]) -> dict[str, Any]:
    """Return how a feature that is not continuous moves, and by how much at each ε."""
    if not space.mutable[column]:
        return {}
    if column in space.rules.integer:
        return {"moves": "whole", "reach": reached}
    if any(column in group for group in space.rules.one_hot):
        return {"moves": "category", "reach": reached}
    return {}


def _strategies(plan: Plan) -> dict[str, Mapping[str, Any]]:
    """Return the settings of each strategy of the run."""
    return {cell.strategy: cell.settings.get("strategy", {}) for cell in plan.cells}


def _row(
    key: tuple[str, str, str],
    panel: Panel,
    plan: Plan,
    eps: float,
    canaries: Mapping[str, Any] | None,
    attacks: Sequence[str],
) -> dict[str, Any]:
    dataset, architecture, strategy = key
    task = plan.tasks[dataset]
    row: dict[str, Any] = {
        "dataset": dataset,
        "strategy": strategy,
        "architecture": architecture,
        "eps": eps,
        "norm": plan.threat.norm,
        "unit": plan.threat.unit,
        "n_examples": len(panel.labels),
        "n_seeds": len(panel.results),
        "clean_accuracy": None,
        "robust_accuracy": None,
        "exact_robust_accuracy": None,
        "certified_accuracy": None,
        "balanced_clean_accuracy": None,
        "balanced_robust_accuracy": None,
        "attacks": dict.fromkeys(attacks),
        "outcomes": {},
        "margin": None,
        "logit_margin": None,
        "per_class": [],
        "checks": [],
        "hyper_parameters": [dict(r.hyper_parameters) for r in panel.results],
        "reason": panel.not_applicable,
    }
    if panel.not_applicable is not None:
        return row
    row["clean_accuracy"] = rate(panel.clean).as_dict()
    row["balanced_clean_accuracy"] = _balanced(panel.clean, panel, task)
    row["logit_margin"] = _quantiles(np.stack([r.logit_margin for r in panel.results]))
    if plan.config.checks != "off":
        checks = run_checks(panel, eps, plan.threat.eps, canaries)
        row["checks"] = [check.as_dict() for check in checks]
    for index, name in enumerate(panel.attacks):
        if name not in attacks:
            continue
        if name in panel.not_chosen:
            row.setdefault("not_chosen", {})[name] = kept_for(plan.when[name])
        elif not panel.applicable(index):
            reason = f"it needs {panel.needs[index]}, which the model does not give"
            row.setdefault("not_applicable", {})[name] = reason
        row["outcomes"][name] = _outcomes(panel, index, eps, plan.config.max_seconds is not None)
        if panel.has_own_rate(index, eps):
            robust = panel.robust(panel.distances[:, index], eps)
            row["attacks"][name] = rate(robust).as_dict()
    if panel.exact is not None:
        row["exact_robust_accuracy"] = rate(panel.robust(panel.exact, eps)).as_dict()
    elif panel.nearest is not None and panel.exact_at(eps):
        row["exact_robust_accuracy"] = rate(panel.robust(panel.nearest, eps)).as_dict()
    row |= proved_fields(panel, eps)
    untried = int(panel.untried(eps).sum())
    # what was never looked for lies not beyond what was found
    if panel.exact is not None or not untried:
        row["margin"] = margin_summary(panel, plan.threat.norm, plan.threat.eps)
    if panel.nearest is None:
        row["reason"] = "no attack of the suite can work on this model"
        return row
    if untried:
        row["reason"] = f"no attack had the time to try {untried} of the examples (max_seconds)"
        return row
    robust = panel.robust(panel.nearest, eps)
    row["robust_accuracy"] = rate(robust).as_dict()
    row["balanced_robust_accuracy"] = _balanced(robust, panel, task)
    row["per_class"] = [
        {
            "class": task.classes[label],
            "n_examples": int((panel.labels == label).sum()),
            "clean_accuracy": rate(panel.clean[:, panel.labels == label]).as_dict(),
            "robust_accuracy": rate(robust[:, panel.labels == label]).as_dict(),
        }
        for label in np.unique(panel.labels)
    ]
    return row


def _balanced(correct: BoolArray, panel: Panel, task: Task) -> dict[str, Any]:
    found = balanced_rate(correct, panel.labels, task.n_classes).as_dict()
    present = [task.classes[label] for label in np.unique(panel.labels)]
    if len(present) < task.n_classes:
        return {**found, "method": f"{found['method']}: over {quoted(present)} only"}
    return found


def _outcomes(panel: Panel, index: int, eps: float, timed: bool) -> dict[str, Any]:
    """Count what became of the examples; one that is broken only beyond ``eps`` survived.

    So did one that the attack had no time for beyond ``eps`` only; ``timed``: count the others.
    """
    outcomes, late = panel.outcomes[:, index], panel.out_of_time(index, eps)
    beyond = (outcomes == Outcome.BROKEN) & ~within(panel.distances[:, index], eps)
    beyond |= (outcomes == Outcome.OUT_OF_TIME) & ~late
    outcomes = np.where(beyond, int(Outcome.SURVIVED), outcomes)
    counted = [outcome for outcome in Outcome if timed or outcome != Outcome.OUT_OF_TIME]
    counts = {outcome.name.lower(): int((outcomes == outcome).sum()) for outcome in counted}
    queries = np.stack([r.queries[index] for r in panel.results])
    asked = queries[queries > 0]
    return counts | {"mean_queries": float(asked.mean()) if asked.size else 0.0}


def _quantiles(values: np.ndarray) -> dict[str, float]:
    names = {"median": 0.5, "q05": 0.05, "q25": 0.25, "q75": 0.75}
    return {name: float(np.quantile(values, q, method="inverted_cdf")) for name, q in names.items()}


def _differences(panels: dict[tuple[str, str, str], Panel], plan: Plan) -> list[dict[str, Any]]:
    """Return paired differences ``strategy - reference`` on the same rows and seeds."""
    differences: list[dict[str, Any]] = []
    for (first, one), (second, other) in combinations(panels.items(), 2):
        if first[:2] != second[:2] or one.not_applicable or other.not_applicable:
            continue
        about = {"dataset": first[0], "architecture": first[1], "norm": plan.threat.norm}
        pair = {"strategy": second[2], "reference": first[2]}
        differences.append(
            about
            | pair
            | {"measure": "clean_accuracy", "eps": None}
            | {"difference": paired_difference(other.clean, one.clean).as_dict()}
        )
        if one.nearest is None or other.nearest is None:
            continue
        for eps in plan.threat.eps:
            if one.untried(eps).any() or other.untried(eps).any():
                continue
            difference = paired_difference(
                other.robust(other.nearest, eps), one.robust(one.nearest, eps)
            )
            undecided = int((one.undecided(eps) | other.undecided(eps)).sum())
            differences.append(
                about
                | pair
                | {"measure": "robust_accuracy", "eps": eps, "open": undecided}
                | {"difference": difference.as_dict()}
            )
    return differences
