"""Forecasts of a run, before it starts: its work, its duration, and its statistical power."""

import heapq
import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, TypeAlias

from genlabel_robust.attacks.suite import attack_settings
from genlabel_robust.core import ConfigurationError, one_thread
from genlabel_robust.core.parallel import workers
from genlabel_robust.data import Task
from genlabel_robust.data.task import Ranges
from genlabel_robust.runs.assess.pieces.attacks import BLOCK
from genlabel_robust.runs.cells.cell import Cell
from genlabel_robust.runs.folder.cells_left import cells_left
from genlabel_robust.runs.folder.store import RunFolder
from genlabel_robust.runs.forecast.pace import (
    Pace,
    attacked_pace,
    measure,
    warm_up,
    warm_up_attacks,
)
from genlabel_robust.runs.plan.audit_plan import PlannedAudit
from genlabel_robust.runs.plan.origin import record_of
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.statistics import detectable_drop, recipe_detectable_drop
from genlabel_robust.statistics.recipes import LEAST_SEEDS
from genlabel_robust.threat import ThreatModel

Gate: TypeAlias = Literal["checkpoint", "recipe"]

#: Shares of answers that differ, and standard deviations of accuracies over seeds, for which
#: the smallest detectable drop is reported.
DISCORDANCES = (0.02, 0.05, 0.1)
SEED_NOISES = (0.005, 0.01)
POWER = 0.8

#: Rows on which the attacks run for the canary.
_CANARY = 30
#: Eight-byte numbers stored per row, and per row and attack, besides its features.
_OF_A_ROW, _OF_AN_ATTACK = 5, 3


@dataclass(frozen=True)
class Sample:
    """The size of a data set: rows to train and to test on, features, classes.

    ``notices``: the notices that the run will report.
    """

    name: str
    trained_on: int
    examples: int
    features: int
    classes: int
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drop:
    """The smallest drop that a gate can detect on one data set.

    ``seed_noise``: None for a gate on checkpoints; ``max_drop``: a fraction, None if no
    drop can be detected, with the ``reason``.
    """

    dataset: str
    examples: int
    seed_noise: float | None
    discordance: float
    max_drop: float | None
    reason: str | None = None


@dataclass(frozen=True)
class Forecast:
    """The forecast of a run.

    ``cells``: their number; ``held``: how many of them the ``folder`` contains. ``attacks``: name,
    kind, needs, and settings. ``seconds``: an estimate of the remaining time with ``jobs``
    processes, from a micro-batch that took ``measured_seconds``; without startup, reports
    and ``transfer``. ``bytes``: of arrays and weights to be added, before compression. ``gate``:
    the one that suits the number of seeds, None for neither. ``model``: a phrase for the audited
    model, None if the run trains; ``ranges``: the rows that ε refers to.
    """

    folder: str
    datasets: tuple[Sample, ...]
    strategies: tuple[str, ...]
    architectures: tuple[str, ...]
    seeds: int
    cells: int
    held: int
    suite: str
    threat: ThreatModel
    attacks: tuple[Mapping[str, Any], ...]
    jobs: int
    seconds: float
    measured_seconds: float
    arrays_bytes: int
    weights_bytes: int
    gate: Gate | None
    power: float
    drops: tuple[Drop, ...]
    model: str | None = None
    ranges: Ranges = "training"

    def as_dict(self) -> dict[str, Any]:
        """Return all fields as plain JSON values; those of an audit only if there is a model."""
        found = {**asdict(self), "threat": self.threat.as_dict()}
        of_audit = ("model", "ranges") if self.model is None else ()
        return {name: value for name, value in found.items() if name not in of_audit}


def forecast(plan: Plan) -> Forecast:
    """Return the forecast of the run of ``plan``; nothing is written.

    Raises ``OutputError`` if its folder contains anything else, and the errors that the first
    epochs or attacks of the run would raise.
    """
    folder, left = _left(plan)
    started = time.perf_counter()
    with one_thread():
        paces = _paces(left, plan.tasks)
    measured = time.perf_counter() - started

    jobs = min(workers(plan.config.jobs), max(len(left), 1))
    each = [_pace(paces, cell).seconds(cell, _rows(plan, cell)) for cell in left]
    total = _makespan(each, jobs)
    if plan.config.checks != "off" and paces:
        total += next(iter(paces.values())).attacked(_CANARY)
    return _forecast(plan, folder, left, paces, jobs, total, measured)


