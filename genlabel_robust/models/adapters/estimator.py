"""Adapter of a fitted estimator, queried on encoded rows."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.data.rows import Rows
from genlabel_robust.models.adapters.without_gradients import WithoutGradients, form_without_names
from genlabel_robust.models.answers import (
    FOR_CHANGED,
    answering,
    check_scores,
    coded,
    flat,
    one_hot,
)
from genlabel_robust.models.inputs.view import Form, View, columns_of, view_of
from genlabel_robust.structure.forest import Votes, forest_votes
from genlabel_robust.threat import Knowledge

#: Modules whose estimators have finite probabilities for all valid input: these are not checked
#: with each decision, since they cost as much as the decision.
_FINITE = (
    "sklearn.tree",
    "sklearn.ensemble._forest",
    "sklearn.ensemble._gb",
    "sklearn.neighbors",
    "sklearn.ensemble._hist_gradient_boosting",
    "xgboost",
    "lightgbm",
    "catboost",
)


@dataclass(frozen=True, eq=False)
class EstimatorAdapter(WithoutGradients):
    """A fitted scikit-learn classifier on the data's own columns, with its own labels."""

    estimator: Any

    @property
    def knowledge(self) -> Knowledge:
        """Either "scores", if it has probabilities, or "decisions"."""
        known = hasattr(self.estimator, "predict_proba") and hasattr(self.estimator, "classes_")
        return "scores" if known else "decisions"

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return probabilities, or 1 for the predicted class: (n, d) -> (n, k)."""
        if self.knowledge != "scores":
            return one_hot(self.predict(raw), self.n_classes)
        found = self._answer(self.estimator.predict_proba, raw, np.float64)
        check_scores(found, len(raw), len(self.columns))
        scores = np.zeros((len(raw), self.n_classes))
        scores[:, self.columns] = found
        return scores

    def predict(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row: (n, d) -> (n,).

        Raises ``DataError`` if probabilities are not finite: the label of the largest one is then
        not a decision, and the row might count as robust.
        """
        if not self._can_be_nan:
            return coded(flat(self._answer(self.estimator.predict, raw)), self.classes)
        transform, last = self._steps
        with answering(self.estimator, len(raw), len(self.view.order), FOR_CHANGED):
            # transformed once for both queries: this is most of the cost of a pipeline
            rows = transform(self.view(raw))
            found, labels = np.asarray(last.predict_proba(rows), np.float64), last.predict(rows)
        check_scores(found, len(raw), len(self.columns))
        return coded(flat(np.asarray(labels)), self.classes)

    def decide(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row, for forests by flat arrays: (n, d) -> (n,)."""
        if self._votes is None:
            return self.predict(raw)
        matrix = self.view.encoding.matrix(raw)[:, self.view.order]
        winners = self._votes(matrix.astype(np.float32)).argmax(axis=1)
        return np.asarray(self.columns[winners])

    @cached_property
    def columns(self) -> IntArray:
        """The position in ``classes`` of each score of the estimator."""
        return coded(np.asarray(self.estimator.classes_), self.classes)

    @cached_property
    def _can_be_nan(self) -> bool:
        last = self.estimator
        while isinstance(steps := getattr(last, "steps", None), list) and steps:
            last = steps[-1][1]
        return self.knowledge == "scores" and not type(last).__module__.startswith(_FINITE)

    @cached_property
    def _steps(self) -> tuple[Callable[[Any], Any], Any]:
        """The transformation before the estimator's last step, and that step."""
        from sklearn.pipeline import Pipeline

        if type(self.estimator) is not Pipeline or len(self.estimator.steps) < 2:
            return lambda rows: rows, self.estimator
        return self.estimator[:-1].transform, self.estimator.steps[-1][1]

    @cached_property
    def _votes(self) -> Votes | None:
        # the flat arrays do not contain the direction of missing values
        return forest_votes(self.estimator) if self.view.encoding.plain else None


def estimator_view(estimator: Any, rows: Rows) -> View:
    """Return how ``estimator`` takes ``rows``: as a frame if it was fitted on one.

    Also as a frame if the estimator does not say what it was fitted on and the rows came in a frame
    that an array cannot represent.
    """
    names, width = columns_of(estimator)
    if names is not None:
        return view_of(rows, "frame", names)
    on_array = width is not None and not rows.encoding.has_categories
    form: Form = "matrix" if on_array else form_without_names(rows)
    if width is not None and _miscounted(estimator, rows, form, width):
        width = None
    return view_of(rows, form, width=width)


def _miscounted(estimator: Any, rows: Rows, form: Form, width: int) -> bool:
    """Return whether the predictions of ``estimator`` contradict the ``width`` that it states.

    They do if it predicts the full rows, but not their first ``width`` columns. Some estimators
    predict for columns beyond those that they know, and use only the first.
    """
    if width == len(rows.encoding.columns):
        return False
    model_rows = view_of(rows, form)(rows.x)
    if not _answers(estimator, model_rows):
        return False
    fewer = model_rows[:, :width] if form == "matrix" else model_rows.iloc[:, :width]
    return fewer.shape[1] < width or not _answers(estimator, fewer)


def _answers(estimator: Any, model_rows: Any) -> bool:
    try:
        return len(estimator.predict(model_rows)) == len(model_rows)
    except Exception:  # it may raise anything for rows that it was not made for
        return False
