"""From a trained model and the rows to attack to a cell's result."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.certify.certificate import refuse_contradiction
from genlabel_robust.certify.effort import Effort
from genlabel_robust.certify.exact import exact_margins, refuse_impossible
from genlabel_robust.core import DataError, FloatArray, IntArray, logit_margin
from genlabel_robust.models.structures.quick_model import quick_model
from genlabel_robust.runs.assess.attacking import Attacked, Step, attack_model
from genlabel_robust.runs.assess.few_features import few_features
from genlabel_robust.runs.assess.probes import SAMPLE, Subject, probe
from genlabel_robust.runs.assess.proving import look_inside, prove
from genlabel_robust.runs.cells.cell import CellResult, Checks
from genlabel_robust.threat.norms import gives
from genlabel_robust.threat.table_columns import TableColumn

#: What the costly checks do again: every attack once at the full range, and with twice its budget.
_AGAIN = 3.0


def assess(
    subject: Subject,
    ids: IntArray,
    *,
    columns: Sequence[TableColumn] = (),
    checks: Checks = "quick",
    early_stop: bool = False,
    max_seconds: float | None = None,
    certify: Effort = "auto",
    certify_seconds: float | None = None,
    hyper_parameters: Mapping[str, Any] | None = None,
    on_step: Step = lambda done, total, name: None,
) -> CellResult:
    """Attack the rows of ``subject``, prove what can be proved of them, and probe the model.

    ``ids`` (n,): what the rows are called in their source; ``columns`` (c,): those of the table,
    of which it is looked at how few suffice, none for nothing of it; ``max_seconds``: as of
    ``attack_model``, for the probes' attacks too; ``certify``, ``certify_seconds``: as of
    ``Cell``; ``on_step``: as of ``attack_model``. Raises ``DataError`` where the model's scores
    are not numbers, ``AttackError`` if an attack broke what is proved.
    """
    model, rows = subject.model, (subject.model, subject.space, subject.raw, subject.y)
    scores = model.scores(subject.raw)
    _refuse_unscored(scores, ids)
    on_step = weighted(subject, checks, on_step, early_stop=early_stop)
    started = time.perf_counter()
    structure = look_inside(subject, certify)
    looked_at = time.perf_counter()
    subject = replace(subject, asked=quick_model(model, structure, subject.raw, subject.space))
    attacked = attack_model(
        subject.asked or model,
        *rows[1:],
        subject.pool,
        subject.threat,
        subject.attacks,
        subject.seed,
        when=subject.when,
        early_stop=early_stop,
        watch=checks == "full",
        max_seconds=max_seconds,
        on_step=on_step,
    )
    count, n = len(subject.attacks), max(len(subject.y), 1)
    on_step(count, count + 1, "proofs")
    names = tuple(attack.name for attack in subject.attacks)
    attacked_at = time.perf_counter()

    def row_name(row: int) -> str:
        return f"row {ids[row]} of the source"

    proved = prove(
        subject,
        structure,
        certify,
        certify_seconds,
        lambda done: on_step(count + done / n / 2, count + 1, "proofs"),
        row_name,
    )
    certificate, inside = proved.certificate, proved.inside
    norm = subject.threat.norm
    exact = exact_margins(*rows, norm, structure)
    refuse_impossible(*rows, norm, exact, names, attacked.distances, structure)
    if certificate is not None:
        refuse_contradiction(certificate, inside.about or "", names, attacked.distances, row_name)
        if exact is None and certificate.exact.all():
            exact = certificate.upper
    proved_at = time.perf_counter()
    few = None
    if columns and subject.space.mutable.any():
        few = few_features(
            subject,
            columns,
            structure,
            attacked,
            certificate,
            lambda done: on_step(count + 0.5, count + 1, "single features"),
            row_name,
        )
    few_at = time.perf_counter()
    on_step(count + 0.5, count + 1, "checks")
    # where no attack could work there is no number to check
    able = any(gives(model.knowledge, attack.needs) for attack in subject.attacks)
    probes = probe(subject, attacked, checks, max_seconds, certificate) if able else {}
    return CellResult(
        ids=ids,
        labels=subject.y,
        predictions=_as_attacked(model.predict(subject.raw), scores, subject.y, attacked),
        logit_margin=logit_margin(scores, subject.y),
        attacks=names,
        needs=tuple(attack.needs for attack in subject.attacks),
        distances=attacked.distances,
        outcomes=attacked.outcomes,
        queries=attacked.queries,
        adversarial=attacked.adversarial,
        exact=exact,
        tried=attacked.tried,
        not_chosen=attacked.not_chosen,
        evidence=attacked.evidence,
        probes=probes,
        hyper_parameters=hyper_parameters or {},
        seconds={
            "attack": attacked_at - looked_at,
            "certify": proved_at - attacked_at + looked_at - started,
            "few_features": few_at - proved_at,
            "checks": time.perf_counter() - few_at,
        },
        certificate=certificate,
        inside=inside,
        few=few,
    )


def _as_attacked(
    predictions: IntArray, scores: FloatArray, y: IntArray, attacked: Attacked
) -> IntArray:
    """Return ``predictions`` (n,) that say what the attacks began with; others draw lots again.

    A model that depends on chance may have answered otherwise then: a row that counts as
    misclassified is, and one that was attacked is not.
    """
    if not len(attacked.outcomes):
        return predictions
    right = attacked.outcomes[0] != Outcome.MISCLASSIFIED
    if ((predictions == y) == right).all():
        return predictions
    others = scores.copy()
    others[np.arange(len(y)), y] = -np.inf
    wrong = np.where(predictions == y, others.argmax(axis=1), predictions)
    return np.where(right, y, wrong)


def _refuse_unscored(scores: FloatArray, ids: IntArray) -> None:
    """Raise ``DataError`` where the model's scores are not numbers: it decides nothing there."""
    unscored = ~np.isfinite(scores).all(axis=1)
    if unscored.any():
        raise DataError(
            f"the model's scores are not finite for {int(unscored.sum())} test rows, the first is "
            f"row {ids[unscored.argmax()]} of its source; its features are too far from "
            "the training range for float32: remove or correct such rows"
        )


def weighted(subject: Subject, checks: Checks, on_step: Step, *, early_stop: bool = False) -> Step:
    """Return a step for attacks and checks that tells ``on_step`` the work done, not the number.

    The weight of an attack is its cost, times the number of ε for one that runs at each; of one
    that the model does not let run, none. The whole stays the number of attacks and one.
    """
    n = max(len(subject.y), 1)
    attacks = sorted(subject.attacks, key=lambda one: one.cost if early_stop else 0)
    weights: list[float] = [
        attack.cost * (len(subject.threat.eps) if attack.kind == "fixed" else 1)
        if gives(subject.model.knowledge, attack.needs)
        else 0
        for attack in attacks
    ]
    sampled = {"off": 0.0, "light": 0.0, "quick": min(SAMPLE / n, 1.0), "full": 1.0}[checks]
    # reading what the attacks found is never quite nothing
    weights.append(max(sum(weights), 1) * max(_AGAIN * sampled, 0.01))
    whole = sum(weights)

    def step(done: float, total: int, name: str) -> None:
        number = min(int(done), len(weights))
        part = weights[number] * (done - number) if number < len(weights) else 0.0
        on_step(total * (sum(weights[:number]) + part) / whole, total, name)

    return step
