"""A model that lives in memory: a torch module, a fitted estimator, or any callable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import nn

from genlabel_robust.core.arrays import FloatArray
from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.data.arrays import Label, in_order
from genlabel_robust.data.wording import plural
from genlabel_robust.models.answers import check_scores, coded, refuse_not_finite
from genlabel_robust.models.given_module import GivenModule, module_answer
from genlabel_robust.models.given_opaque import GivenEstimator, GivenFunction, framed
from genlabel_robust.models.model import Model


def as_model(
    model: Any, x: FloatArray, classes: Sequence[Label], names: Sequence[str] = ()
) -> Model:
    """Return ``model`` as one that can be attacked; it is itself not changed.

    ``model``: a torch module of raw features -> logits (n, k), a fitted scikit-learn
    classifier or pipeline, or a callable (n, d) -> labels (n,) or scores (n, k). ``x``
    (n, d): rows that it is tried on. ``classes``: the k labels, in the order of the scores.
    ``names`` (d,): the columns, for an estimator that was fitted on a frame. Raises
    ``ConfigurationError`` or ``DataError`` if it does not answer as it should.
    """
    number = {label: code for code, label in enumerate(classes)}
    answer = first_answer(model, x, names)
    if isinstance(model, nn.Module):
        check_scores(answer, len(x), len(number))
        return GivenModule(model, len(number))
    if _is_estimator(model):
        coded(answer, number)
        return GivenEstimator(model, number, tuple(names))
    if answer.ndim == 1:
        coded(answer, number)
    else:
        check_scores(answer, len(x), len(number))
    return GivenFunction(model, number, gives_scores=answer.ndim == 2)


def classes_of(
    model: Any, x: FloatArray, y: Sequence[Label], names: Sequence[str] = ()
) -> tuple[Label, ...]:
    """Return the labels of a model's classes, in the order of its scores.

    An estimator's own; for k scores the whole numbers below k if the labels ``y`` are
    among them, else the labels ``y``, sorted, if there are k of them; for a callable that
    returns labels those of ``y``, sorted. Raises as ``as_model``, and
    ``ConfigurationError`` where k scores cannot be told apart by ``y``.
    """
    own = getattr(model, "classes_", None)
    if _is_estimator(model) and isinstance(own, np.ndarray):
        return tuple(own.tolist())
    answer = first_answer(model, x, names)
    found = in_order(y)
    if answer.ndim == 1:
        return found
    k = answer.shape[1]
    if all(label in range(k) for label in found):
        return tuple(range(k))
    if len(found) == k:
        return found
    raise ConfigurationError(
        f"the model gives {k} scores, and y has {plural(len(found), 'label')}, such as "
        f"{found[0]!r}; name the label of each score, in their order: classes=[...]"
    )


def first_answer(model: Any, x: FloatArray, names: Sequence[str] = ()) -> Any:
    """Return what ``model`` says of ``x`` (n, d): labels (n,) or scores (n, k).

    Raises ``ConfigurationError`` if it is no model, or refuses the rows.
    """
    if isinstance(model, type) or not (
        isinstance(model, nn.Module) or _is_estimator(model) or callable(model)
    ):
        raise ConfigurationError(
            f"{model!r} is no model; give a torch module, a fitted scikit-learn estimator, or a "
            "callable that returns labels (n,) or scores (n, k)"
        )
    kind = type(model).__name__
    try:
        if isinstance(model, nn.Module):
            answer = module_answer(model, x)
        elif _is_estimator(model):
            answer = np.asarray(model.predict(framed(model, x, names)))
        else:
            answer = np.asarray(model(x.copy()))
    except Exception as error:  # whatever a model that was made for other rows may raise
        told = " ".join(str(error).split()) or type(error).__name__
        raise ConfigurationError(
            f"the model ({kind}) cannot answer for {plural(len(x), 'row')} of "
            f"{plural(x.shape[1], 'feature')}: {told}"
        ) from error
    wanted = "labels (n,)" if _is_estimator(model) else "scores (n, k) for k of 2 or more"
    two = answer.ndim == 2 and answer.shape[1] >= 2 and not _is_estimator(model)
    one = answer.ndim == 1 and not isinstance(model, nn.Module)
    if not (one or two) or len(answer) != len(x):
        raise ConfigurationError(
            f"the model ({kind}) gives an array of shape {answer.shape} for {len(x)} rows; "
            f"it must give {wanted}"
        )
    if two:
        refuse_not_finite(answer)
    return answer


def _is_estimator(model: Any) -> bool:
    return not isinstance(model, nn.Module) and callable(getattr(model, "predict", None))
