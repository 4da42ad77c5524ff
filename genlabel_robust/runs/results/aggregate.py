"""Aggregation of per-example results to ``results.json``: rows, and strategy differences."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from genlabel_robust.attacks.choice import kept_for
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.core.files.json_values import json_value
from genlabel_robust.core.files.writing import digest
from genlabel_robust.data import Task
from genlabel_robust.runs.assess.canaries import CANARY_OF
from genlabel_robust.runs.cells.canary_record import CanaryRecord
from genlabel_robust.runs.cells.cell import OF_SAMPLE, Cell, CellResult
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.plan.origin import record_of
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.runs.results.dataset import Dataset, Feature, Moves
from genlabel_robust.runs.results.differences import differences
from genlabel_robust.runs.results.panel_row import panel_row
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.schema import SCHEMA_VERSION
from genlabel_robust.strategies.diagnostics import mixing_diagnostics
from genlabel_robust.threat import AttackSpace, Knowledge, attack_space
from genlabel_robust.threat.notices.steps import moved_by_fractions
from genlabel_robust.threat.reach import raw_budget, reach

#: Significant digits of ranges and deviations, because their last bits differ between machines.
_DIGITS = 10


def aggregate(
    plan: Plan,
    results: Sequence[tuple[Cell, CellResult]],
    canaries: Mapping[str, CanaryRecord] | None = None,
) -> Results:
    """Return the content of ``results.json``; the same results give the same bytes.

    ``canaries``: the records of ``run_canaries``, None if checks are off.
    """
    groups: dict[tuple[str, str, str], list[CellResult]] = {}
    for cell, result in results:
        groups.setdefault((cell.dataset, cell.architecture, cell.strategy), []).append(result)
    panels = {key: Panel(members) for key, members in groups.items()}
    proofs = (
        None
        if canaries is None
        else {
            (cell.dataset, cell.architecture, cell.strategy): _concerned(
                canaries, plan.knowledge(cell)
            )
            for cell, _ in results
        }
    )
    kept = _kept_for_others(panels, plan)
    attacks = [attack.name for attack in plan.attacks if attack.name not in kept]
    return Results(
        {
            "schema_version": SCHEMA_VERSION,
            "threat": plan.threat.as_dict(),
            "suite": plan.suite,
            "attacks": attacks,
            **({"not_chosen": kept} if kept else {}),
            "checks": plan.config.checks,
            "canaries": json_value(canaries),
            **_time_budget(plan),
            **({} if (record := record_of(plan.origin)) is None else {"model": record.as_dict()}),
            "datasets": {
                name: _dataset(task, plan, results).as_dict() for name, task in plan.tasks.items()
            },
            "rows": [
                panel_row(
                    key, panel, plan, eps, None if proofs is None else proofs[key], attacks
                ).as_dict()
                for key, panel in panels.items()
                for eps in plan.threat.eps
            ],
            "differences": [one.as_dict() for one in differences(panels, plan.threat)],
        }
    )


def _concerned(
    canaries: Mapping[str, CanaryRecord], knowledge: Knowledge
) -> dict[str, CanaryRecord]:
    """Return the canary for models that offer ``knowledge``."""
    return {name: record for name, record in canaries.items() if name == CANARY_OF[knowledge]}


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


def _dataset(task: Task, plan: Plan, results: Sequence[tuple[Cell, CellResult]]) -> Dataset:
    space = attack_space(task, plan.threat)
    adversarial = [
        found.adversarial
        for cell, found in results
        if cell.dataset == task.name and found.not_applicable is None
    ]
    sample = _checks_sample(task, results)
    return Dataset(
        content_hash=task.content_hash,
        fingerprint=data_fingerprint(task, space),
        n_train=len(task.y_train),
        n_columns=task.n_features if task.encoding is None else len(task.encoding.parts),
        n_test=len(task.y_test),
        classes=tuple(task.classes),
        scaling=task.scaling.name,
        column_order=task.column_order,
        ranges=task.ranges,
        notices=(
            *task.notices,
            *moved_by_fractions(task, space, adversarial),
            *_of_checks(sample, len(task.y_test)),
        ),
        checks_sample=sample,
        concerns=tuple(task.concerns),
        diagnostics=mixing_diagnostics(task, _strategies(plan), plan.config.seed),
        features=tuple(_features(task, plan, space)),
    )


def _checks_sample(task: Task, results: Sequence[tuple[Cell, CellResult]]) -> int | None:
    """Return the number of sampled rows of ``task`` in the checks, None if all or none."""
    own = (found for cell, found in results if cell.dataset == task.name)
    sizes = [int(one.probes[OF_SAMPLE]["rows"]) for one in own if OF_SAMPLE in one.probes]
    return min(sizes, default=None)


def _of_checks(sample: int | None, n: int) -> list[str]:
    if sample is None:
        return []
    return [
        f"Checks asked again about a sample of {sample:,} of the {n:,} test rows, drawn by label "
        "and by whether the model is right (checks = full asks about all); every rate, distance "
        "and proof is of all rows."
    ]


def _features(task: Task, plan: Plan, space: AttackSpace) -> Iterator[Feature]:
    """Yield the features, with the threat in the user's own units."""
    budgets = [raw_budget(space, plan.threat.norm, eps) for eps in plan.threat.eps]
    reached = [reach(space, plan.threat.norm, eps) for eps in plan.threat.eps]
    for i, name in enumerate(task.feature_names):
        moves = _moves(space, i)
        yield Feature(
            name,
            bool(space.mutable[i]),
            tuple(float(budget[i]) for budget in budgets),
            moves,
            None if moves is None else tuple(float(by[i]) for by in reached),
        )


def _moves(space: AttackSpace, column: int) -> Moves | None:
    """Return how a feature moves if it is not continuous, None otherwise."""
    if not space.mutable[column]:
        return None
    if column in space.rules.integer:
        return "whole"
    return "category" if any(column in group for group in space.rules.one_hot) else None


def _strategies(plan: Plan) -> dict[str, Mapping[str, Any]]:
    """Return the settings of each strategy of the run."""
    return {cell.strategy: cell.settings.get("strategy", {}) for cell in plan.cells}


def data_fingerprint(task: Task, space: AttackSpace) -> dict[str, str]:
    """Return digests of the test data and of the attacker's units, by name.

    The training rows matter only through ``attack_space``: what ε is in raw units for
    each feature, and the box. So models trained on different rows can be compared if both
    are measured by the same ranges.
    """
    numbers = np.concatenate([space.offset, space.scale, space.low, space.high])
    threat = [f"{value:.{_DIGITS}g}" for value in numbers.tolist()]
    # with categories, the numbers of a row have the meaning that the encoding defines
    encoding = {} if task.encoding is None else {"encoding": digest(task.encoding.as_dict())}
    return encoding | {
        "features": digest(list(task.feature_names)),
        "classes": digest(list(task.classes)),
        "test_ids": _of_array(task.test_ids),
        "test_features": _of_array(task.x_test),
        "test_labels": _of_array(task.y_test),
        "attack_space": digest([*threat, *space.mutable.tolist()]),
    }


def _of_array(array: FloatArray | IntArray | BoolArray) -> str:
    found = hashlib.sha256(repr(array.shape).encode())
    found.update(np.ascontiguousarray(array).reshape(-1).data)
    return found.hexdigest()
