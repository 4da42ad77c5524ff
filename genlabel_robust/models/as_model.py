"""A supplied model: a torch module, a fitted estimator, a library's model, or any callable."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from genlabel_robust.core import ConfigurationError, plural
from genlabel_robust.data.classes import Classes, Label, in_order, labels
from genlabel_robust.data.rows import Rows
from genlabel_robust.models.adapters.log_probabilities import logarithmic
from genlabel_robust.models.adapters.one_output import OneOutput, one_output, refuse_one_for_many
from genlabel_robust.models.answers import check_scores, coded, flat
from genlabel_robust.models.inputs.misread import refuse_misread
from genlabel_robust.models.linear_gradients import with_affine_gradients
from genlabel_robust.models.model import Model
from genlabel_robust.models.supplied.kinds import supplied_as
from genlabel_robust.models.supplied.supplied import Supplied


def as_model(model: Any, rows: Rows, classes: Sequence[Label], output: str | None = None) -> Model:
    """Return ``model`` as one of encoded rows that can be attacked; it is itself not changed.

    ``model``: a torch module of numbers -> logits (n, k), a fitted scikit-learn classifier or
    pipeline, a ``LibraryModel``, a ``Model``, or a callable (n, c) -> labels (n,) or scores
    (n, k); it is shown the data's own columns as it takes them. For two classes one output, (n,)
    or (n, 1), will do: ``output``, of ``OUTPUTS``, says what it is, and that it is none of
    labels; None to tell by what it gives. ``rows``: it is tried on them. ``classes``: the k
    labels, in the order of the scores. Where a module gives probabilities, the result has their
    logarithms as scores, see ``LogProbabilities``; a linear classifier has its weights as
    gradients, see ``AffineGradients``. Raises ``ConfigurationError`` or ``DataError`` if it
    does not answer as it should, or takes these rows for others.
    """
    known, supplied = Classes(tuple(classes)), supplied_as(model)
    answer = supplied.answer(rows)
    form = supplied.form(rows, answer, known.labels, output)
    if form == "one":
        single = one_output(supplied.adapted(rows, known, 1), rows, known, output)
        _refuse_misread(supplied, rows, answer, single)
        return logarithmic(single, single.scores(rows.x))
    if form == "labels":
        coded(flat(answer), known)
    else:
        check_scores(answer, len(rows.x), len(known))
    _refuse_misread(supplied, rows, answer, None)
    made = supplied.adapted(rows, known, None if form == "labels" else len(known))
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
    supplied = supplied_as(model)
    if supplied.classes is not None:
        return supplied.classes
    found, k = in_order(labels(y)), supplied.n_scores
    if k is None:
        answer = supplied.answer(rows)
        form = supplied.form(rows, answer, found, output)
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
        f"the model returns {gives}, but y has {plural(len(found), 'label')}, such as "
        f"{found[0]!r}; name the labels in the order of the scores, each with --class (in Python: "
        "classes=[...]), or give reference rows that have the other labels"
    )


def named_classes(model: Any) -> tuple[Label, ...] | None:
    """Return the labels that an estimator or a file itself gives its scores, None without any."""
    return supplied_as(model).classes


def _refuse_misread(supplied: Supplied, rows: Rows, answer: Any, single: OneOutput | None) -> None:
    """Raise where it takes rows for others; ``single``: how its one output is read, if so."""
    view = supplied.misreading(rows)
    if view is None:
        return

    def read(found: Any) -> Any:
        found = np.asarray(found)
        return flat(found) if single is None else single.both(found.reshape(-1, 1))

    refuse_misread(lambda shown: read(supplied.ask(shown)), view, rows, read(answer))
