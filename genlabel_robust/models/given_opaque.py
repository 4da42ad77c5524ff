"""Estimators and callables from elsewhere: models that give no gradients."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from genlabel_robust.core.arrays import FloatArray, IntArray
from genlabel_robust.core.errors import ConfigurationError, NotApplicableError
from genlabel_robust.core.threat import Knowledge
from genlabel_robust.data.arrays import Label
from genlabel_robust.models.answers import check_scores, coded, one_hot, refuse_not_finite
from genlabel_robust.models.forest import Votes, forest_votes
from genlabel_robust.models.model import Weigh


@dataclass(frozen=True, eq=False)
class _WithoutGradients(ABC):
    """What estimators and callables have in common; ``number``: each label's code."""

    @property
    def knowledge(self) -> Knowledge:
        """Decisions, unless there is more."""
        return "decisions"

    def vjp(self, raw: FloatArray, weigh: Weigh) -> tuple[FloatArray, FloatArray]:
        """Raise ``NotApplicableError``."""
        raise NotApplicableError("the model has no gradients")

    @abstractmethod
    def predict(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row: (n, d) -> (n,)."""

    def decide(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row: (n, d) -> (n,)."""
        return self.predict(raw)


@dataclass(frozen=True, eq=False)
class GivenEstimator(_WithoutGradients):
    """A fitted scikit-learn classifier of raw features, with labels of its own."""

    estimator: Any
    number: dict[Label, int]
    names: tuple[str, ...]

    @property
    def n_classes(self) -> int:
        """The number of classes k."""
        return len(self.number)

    @property
    def knowledge(self) -> Knowledge:
        """Scores where it has probabilities, else decisions."""
        known = hasattr(self.estimator, "predict_proba") and hasattr(self.estimator, "classes_")
        return "scores" if known else "decisions"

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return probabilities, or 1 for the decided class: (n, d) -> (n, k)."""
        if self.knowledge != "scores":
            return one_hot(self.predict(raw), self.n_classes)
        found = np.asarray(self.estimator.predict_proba(self._rows(raw)), dtype=np.float64)
        scores = np.zeros((len(raw), self.n_classes))
        scores[:, self._columns] = found
        refuse_not_finite(scores)
        return scores

    def predict(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row: (n, d) -> (n,)."""
        return coded(np.asarray(self.estimator.predict(self._rows(raw))), self.number)

    def decide(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row: (n, d) -> (n,); forests by flat arrays."""
        if self._votes is None:
            return self.predict(raw)
        winners = self._votes(raw.astype(np.float32)).argmax(axis=1)
        return np.asarray(self._columns[winners])

    @cached_property
    def _columns(self) -> IntArray:
        return coded(np.asarray(self.estimator.classes_), self.number)

    @cached_property
    def _votes(self) -> Votes | None:
        return forest_votes(self.estimator)

    def _rows(self, raw: FloatArray) -> Any:
        return framed(self.estimator, raw, self.names)


@dataclass(frozen=True, eq=False)
class GivenFunction(_WithoutGradients):
    """A callable of raw features, (n, d) -> labels (n,), or scores (n, k) if ``gives_scores``."""

    function: Callable[[FloatArray], Any]
    number: dict[Label, int]
    gives_scores: bool

    @property
    def n_classes(self) -> int:
        """The number of classes k."""
        return len(self.number)

    @property
    def knowledge(self) -> Knowledge:
        """Scores, or decisions."""
        return "scores" if self.gives_scores else "decisions"

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return the callable's scores, or 1 for the decided class: (n, d) -> (n, k)."""
        if not self.gives_scores:
            return one_hot(self.predict(raw), self.n_classes)
        if not len(raw):
            return np.zeros((0, self.n_classes))
        scores = np.asarray(self.function(raw.copy()), dtype=np.float64)
        check_scores(scores, len(raw), self.n_classes)
        return scores

    def predict(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row: (n, d) -> (n,)."""
        if self.gives_scores:
            return np.asarray(self.scores(raw).argmax(axis=1))
        if not len(raw):
            return np.zeros(0, dtype=np.int64)
        found = np.asarray(self.function(raw.copy()))
        if found.shape != (len(raw),):
            raise ConfigurationError(
                f"the model gives an array of shape {found.shape} for {len(raw)} rows, and gave "
                "labels (n,) before"
            )
        return coded(found, self.number)


def framed(estimator: Any, raw: FloatArray, names: Sequence[str]) -> Any:
    """Return ``raw`` as a frame where the estimator was fitted on one, its columns in order.

    By name where ``names`` are those of the frame, otherwise by position.
    """
    fitted = getattr(estimator, "feature_names_in_", None)
    if fitted is None:
        return raw
    import pandas as pd

    wanted = [str(name) for name in fitted]
    if raw.shape[1] != len(wanted):
        return raw  # the estimator's own error says what is wrong
    columns = list(names) if set(names) == set(wanted) else wanted
    return pd.DataFrame(raw, columns=columns)[wanted]
