"""Comparison of a model's predictions on the untouched rows with the stored ones."""

from collections.abc import Iterator

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray, logit_margin
from genlabel_robust.data import Task
from genlabel_robust.data.scaling import fills_array
from genlabel_robust.models import Model, TorchModel
from genlabel_robust.models.model import SklearnModel
from genlabel_robust.runs.cells.cell import Cell, CellResult
from genlabel_robust.threat import AttackSpace
from genlabel_robust.verify.finding import Finding, rows_named

#: The difference of float32 scores on two machines, as a fraction of the largest score.
ROUNDING = 1e-5
_SAME = 1e-6


def predicted(model: Model, raw: FloatArray, labels: IntArray) -> BoolArray:
    """Mark the rows (q,) of ``raw`` (q, d) for which the model predicts ``labels`` (q,).

    If scores of a net tie up to another machine's rounding, both labels count as predicted.
    """
    same = np.asarray(model.predict(raw) == labels)
    if isinstance(model, SklearnModel) or same.all():
        return same
    scores = model.scores(raw)
    valid = (labels >= 0) & (labels < scores.shape[1])
    own = scores[np.arange(len(raw)), np.where(valid, labels, 0)]
    top = scores.max(axis=1)
    return np.asarray(same | (valid & (top - own <= ROUNDING * np.abs(scores).max(axis=1))))


def mislabelled(model: Model, raw: FloatArray, y: IntArray) -> BoolArray:
    """Mark the rows (q,) of ``raw`` (q, d) that are misclassified, or whose label ties.

    ``y`` (q,): the true labels.
    """
    wrong = np.asarray(model.predict(raw) != y)
    if isinstance(model, SklearnModel) or wrong.all():
        return wrong
    scores = model.scores(raw)
    margin = np.abs(logit_margin(scores, y))
    return np.asarray(wrong | (margin <= ROUNDING * np.abs(scores).max(axis=1)))


def clean_rows(result: CellResult, task: Task, model: Model) -> BoolArray:
    """Mark the correctly classified test rows (n,); the stored prediction decides a tie."""
    own, stored = model.predict(task.x_test), result.predictions
    labels = np.where(predicted(model, task.x_test, stored), stored, own)
    return np.asarray(labels == task.y_test)


def check_clean(
    cell: Cell,
    result: CellResult,
    task: Task,
    model: Model,
    exact: FloatArray | None,
    space: AttackSpace,
) -> Iterator[Finding]:
    """Predict every row again; compare labels, logit margins and exact margins.

    ``exact`` (n,): the recomputed margins of an affine model, None for other models.
    """
    ids, raw, y = task.test_ids, task.x_test, task.y_test
    bad = ~predicted(model, raw, result.predictions)
    if bad.any():
        first = int(bad.argmax())
        yield Finding(
            cell.label,
            f"{rows_named(bad, ids)}: the model's prediction is not the stored one "
            f"({result.predictions[first]}, and {model.predict(raw[first : first + 1])[0]} when "
            "predicted again)",
        )
    scores = model.scores(raw)
    margins = logit_margin(scores, y)
    bad = ~(np.abs(margins - result.logit_margin) <= ROUNDING * (1 + np.abs(scores).max(axis=1)))
    if bad.any():
        first = int(bad.argmax())
        yield Finding(
            cell.label,
            f"{rows_named(bad, ids)}: the stored margin of the scores is not the model's "
            f"({result.logit_margin[first]:.9g}, and {margins[first]:.9g} when computed again)",
        )
    yield from _check_exact(cell, result, task, exact, space)


def check_scaling(cell: Cell, task: Task, model: Model) -> Iterator[Finding]:
    """Compare the scaling stored with a trained model to that of the data."""
    if not isinstance(model, TorchModel | SklearnModel):
        return
    parts = {
        "offset": (model.scaling.offset, task.scaling.offset),
        "scale": (model.scaling.scale, task.scaling.scale),
        "fills": (fills_array(model.scaling), fills_array(task.scaling)),
    }
    for part, (stored, own) in parts.items():
        if stored.shape != own.shape or not np.allclose(stored, own, rtol=1e-12, atol=0):
            yield Finding(
                cell.label, f"the {part} of the scaling in its weights is not that of the data"
            )


def _check_exact(
    cell: Cell, result: CellResult, task: Task, exact: FloatArray | None, space: AttackSpace
) -> Iterator[Finding]:
    if exact is not None and result.exact is None and space.discrete:
        return  # an older version made the run, without exact values for integer features
    if exact is None and result.certificate is not None and result.exact is not None:
        # not affine: the exact margins come from the certificates, which are checked separately
        exact = result.certificate.upper
    if (exact is None) != (result.exact is None):
        word = (
            "has no exact margins, and some are stored"
            if exact is None
            else ("has exact margins, and none are stored")
        )
        yield Finding(cell.label, f"the model {word}")
    elif exact is not None and result.exact is not None:
        with np.errstate(invalid="ignore"):  # inf - inf
            same = np.abs(exact - result.exact) <= _SAME * np.abs(exact)
        bad = ~(same | (exact == result.exact))
        if bad.any():
            first = int(bad.argmax())
            yield Finding(
                cell.label,
                f"{rows_named(bad, task.test_ids)}: the stored exact margin is not the model's "
                f"({result.exact[first]:.9g}, and {exact[first]:.9g} when computed again)",
            )
