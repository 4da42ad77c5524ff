"""The duration of a run's cells, estimated from a few epochs of training and a few attacked rows.

A training is timed at two numbers of epochs, an attack on two numbers of rows; a line through both
gives the rest. Rows are attacked for the labels that the model predicts, so that each of them
counts; a real run skips misclassified ones.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.core import IntArray, NotApplicableError, generator
from genlabel_robust.data import Task
from genlabel_robust.models import Model
from genlabel_robust.runs.assess.pieces.attacks import BLOCK
from genlabel_robust.runs.assess.probes import SAMPLE
from genlabel_robust.runs.cells.cell import Cell, CellResult, Checks
from genlabel_robust.runs.execute.cell_work import assess_cell
from genlabel_robust.runs.execute.train import train_model
from genlabel_robust.runs.folder.weights import weights_file
from genlabel_robust.threat import attack_space
from genlabel_robust.trainers.sklearn_estimator import SKLEARN

#: The most rows to train on, and the fewest of each class.
_TRAINED, _OF_A_CLASS = 1000, 10
#: Epochs of the two timed trainings.
_SHORT, _LONG = 1, 4
#: Rows of the two timed attacks.
_FEW, _MANY = 8, 64


@dataclass(frozen=True)
class Line:
    """A linear cost in seconds: ``fixed``, and ``each`` per item."""

    fixed: float
    each: float

    @classmethod
    def through(cls, few: int, seconds: float, many: int, more: float) -> Line:
        """Return the line through two timings, with neither part below 0."""
        if many <= few:
            return cls(seconds, 0.0)
        # a second timing below the first is noise: then the mean of both is the fixed part
        each = max(0.0, (more - seconds) / (many - few))
        fixed = max(0.0, seconds - few * each) if each else (seconds + more) / 2.0
        return cls(fixed, each)

    def at(self, n: float, blocks: int = 1) -> float:
        """Return the seconds of ``n`` items in ``blocks``."""
        return blocks * self.fixed + n * self.each


@dataclass(frozen=True)
class Pace:
    """The cost of the cells of one data set and architecture, in seconds and bytes.

    ``train``: seconds by strategy, None if it cannot train this architecture.
    ``weights``: bytes of a stored model. ``attack``: by rows; ``light``: of the cheap
    checks per row; ``probes``: of the costly ones, relative to attacks on the same rows.
    ``most``: the time limit of all attacks together. ``proofs``: per row.
    """

    train: Mapping[str, float | None]
    weights: int
    attack: Line
    light: float
    probes: float
    most: float
    proofs: float = 0.0

    def seconds(self, cell: Cell, n: int) -> float:
        """Return the seconds of ``cell`` on ``n`` test rows; 0 if it is not applicable."""
        trained = self.train[cell.strategy]
        if trained is None:
            return 0.0
        return trained + self.attacked(n) + self.checked(n, cell.checks) + n * self.proofs

    def attacked(self, n: int) -> float:
        """Return the seconds of the attacks on ``n`` rows; each block has the fixed cost."""
        return min(self.most, self.attack.at(n, math.ceil(n / BLOCK)))

    def checked(self, n: int, checks: Checks) -> float:
        """Return the seconds of the checks on ``n`` rows."""
        if checks == "off":
            return 0.0
        probed = {"light": 0, "quick": min(n, SAMPLE), "full": n}[checks]
        return n * self.light + (self.probes * self.attacked(probed) if probed else 0.0)


def measure(cells: Sequence[Cell], task: Task) -> Pace:
    """Time a micro-batch of ``cells``, all of one data set and architecture.

    Each strategy is trained for a few epochs on at most 1,000 rows. The estimate assumes that
    time is proportional to epochs and rows, which underestimates densities that use all pairs of
    rows. Raises the errors that training or attacks would raise in the run itself.
    """
    part, share = _trained_on(task)
    train: dict[str, float | None] = {}
    models: list[tuple[float, Model]] = []
    for cell in {cell.strategy: cell for cell in reversed(cells)}.values():
        try:
            seconds, model = _train_seconds(cell, part)
        except NotApplicableError:
            train[cell.strategy] = None
            continue
        train[cell.strategy] = seconds / share
        models.append((seconds, model))
    if not models:
        return Pace(train, 0, Line(0.0, 0.0), 0.0, 0.0, math.inf)
    model = min(models, key=lambda entry: entry[0])[1]
    return attacked_pace(cells[0], task, model, train, _stored_bytes(cells[0], model, share))


def attacked_pace(
    first: Cell, task: Task, model: Model, train: Mapping[str, float | None], weights: int
) -> Pace:
    """Time the work of the cell ``first`` on a few rows of ``model``.

    ``train``, ``weights``: the already known parts of the result. Raises the errors that attacks
    would raise in the run itself.
    """
    few, many = (_rows(task, count) for count in (_FEW, _MANY))
    checked = _assess(first, task, model, few, first.checks)
    light: Checks = "off" if first.checks == "off" else "light"
    more = _assess(first, task, model, many, light)
    attack = Line.through(len(few), checked.seconds["attack"], len(many), more.seconds["attack"])
    each = more.seconds["checks"] / len(many)
    costly = max(0.0, checked.seconds["checks"] - len(few) * each)
    limit = first.max_seconds
    return Pace(
        train=train,
        weights=weights,
        attack=attack,
        light=each,
        probes=costly / max(checked.seconds["attack"], 1e-9),
        most=math.inf if limit is None else limit * len(first.attacks),
        proofs=(more.seconds["certify"] + more.seconds["few_features"]) / len(many),
    )


def warm_up(cell: Cell, task: Task) -> None:
    """Train and attack one row, because the first of each in a process imports libraries."""
    try:
        _, model = _timed(cell, _trained_on(task)[0], _SHORT)
    except NotApplicableError:
        return
    warm_up_attacks(cell, task, model)


def warm_up_attacks(cell: Cell, task: Task, model: Model) -> None:
    """Attack one row, because the first attack of each kind in a process imports libraries."""
    _assess(cell, task, model, _rows(task, 1), "off")


def _trained_on(task: Task) -> tuple[Task, float]:
    """Return the task with a limited number of training rows, and their share of all."""
    n = len(task.y_train)
    if n <= _TRAINED:
        return task, 1.0
    rng = generator(0, "timed rows")
    kept = []
    for label in range(task.n_classes):
        members = np.flatnonzero(task.y_train == label)
        least = min(len(members), _OF_A_CLASS)
        kept.append(rng.permutation(members)[: max(least, len(members) * _TRAINED // n)])
    rows = np.sort(np.concatenate(kept))
    part = replace(task, x_train=task.x_train[rows], y_train=task.y_train[rows])
    return part, len(rows) / n


def _train_seconds(cell: Cell, part: Task) -> tuple[float, Model]:
    epochs = int(cell.settings["train"]["epochs"])
    if cell.architecture.startswith(SKLEARN) or epochs <= _LONG:
        return _timed(cell, part, epochs)
    short, _ = _timed(cell, part, _SHORT)
    longer, model = _timed(cell, part, _LONG)
    return Line.through(_SHORT, short, _LONG, longer).at(epochs), model


def _timed(cell: Cell, part: Task, epochs: int) -> tuple[float, Model]:
    settings = {**cell.settings, "train": {**cell.settings["train"], "epochs": epochs}}
    started = time.perf_counter()
    model, _ = train_model(replace(cell, settings=settings), part, attack_space(part, cell.threat))
    return time.perf_counter() - started, model


def _rows(task: Task, count: int) -> IntArray:
    n = len(task.y_test)
    return np.unique(np.linspace(0, n - 1, min(n, count)).astype(np.int64))


def _assess(cell: Cell, task: Task, model: Model, rows: IntArray, checks: Checks) -> CellResult:
    raw = task.x_test[rows]
    labels, ids = model.predict(raw), task.test_ids[rows]
    part = replace(task, x_test=raw, y_test=labels, test_ids=ids, by=())
    return assess_cell(replace(cell, checks=checks), part, model)


def _stored_bytes(cell: Cell, model: Model, share: float) -> int:
    stored = len(weights_file(model, cell.about)[1])
    # the size of trees and stored neighbours grows with the rows, that of nets does not
    return math.ceil(stored / share) if cell.architecture.startswith(SKLEARN) else stored
