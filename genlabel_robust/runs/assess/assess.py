"""The assessment of a trained model on the test rows, as the result of a cell."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.certify.certificate import Certificate, refuse_contradiction
from genlabel_robust.certify.effort import Effort
from genlabel_robust.certify.exact import exact_margins, refuse_impossible
from genlabel_robust.core import DataError, FloatArray, IntArray, logit_margin
from genlabel_robust.core.files.large_arrays import NewArray, in_memory, in_parts
from genlabel_robust.models.structures.quick_model import quick_model
from genlabel_robust.runs.assess.attacking import Attacked, Step
from genlabel_robust.runs.assess.pieces.piece import CarryOut, Case, in_turn
from genlabel_robust.runs.assess.pieces.weights import Weights
from genlabel_robust.runs.assess.pieces.work import Work
from genlabel_robust.runs.assess.probes import Subject
from genlabel_robust.runs.assess.proving import look_inside
from genlabel_robust.runs.cells.cell import CellResult, Checks, Inside
from genlabel_robust.threat.table_columns import TableColumn


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
    carry_out: CarryOut = in_turn,
    new_array: NewArray = in_memory,
) -> CellResult:
    """Attack the rows of ``subject``, certify them, and probe the model.

    ``ids`` (n,): the rows' numbers in their source; ``columns`` (c,): the table's columns for the
    search of few features, empty to skip it; ``max_seconds``: as for ``attack_model``, and for the
    probes' attacks too; ``certify``, ``certify_seconds``: as in ``Cell``; ``on_step``: as for
    ``attack_model``. ``carry_out``: carries out the pieces of the work. The division into pieces
    depends only on the number of rows, so the result does not depend on who carries them out.
    ``new_array``: makes the arrays with data of all rows. Raises ``DataError`` if the model's
    scores are not finite, ``AttackError`` if an attack breaks a proved example.
    """
    model = subject.model
    scores = in_parts(model.scores, subject.raw)
    _refuse_unscored(scores, ids)
    started = time.perf_counter()
    structure = look_inside(subject, certify)
    looked_for = time.perf_counter() - started
    case = Case(
        replace(subject, quick=quick_model(model, structure, subject.raw, subject.space)),
        ids,
        np.asarray(in_parts(model.predict, subject.raw) == subject.y),
        structure,
        certify,
        columns if subject.space.mutable.any() else (),
        early_stop,
        checks == "full",
        max_seconds,
        new_array,
    )
    work = Work(case, carry_out, Weights.of(subject, checks), on_step)
    attacked, certificate, inside = work.attacks_and_proofs(certify_seconds)
    exact = _consistent(case, attacked, certificate, inside)
    few, probes, probing = work.columns_and_checks(attacked, certificate, checks)
    return CellResult(
        ids=ids,
        labels=subject.y,
        predictions=_as_attacked(in_parts(model.predict, subject.raw), scores, subject.y, attacked),
        logit_margin=logit_margin(scores, subject.y),
        attacks=tuple(attack.name for attack in subject.attacks),
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
            "attack": work.seconds["attack"],
            "certify": work.seconds["certify"] + looked_for,
            "few_features": work.seconds["few_features"],
            "checks": work.seconds["checks"] + probing,
        },
        certificate=certificate,
        inside=inside,
        few=few,
    )


def _consistent(
    case: Case, attacked: Attacked, certificate: Certificate | None, inside: Inside
) -> FloatArray | None:
    """Return the exact distances (n,) if all are known; raise an error if an attack is nearer."""
    of = case.subject
    rows, names = (of.model, of.space, of.raw, of.y), tuple(one.name for one in of.attacks)
    exact = exact_margins(*rows, of.threat.norm, case.structure)
    refuse_impossible(*rows, of.threat.norm, exact, names, attacked.distances, case.structure)
    if certificate is not None:
        about = inside.about or ""
        refuse_contradiction(certificate, about, names, attacked.distances, case.row_name)
        if exact is None and certificate.exact.all():
            exact = certificate.upper
    return exact


def _as_attacked(
    predictions: IntArray, scores: FloatArray, y: IntArray, attacked: Attacked
) -> IntArray:
    """Return ``predictions`` (n,) that agree with the attacks' outcomes.

    The predictions of a model that depends on chance may differ from those before the attacks.
    Rows that count as misclassified get a wrong label, and attacked rows their true one.
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
    """Raise ``DataError`` if the model's scores are not finite for some row."""
    unscored = ~np.isfinite(scores).all(axis=1)
    if unscored.any():
        raise DataError(
            f"the model's scores are not finite for {int(unscored.sum())} test rows, the first is "
            f"row {ids[unscored.argmax()]} of its source; its features are too far from "
            "the training range for float32: remove or correct such rows"
        )