def forecast_audit(planned: PlannedAudit, weights: int) -> Forecast:
    """Return the forecast of attacking the model of ``planned``, from a few rows; write nothing.

    ``weights``: the size of its file in bytes. Raises the errors of ``forecast``.
    """
    plan, model = planned.plan, planned.model
    (cell,), task = plan.cells, plan.tasks[plan.cells[0].dataset]
    folder, left = _left(plan)
    paces: dict[tuple[str, str], Pace] = {}
    started = time.perf_counter()
    if left:
        with one_thread():
            warm_up_attacks(cell, task, model)
            pace = attacked_pace(cell, task, model, {cell.strategy: 0.0}, weights)
        paces[cell.dataset, cell.architecture] = pace
    measured = time.perf_counter() - started
    n = len(task.y_test)
    pieces = math.ceil(n / BLOCK) * len(cell.attacks)
    # without a setting of jobs, the work stays in one process
    jobs = min(workers(plan.config.jobs), pieces) if plan.config.jobs is not None else 1
    total = sum(_pace(paces, one).seconds(one, n) for one in left) / jobs
    if plan.config.checks != "off" and paces:
        total += next(iter(paces.values())).attacked(_CANARY)
    found = _forecast(plan, folder, left, paces, jobs, total, measured)
    record = record_of(plan.origin)
    named = None if record is None else f"{record.name} ({record.format})"
    return replace(found, model=named, ranges=task.ranges)


def _left(plan: Plan) -> tuple[RunFolder, list[Cell]]:
    """Return the run's folder, and the cells that it does not contain yet."""
    folder = RunFolder(plan.folder)
    folder.refuse_other(plan.identity)
    return folder, cells_left(plan, folder)


def _forecast(
    plan: Plan,
    folder: RunFolder,
    left: Sequence[Cell],
    paces: Mapping[tuple[str, str], Pace],
    jobs: int,
    total: float,
    measured: float,
) -> Forecast:
    kept = [cell for cell in left if _pace(paces, cell).train[cell.strategy] is not None]
    seeds = len({cell.seed for cell in plan.cells})
    gate = gate_of(seeds)
    return Forecast(
        folder=str(folder.path),
        datasets=tuple(
            Sample(t.name, len(t.y_train), len(t.y_test), t.n_features, t.n_classes, t.notices)
            for t in plan.tasks.values()
        ),
        strategies=tuple(dict.fromkeys(cell.strategy for cell in plan.cells)),
        architectures=tuple(dict.fromkeys(cell.architecture for cell in plan.cells)),
        seeds=seeds,
        cells=len(plan.cells),
        held=len(plan.cells) - len(left),
        suite=plan.suite,
        threat=plan.threat,
        attacks=tuple(
            {"name": a.name, "kind": a.kind, "needs": a.needs, "settings": attack_settings(a)}
            | ({"when": list(plan.when[a.name])} if a.name in plan.when else {})
            for a in plan.attacks
        ),
        jobs=jobs,
        seconds=total,
        measured_seconds=measured,
        arrays_bytes=sum(_array_bytes(cell, plan.tasks[cell.dataset]) for cell in kept),
        weights_bytes=sum(_pace(paces, cell).weights for cell in kept),
        gate=gate,
        power=POWER,
        drops=tuple(_drops(gate, plan, seeds)),
    )


def gate_of(seeds: int) -> Gate | None:
    """Return the gate that suits this number of seeds on each side."""
    if seeds == 1:
        return "checkpoint"
    return "recipe" if seeds >= LEAST_SEEDS else None


def _paces(cells: Sequence[Cell], tasks: Mapping[str, Task]) -> dict[tuple[str, str], Pace]:
    paces: dict[tuple[str, str], Pace] = {}
    groups: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        groups.setdefault((cell.dataset, cell.architecture), []).append(cell)
    for pair, group in groups.items():
        task = tasks[group[0].dataset]
        if pair[1] not in {architecture for _, architecture in paces}:
            warm_up(group[0], task)
        paces[pair] = measure(group, task)
    return paces


def _pace(paces: Mapping[tuple[str, str], Pace], cell: Cell) -> Pace:
    return paces[cell.dataset, cell.architecture]


def _rows(plan: Plan, cell: Cell) -> int:
    return len(plan.tasks[cell.dataset].y_test)


def _makespan(seconds: Iterable[float], jobs: int) -> float:
    """Return when the last of ``jobs`` processes ends, if they take the longest cells first."""
    ends = [0.0] * jobs
    for one in sorted(seconds, reverse=True):
        heapq.heapreplace(ends, ends[0] + one)
    return max(ends)


def _array_bytes(cell: Cell, task: Task) -> int:
    """Return the size of a stored cell: the adversarial rows of each attack, and the rest."""
    attacks = len(cell.attacks)
    return 8 * len(task.y_test) * (_OF_A_ROW + attacks * (_OF_AN_ATTACK + task.n_features))


def _drops(gate: Gate | None, plan: Plan, seeds: int) -> Iterator[Drop]:
    if gate is None:
        return
    noises: tuple[float | None, ...] = SEED_NOISES if gate == "recipe" else (None,)
    for task in plan.tasks.values():
        for noise in noises:
            for discordance in DISCORDANCES:
                yield _drop(task.name, len(task.y_test), seeds, noise, discordance)


def _drop(dataset: str, n: int, seeds: int, noise: float | None, discordance: float) -> Drop:
    try:
        found = (
            detectable_drop(n, discordance, POWER)
            if noise is None
            else recipe_detectable_drop(n, seeds, noise, discordance, POWER)
        )
    except ConfigurationError as error:
        return Drop(dataset, n, noise, discordance, None, str(error))
    return Drop(dataset, n, noise, discordance, found)
