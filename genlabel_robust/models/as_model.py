"""A model that lives in memory: a torch module, a fitted estimator, or any callable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.core.wording import plural
from genlabel_robust.data.classes import Classes, Label, in_order, label_text, labels
from genlabel_robust.data.rows import Rows
from genlabel_robust.models.adapters.estimator import EstimatorAdapter, FunctionAdapter
from genlabel_robust.models.adapters.library import LibraryAdapter, library_view
from genlabel_robust.models.adapters.library_model import LibraryModel
from genlabel_robust.models.adapters.log_probabilities import logarithmic
from genlabel_robust.models.adapters.one_output import OneOutput, one_output, refuse_one_for_many
from genlabel_robust.models.adapters.torch_module import ModuleAdapter, in_double
from genlabel_robust.models.answers import check_scores, coded, flat
from genlabel_robust.models.first_answer import Kind, first_answer, form_of, kind_of, opaque
from genlabel_robust.models.inputs.misread import refuse_misread
from genlabel_robust.models.linear_gradients import with_affine_gradients
from genlabel_robust.models.model import Model


def as_model(model: Any, rows: Rows, classes: Sequence[Label], output: str | None = None) -> Model:
    """Return ``model`` as one of encoded rows that can be attacked; it is itself not changed.

    ``model``: a torch module of numbers -> logits (n, k), a fitted scikit-learn classifier or
    pipeline, a ``LibraryModel``, a ``Model``, or a callable (n, c) -> labels (n,) or scores (n, k);
    it is shown the data's own columns as it takes them. For two classes one output, (n,) or
    (n, 1), will do: ``output``, of ``OUTPUTS``, says what it is, and that it is none of labels;
    None to tell by what it gives. ``rows``: it is tried on them. ``classes``: the k labels, in
    the order of the scores. Where a module gives probabilities, the result has their logarithms
    as scores, see ``LogProbabilities``; a linear classifier has its weights as gradients, see
    ``AffineGradients``. Raises ``ConfigurationError`` or ``DataError`` if it
    does not answer as it should, or takes these rows for others.
    """
    known = Classes(tuple(classes))
    kind = kind_of(model)
    answer = first_answer(model, rows)
    form = form_of(model, rows, answer, known.labels, output)
    if form == "one":
        single = one_output(_asked(kind, model, rows, known, 1), rows, known, output)
        _refuse_misread(kind, model, rows, answer, single)
        return logarithmic(single, single.scores(rows.x))
    if form == "labels":
        coded(flat(answer), known)
    else:
        check_scores(answer, len(rows.x), len(known))
    _refuse_misread(kind, model, rows, answer, None)
    if kind == "native":
        _refuse_other_classes(model, known)
    made = _asked(kind, model, rows, known, None if form == "labels" else len(known))
    # functions give no gradients, and stay as they are, and so do estimators that are not affine
    return with_affine_gradients(logarithmic(made, answer), rows.x)


def classes_of(model: Any, rows: Rows, y: Any, output: str | None = None) -> tuple[Label, ...]:
    """Return the labels of a model's classes, in the order of its scores.

    An estimator's or a file's own; for k scores the labels ``y`` (n,), sorted, if there are k
    of them, else the whole numbers below k if ``y`` are among them, 0 included; for a callable
    that returns labels those of ``y``, sorted; one output is of two classes. ``y``: of all rows
    that are known. Raises as ``as_model``, and ``ConfigurationError`` where k scores cannot be
    told apart by ``y``.
    """
    own = named_classes(model)
    if own is not None:
        return own
    kind, found = kind_of(model), in_order(labels(y))
    if kind in ("native", "model"):
        k = int(model.n_classes)
    else:
        answer = first_answer(model, rows)
        form = form_of(model, rows, answer, found, output)
        if form == "labels":
            return found
        k = 1 if form == "one" else answer.shape[1]
    if k == 1 and len(found) > 2:
        raise refuse_one_for_many(len(found))
    gives, k = ("one output for two classes", 2) if k == 1 else (f"{k} scores", k)
    counted = Classes(tuple(range(k)))
    codes = [counted.code(label) for label in found]
    # without 0, they may as well be counted from 1, the last without a row
    if -1 not in codes and 0 in codes:
        return tuple(range(k))
    if len(found) == k:
        return found
    raise ConfigurationError(
        f"the model gives {gives}, and y has {plural(len(found), 'label')}, such as "
        f"{found[0]!r}; name the label of each score, with --class for each in their order (from "
        "Python: classes=[...]), or give reference rows with labels, if these have the others"
    )


def named_classes(model: Any) -> tuple[Label, ...] | None:
    """Return the labels that an estimator or a file itself gives its scores, None without any."""
    kind = kind_of(model)
    own = getattr(model, {"estimator": "classes_", "native": "classes"}.get(kind, ""), None)
    if kind == "estimator":
        return tuple(own.tolist()) if isinstance(own, np.ndarray) else None
    return None if own is None else tuple(own)


def _asked(kind: Kind, model: Any, rows: Rows, known: Classes, n_scores: int | None) -> Model:
    """Return ``model`` as one of encoded rows; ``n_scores``: None for one that gives labels."""
    if kind == "module":
        wide = in_double(model, rows.x) if n_scores == 1 else None
        return ModuleAdapter(model, n_scores or 0, wide)
    if kind == "native":
        return LibraryAdapter(model, library_view(model, rows))
    if kind == "model":
        return cast("Model", model)
    view, ask = opaque(kind, model, rows)
    if kind == "estimator" and n_scores is None:
        return EstimatorAdapter(known, view, model)
    return FunctionAdapter(known, view, ask, n_scores)


def _refuse_misread(
    kind: Kind, model: Any, rows: Rows, answer: Any, single: OneOutput | None
) -> None:
    """Raise where it takes rows for others; ``single``: how its one output is read, if so."""
    ask: Callable[[Any], Any]
    if kind in ("estimator", "function"):
        view, ask = opaque(kind, model, rows)
    elif kind == "native" and model.takes == "frame":
        view = library_view(model, rows)
        ask = model.codes if model.knowledge == "decisions" else model.scores
    else:
        return

    def read(given: Any) -> Any:
        given = np.asarray(given)
        return flat(given) if single is None else single.both(given.reshape(-1, 1))

    refuse_misread(lambda shown: read(ask(shown)), view, rows, read(answer))


def _refuse_other_classes(model: LibraryModel, classes: Classes) -> None:
    if model.classes is not None:
        own = tuple(label_text(label) for label in model.classes)
        if own != classes.names:
            raise ConfigurationError(
                f"the model says that its classes are {list(own[:10])}, in this order, and not "
                f"{list(classes.names[:10])}; leave the classes to the model"
            )
