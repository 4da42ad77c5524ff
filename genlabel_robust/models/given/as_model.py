"""A model that lives in memory: a torch module, a fitted estimator, or any callable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias, cast

import numpy as np
from torch import nn

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.data.arrays import Rows
from genlabel_robust.data.classes import Classes, Label, in_order, label_text, labels
from genlabel_robust.data.wording import plural
from genlabel_robust.models.answers import answering, check_scores, coded, refuse_not_finite
from genlabel_robust.models.foreign.native import Native
from genlabel_robust.models.given.module import GivenModule, module_answer
from genlabel_robust.models.given.native import GivenNative, native_view
from genlabel_robust.models.given.opaque import (
    GivenEstimator,
    GivenFunction,
    estimator_view,
    function_view,
)
from genlabel_robust.models.given.source import refuse_misread
from genlabel_robust.models.given.view import View, refuse_not_numbers
from genlabel_robust.models.log_probabilities import logarithmic
from genlabel_robust.models.model import Model

_Kind: TypeAlias = Literal["native", "model", "module", "estimator", "function"]
#: What an object has that is a ``Model`` already.
_OF_A_MODEL = ("knowledge", "n_classes", "predict", "scores", "decide", "vjp")


def as_model(model: Any, rows: Rows, classes: Sequence[Label]) -> Model:
    """Return ``model`` as one of encoded rows that can be attacked; it is itself not changed.

    ``model``: a torch module of numbers -> logits (n, k), a fitted scikit-learn classifier or
    pipeline, a ``Native``, a ``Model``, or a callable (n, c) -> labels (n,) or scores (n, k);
    it is shown the data's own columns as it takes them. ``rows``: it is tried on them.
    ``classes``: the k labels, in the order of the scores. Where a module gives probabilities,
    the result has their logarithms as scores, see ``LogProbabilities``. Raises
    ``ConfigurationError`` or ``DataError`` if it does not answer as it should, or takes these
    rows for others.
    """
    known = Classes(tuple(classes))
    kind = _kind(model)
    answer = first_answer(model, rows)
    if answer.ndim == 1:
        coded(answer, known)
    else:
        check_scores(answer, len(rows.x), len(known))
    _refuse_misread(kind, model, rows, answer)
    if kind == "estimator":
        return GivenEstimator(known, estimator_view(model, rows), model)
    if kind == "function":
        return GivenFunction(known, function_view(rows), model, gives_scores=answer.ndim == 2)
    if kind == "module":
        return logarithmic(GivenModule(model, len(known)), answer)
    if kind == "native":
        _refuse_other_classes(model, known)
        return logarithmic(GivenNative(model, native_view(model, rows)), answer)
    return logarithmic(cast("Model", model), answer)


def classes_of(model: Any, rows: Rows, y: Any) -> tuple[Label, ...]:
    """Return the labels of a model's classes, in the order of its scores.

    An estimator's or a file's own; for k scores the labels ``y`` (n,), sorted, if there are k
    of them, else the whole numbers below k if ``y`` are among them, 0 included; for a callable
    that returns labels those of ``y``, sorted. ``y``: of all rows that are known. Raises as
    ``as_model``, and ``ConfigurationError`` where k scores cannot be told apart by ``y``.
    """
    own = named_classes(model)
    if own is not None:
        return own
    kind, found = _kind(model), in_order(labels(y))
    if kind in ("native", "model"):
        k = int(model.n_classes)
    else:
        answer = first_answer(model, rows)
        if answer.ndim == 1:
            return found
        k = answer.shape[1]
    counted = Classes(tuple(range(k)))
    codes = [counted.code(label) for label in found]
    # without 0, they may as well be counted from 1, the last without a row
    if -1 not in codes and 0 in codes:
        return tuple(range(k))
    if len(found) == k:
        return found
    raise ConfigurationError(
        f"the model gives {k} scores, and y has {plural(len(found), 'label')}, such as "
        f"{found[0]!r}; name the label of each score, with --class for each in their order (from "
        "Python: classes=[...]), or give reference rows with labels, if these have the others"
    )


def named_classes(model: Any) -> tuple[Label, ...] | None:
    """Return the labels that an estimator or a file itself gives its scores, None without any."""
    kind = _kind(model)
    own = getattr(model, {"estimator": "classes_", "native": "classes"}.get(kind, ""), None)
    if kind == "estimator":
        return tuple(own.tolist()) if isinstance(own, np.ndarray) else None
    return None if own is None else tuple(own)


def first_answer(model: Any, rows: Rows) -> Any:
    """Return what ``model`` says of the rows: labels (n,) or scores (n, k).

    Raises ``ConfigurationError`` if it is no model, or refuses the rows.
    """
    kind, n = _kind(model), len(rows.x)
    if kind == "native":
        made = GivenNative(model, native_view(model, rows))
        return made.scores(rows.x)
    if kind in ("module", "model"):
        named = "a torch module" if kind == "module" else f"a {type(model).__name__}"
        refuse_not_numbers(rows, named)
    view, ask = _opaque(kind, model, rows)
    with answering(model, n, len(view.order)):
        if kind == "module":
            answer = module_answer(model, rows.x)
        elif kind == "model":
            answer = np.asarray(model.scores(rows.x))
        else:
            answer = np.asarray(ask(view(rows.x)))
    wanted = "labels (n,)" if kind == "estimator" else "scores (n, k) for k of 2 or more"
    two = answer.ndim == 2 and answer.shape[1] >= 2 and kind != "estimator"
    one = answer.ndim == 1 and kind in ("estimator", "function")
    if not (one or two) or len(answer) != n:
        raise ConfigurationError(
            f"the model ({type(model).__name__}) gives an array of shape {answer.shape} for "
            f"{n} rows; it must give {wanted}"
        )
    if two:
        refuse_not_finite(answer)
    return answer


def _kind(model: Any) -> _Kind:
    if not isinstance(model, type):
        if isinstance(model, nn.Module):
            return "module"
        if isinstance(model, Native):
            return "native"
        if all(hasattr(model, name) for name in _OF_A_MODEL):
            return "model"
        if callable(getattr(model, "predict", None)):
            return "estimator"
        if callable(model):
            return "function"
    raise ConfigurationError(
        f"{model!r} is no model; give a torch module, a fitted scikit-learn estimator, or a "
        "callable that returns labels (n,) or scores (n, k)"
    )


def _opaque(kind: _Kind, model: Any, rows: Rows) -> tuple[View, Callable[[Any], Any]]:
    """Return how a model that is no library's own file sees ``rows``, and what is called."""
    if kind == "estimator":
        return estimator_view(model, rows), model.predict
    return function_view(rows), model


def _refuse_misread(kind: _Kind, model: Any, rows: Rows, answer: Any) -> None:
    if kind in ("estimator", "function"):
        view, ask = _opaque(kind, model, rows)
        refuse_misread(ask, view, rows, answer)
    elif kind == "native" and model.takes == "frame":
        ask = model.codes if model.knowledge == "decisions" else model.scores
        refuse_misread(ask, native_view(model, rows), rows, answer)


def _refuse_other_classes(native: Native, classes: Classes) -> None:
    if native.classes is not None:
        own = tuple(label_text(label) for label in native.classes)
        if own != classes.names:
            raise ConfigurationError(
                f"the model says that its classes are {list(own[:10])}, in this order, and not "
                f"{list(classes.names[:10])}; leave the classes to the model"
            )
