"""Supplied estimators: fitted scikit-learn classifiers, pipelines, and objects with ``predict``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from genlabel_robust.data.classes import Classes, Label
from genlabel_robust.data.rows import Rows
from genlabel_robust.models.adapters.estimator import EstimatorAdapter, estimator_view
from genlabel_robust.models.estimator_type import refuse_regressor
from genlabel_robust.models.inputs.view import View
from genlabel_robust.models.model import Model
from genlabel_robust.models.supplied.without_gradients import WithoutGradients


@dataclass(frozen=True, eq=False)
class SuppliedEstimator(WithoutGradients):
    """An estimator, which gets the columns on which it was fitted."""

    @staticmethod
    def fits(model: Any) -> bool:
        """Return whether ``model`` has a ``predict``."""
        return callable(getattr(model, "predict", None))

    @property
    def classes(self) -> tuple[Label, ...] | None:
        """Its own ``classes_``."""
        own = getattr(self.model, "classes_", None)
        return tuple(own.tolist()) if isinstance(own, np.ndarray) else None

    @property
    def says_labels(self) -> bool:
        """Whether it has its own classes, so that it predicts labels."""
        return hasattr(self.model, "classes_") or hasattr(self.model, "predict_proba")

    def view(self, rows: Rows) -> View:
        """Return the view through which it takes ``rows``."""
        return estimator_view(self.model, rows)

    @property
    def function(self) -> Callable[[Any], Any]:
        """Its ``predict``."""
        function: Callable[[Any], Any] = self.model.predict
        return function

    def answer(self, rows: Rows) -> Any:
        """Return its prediction for ``rows``; raises ``ConfigurationError`` for a regressor."""
        refuse_regressor(self.model)
        return super().answer(rows)

    def adapted(self, rows: Rows, classes: Classes, n_scores: int | None) -> Model:
        """Return it as a model with labels and probabilities, or as a function of its scores."""
        if n_scores is None:
            return EstimatorAdapter(classes, self.view(rows), self.model)
        return super().adapted(rows, classes, n_scores)
