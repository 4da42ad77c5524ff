"""Adapter of a callable, queried on encoded rows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from genlabel_robust.core import ConfigurationError, FloatArray, IntArray
from genlabel_robust.data.rows import Rows
from genlabel_robust.models.adapters.without_gradients import WithoutGradients, form_without_names
from genlabel_robust.models.answers import check_scores, coded, flat, one_hot
from genlabel_robust.models.inputs.view import View, view_of
from genlabel_robust.threat import Knowledge


@dataclass(frozen=True, eq=False)
class FunctionAdapter(WithoutGradients):
    """A callable of rows that returns labels (n,) or ``n_scores`` scores (n, k).

    A single score may also be (n,).
    """

    function: Callable[[Any], Any]
    n_scores: int | None

    @property
    def knowledge(self) -> Knowledge:
        """Either "scores" or "decisions"."""
        return "decisions" if self.n_scores is None else "scores"

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return the callable's scores, or 1 for the predicted class: (n, d) -> (n, k)."""
        if self.n_scores is None:
            return one_hot(self.predict(raw), self.n_classes)
        if not len(raw):
            return np.zeros((0, self.n_scores))
        scores: FloatArray = self._answer(self.function, raw, np.float64)
        if self.n_scores == 1 and scores.ndim == 1:
            scores = scores[:, None]
        check_scores(scores, len(raw), self.n_scores)
        return scores

    def predict(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row: (n, d) -> (n,)."""
        if self.n_scores is not None:
            return np.asarray(self.scores(raw).argmax(axis=1))
        if not len(raw):
            return np.zeros(0, dtype=np.int64)
        found = flat(self._answer(self.function, raw))
        if found.shape != (len(raw),):
            raise ConfigurationError(
                f"the model returns an array of shape {found.shape} for {len(raw)} rows, but "
                "returned labels (n,) before"
            )
        return coded(found, self.classes)


def function_view(rows: Rows) -> View:
    """Return how callables take ``rows``: as an array, unless it cannot represent a frame."""
    return view_of(rows, form_without_names(rows))
