"""Conversion of a supplied model to a ``Model``.

A supplied model is a torch module, a fitted estimator, a library's model, or any callable.
"""

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
    """Return ``model`` as an attackable model of encoded rows; the object itself is not changed.

    ``model``: a torch module of numbers -> logits (n, k), a fitted scikit-learn classifier or
    pipeline, a ``LibraryModel``, a ``Model``, or a callable (n, c) -> labels (n,) or scores (n, k);
    it gets the data's own columns in the form that it takes. For two classes a single output, (n,)
    or (n, 1), is enough: ``output``, of ``OUTPUTS``, states its meaning, and that it is not labels;
    None to decide by its values. ``rows``: rows on which it is tried. ``classes``: the k labels, in
    the order of the scores. If a module returns probabilities, the scores are their logarithms, see
    ``LogProbabilities``; a linear classifier has its weights as gradients, see ``AffineGradients``.
    Raises ``ConfigurationError`` or ``DataError`` if the output is not valid, or if it predicts
    other labels for the rows in their original types.
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
    # functions, and estimators that are not affine, stay as they are: they have no gradients
    return with_affine_gradients(logarithmic(made, answer), rows.x)


def classes_of(model: Any, rows: Rows, y: Any, output: str | None = None) -> tuple[Label, ...]:
    """Return the labels of a model's classes, in the order of its scores.

    If an estimator or a file has its own classes, returns these. For k scores, returns the whole
    numbers below k if all labels ``y`` (n,) are among them, including 0; otherwise ``y``, sorted,
    if there are k different labels. For a callable that returns labels, returns ``y``, sorted. A
    single output has two classes. ``y``: the labels of all known rows. Raises errors as
    ``as_model`` does, and ``ConfigurationError`` if ``y`` does not determine the classes of k
    scores.
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
    # without 0, labels may also be counted from 1, with no row of the last class
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
    """Return the labels that an estimator or a file assigns to its scores, None if it has none."""
    return supplied_as(model).classes


def _refuse_misread(supplied: Supplied, rows: Rows, answer: Any, single: OneOutput | None) -> None:
    """Raise an error if the model misreads rows; ``single``: its single output, if it has one."""
    view = supplied.misreading(rows)
    if view is None:
        return

    def read(found: Any) -> Any:
        found = np.asarray(found)
        return flat(found) if single is None else single.both(found.reshape(-1, 1))

    refuse_misread(lambda model_rows: read(supplied.ask(model_rows)), view, rows, read(answer))
