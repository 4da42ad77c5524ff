"""What kind of model it is, what it says of the rows at first, and what that answer is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Literal, TypeAlias

import numpy as np
from torch import nn

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.data.classes import Label, label_text
from genlabel_robust.data.rows import Rows
from genlabel_robust.models.adapters.estimator import estimator_view, function_view
from genlabel_robust.models.adapters.library import LibraryAdapter, library_view
from genlabel_robust.models.adapters.library_model import LibraryModel
from genlabel_robust.models.adapters.torch_module import module_answer
from genlabel_robust.models.answers import answering, flat, refuse_not_finite
from genlabel_robust.models.estimator_type import refuse_regressor
from genlabel_robust.models.inputs.box import points_of_box
from genlabel_robust.models.inputs.view import View, refuse_not_numbers

#: What a model answers: labels, a score for each class, or one for two.
Form: TypeAlias = Literal["labels", "scores", "one"]
Kind: TypeAlias = Literal["native", "model", "module", "estimator", "function"]
#: What an object has that is a ``Model`` already.
_OF_A_MODEL = ("knowledge", "n_classes", "predict", "scores", "decide", "vjp")


def first_answer(model: Any, rows: Rows) -> Any:
    """Return what ``model`` says of the rows: labels (n,), scores (n, k), or one output.

    Raises ``ConfigurationError`` if it is no model, or refuses the rows.
    """
    kind, n = kind_of(model), len(rows.x)
    if kind == "native":
        made = LibraryAdapter(model, library_view(model, rows))
        return made.scores(rows.x)
    if kind in ("module", "model"):
        named = "a torch module" if kind == "module" else f"a {type(model).__name__}"
        refuse_not_numbers(rows, named)
    if kind == "estimator":
        refuse_regressor(model)
    view, ask = opaque(kind, model, rows)
    with answering(model, n, len(view.order)):
        if kind == "module":
            answer = module_answer(model, rows.x)
        elif kind == "model":
            answer = np.asarray(model.scores(rows.x))
        else:
            answer = np.asarray(ask(view(rows.x)))
    labelled = kind == "estimator" and _says_labels(model)
    one = answer.shape[1:] in ((), (1,))
    several = answer.ndim == 2 and answer.shape[1] > 1 and not labelled
    if not (one or several) or len(answer) != n:
        wanted = "labels (n,)" if labelled else "scores (n, k), one for each of k classes"
        raise ConfigurationError(
            f"the model ({type(model).__name__}) gives an array of shape {answer.shape} for "
            f"{n} rows; it must give {wanted}"
        )
    if answer.dtype.kind == "f" and not labelled:
        refuse_not_finite(answer.reshape(n, -1))
    return answer


def form_of(
    model: Any, rows: Rows, answer: Any, known: Sequence[Label], output: str | None
) -> Form:
    """Return what an ``answer`` of ``first_answer`` is; ``known``: the labels that there are.

    Floats that are all among the labels are labels, and so are those that are all whole, which
    may be of a class that is not known: but for zeros and ones of which a point of the box is
    neither, as where a net is sure of itself.
    """
    kind = kind_of(model)
    if answer.ndim == 2 and answer.shape[1] > 1:
        if output is not None:
            raise ConfigurationError(
                f"the model gives {answer.shape[1]} scores for each row, and what one output is "
                f"was said (--output {output}, from Python: output={output!r}); leave that out"
            )
        return "scores"
    if kind in ("module", "native", "model"):
        return "one"
    if kind == "estimator" and _says_labels(model):
        return "labels"
    if output is not None:
        return "one"
    values = flat(answer)
    if values.dtype.kind != "f" or _among(values, known):
        if values.dtype.kind != "f" or not np.isin(values, (0.0, 1.0)).all():
            return "labels"
        view, ask = opaque(kind, model, rows)
        with suppress(Exception):  # the box may hold what it was not made for
            values = flat(np.asarray(ask(view(points_of_box(rows, 1000))), dtype=np.float64))
    return "labels" if (values == np.rint(values)).all() else "one"


def view_shown(model: Any, rows: Rows) -> View | None:
    """Return how ``model`` sees ``rows``; None if as an array in the data's own order."""
    kind = kind_of(model)
    if kind == "native":
        return library_view(model, rows)
    return None if kind in ("module", "model") else opaque(kind, model, rows)[0]


def kind_of(model: Any) -> Kind:
    """Return what kind of model it is; raises ``ConfigurationError`` if it is none."""
    if not isinstance(model, type):
        if isinstance(model, nn.Module):
            return "module"
        if isinstance(model, LibraryModel):
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


def opaque(kind: Kind, model: Any, rows: Rows) -> tuple[View, Callable[[Any], Any]]:
    """Return how a model that is no library's own file sees ``rows``, and what is called."""
    if kind == "estimator":
        return estimator_view(model, rows), model.predict
    return function_view(rows), model


def _says_labels(estimator: Any) -> bool:
    """Say whether an estimator has classes of its own, so that it predicts labels."""
    return hasattr(estimator, "classes_") or hasattr(estimator, "predict_proba")


def _among(values: Any, known: Sequence[Label]) -> bool:
    """Say whether all ``values`` (n,) are written as one of the labels ``known``."""
    written = {label_text(label) for label in known}
    return all(label_text(value) in written for value in np.unique(values).tolist())
