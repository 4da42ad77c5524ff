"""Train one cell's model, attack it, and verify what the attacks claim."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from genlabel_robust.attacks.attack import Attack, GradientHealth, Outcome
from genlabel_robust.attacks.blocks import run_attack
from genlabel_robust.attacks.verification import verify
from genlabel_robust.core.arrays import FloatArray, IntArray
from genlabel_robust.core.errors import DataError, NotApplicableError
from genlabel_robust.core.scores import logit_margin
from genlabel_robust.core.seeds import integer_seed
from genlabel_robust.core.space import AttackSpace
from genlabel_robust.core.threat import ThreatModel, within
from genlabel_robust.data.space import attack_space
from genlabel_robust.data.task import Task
from genlabel_robust.estimators.target import AttackTarget
from genlabel_robust.evaluation.cell import Cell, CellResult, empty_result
from genlabel_robust.evaluation.exact import exact_margins, refuse_impossible
from genlabel_robust.evaluation.training import train_model
from genlabel_robust.models.model import Model


def run_cell(cell: Cell, task: Task) -> tuple[CellResult, Model | None]:
    """Return the cell's result and its model; None where the strategy is not applicable."""
    space = attack_space(task, cell.threat.unit)
    started = time.perf_counter()
    try:
        model, hyper_parameters = train_model(cell, task, space)
    except NotApplicableError as error:
        return empty_result(str(error), task.test_ids, task.y_test), None
    trained = time.perf_counter()
    scores = model.scores(task.x_test)
    _refuse_unscored(scores, task)
    attacked = attack_model(
        model, space, task.x_test, task.y_test, task.x_train,
        cell.threat, cell.attacks, integer_seed(cell.seed, "attack"),
    )  # fmt: skip
    names = tuple(attack.name for attack in cell.attacks)
    rows = (model, space, task.x_test, task.y_test, cell.threat.norm)
    exact = exact_margins(*rows)
    refuse_impossible(*rows, exact, names, attacked.distances)
    result = CellResult(
        ids=task.test_ids,
        labels=task.y_test,
        predictions=model.predict(task.x_test),
        logit_margin=logit_margin(scores, task.y_test),
        attacks=names,
        distances=attacked.distances,
        outcomes=attacked.outcomes,
        queries=attacked.queries,
        adversarial=attacked.adversarial,
        exact=exact,
        evidence=attacked.evidence,
        hyper_parameters=hyper_parameters,
        seconds={"train": trained - started, "attack": time.perf_counter() - trained},
    )
    return result, model


def _refuse_unscored(scores: FloatArray, task: Task) -> None:
    """Raise ``DataError`` where the model's scores are not numbers: it decides nothing there."""
    unscored = ~np.isfinite(scores).all(axis=1)
    if unscored.any():
        raise DataError(
            f"the model's scores are not finite for {int(unscored.sum())} test rows, the first is "
            f"row {task.test_ids[unscored.argmax()]} of its source; its features are too far from "
            "the training range for float32: remove or correct such rows"
        )


@dataclass(frozen=True, eq=False)
class Attacked:
    """What a list of a attacks did to n examples; fields as in ``CellResult``."""

    distances: FloatArray
    outcomes: IntArray
    queries: IntArray
    adversarial: FloatArray
    evidence: dict[str, dict[str, float]]


def attack_model(
    model: Model,
    space: AttackSpace,
    raw: FloatArray,
    y: IntArray,
    pool: FloatArray,
    threat: ThreatModel,
    attacks: tuple[Attack, ...],
    seed: int,
) -> Attacked:
    """Run every attack on every correctly classified row of ``raw`` (n, d), and verify.

    ``y`` (n,): true labels; ``pool`` (p, d): rows that black-box attacks start from.
    """
    n, d = raw.shape
    correct = np.flatnonzero(model.predict(raw) == y)
    distances = np.zeros((len(attacks), n))
    distances[:, correct] = np.inf
    outcomes = np.full((len(attacks), n), int(Outcome.MISCLASSIFIED))
    queries = np.zeros((len(attacks), n), dtype=np.int64)
    adversarial = np.full((len(attacks), n, d), np.nan)
    evidence: dict[str, dict[str, float]] = {}
    target = AttackTarget(model, space, raw[correct], y[correct], pool)
    for index, attack in enumerate(attacks):
        if not target.offers(attack.needs):
            outcomes[index, correct] = int(Outcome.NOT_APPLICABLE)
            continue
        if not len(correct) or not target.n_features:
            outcomes[index, correct] = int(Outcome.SURVIVED)
            continue
        started = time.perf_counter()
        found = _run_attack(target, attack, threat, integer_seed(seed, attack.name))
        distances[index, correct], adversarial[index, correct] = found.distances, found.rows
        outcomes[index, correct], queries[index, correct] = found.outcomes, found.queries
        evidence[attack.name] = found.evidence | {"seconds": time.perf_counter() - started}
    return Attacked(distances, outcomes, queries, adversarial, evidence)


@dataclass(frozen=True, eq=False)
class _Found:
    distances: FloatArray
    rows: FloatArray
    outcomes: IntArray
    queries: IntArray
    evidence: dict[str, float]


def _run_attack(target: AttackTarget, attack: Attack, threat: ThreatModel, seed: int) -> _Found:
    """Run one attack, at every ε if it needs one, and keep the nearest verified points.

    At the next larger ε only what is still open is attacked, from where the last one ended.
    """
    n = len(target.x)
    distances, rows = np.full(n, np.inf), np.full(target.raw.shape, np.nan)
    outcomes = np.full(n, int(Outcome.SURVIVED))
    queries = np.zeros(n, dtype=np.int64)
    health, unconfirmed = GradientHealth(), 0
    start: FloatArray | None = None
    for eps in threat.eps if attack.kind == "fixed" else threat.eps[-1:]:
        open_ = np.flatnonzero(~within(distances, eps))
        part = target.subset(open_)
        result = run_attack(
            attack, part, threat.norm, eps, seed, None if start is None else start[open_]
        )
        found, raw = verify(part, attack, result, threat.norm, eps)
        unconfirmed += int(((result.outcome == Outcome.BROKEN) & np.isinf(found)).sum())
        outcomes[open_] = np.where(
            result.outcome == Outcome.NO_START, result.outcome, outcomes[open_]
        )
        nearer = found < distances[open_]
        distances[open_[nearer]], rows[open_[nearer]] = found[nearer], raw[nearer]
        queries[open_] += result.queries
        health += result.health
        start = target.x.copy() if start is None else start
        start[open_] = result.points
    outcomes[np.isfinite(distances)] = int(Outcome.BROKEN)
    return _Found(
        distances,
        rows,
        outcomes,
        queries,
        {
            "unconfirmed": unconfirmed,
            "gradients": health.rows,
            "zero_gradients": health.zero,
            "nonfinite_gradients": health.nonfinite,
        },
    )
