"""Common code of the adapters of estimators and functions, which have no gradients."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from genlabel_robust.core import FloatArray, IntArray, NotApplicableError
from genlabel_robust.data.classes import Classes
from genlabel_robust.data.rows import Rows
from genlabel_robust.models.answers import FOR_CHANGED, answering
from genlabel_robust.models.inputs.view import Form, View
from genlabel_robust.models.model import Weigh
from genlabel_robust.threat import Knowledge


@dataclass(frozen=True, eq=False)
class WithoutGradients(ABC):
    """The common part of estimators and callables: their ``classes``, and a ``view`` of rows."""

    classes: Classes
    view: View

    @property
    def n_classes(self) -> int:
        """The number of classes k."""
        return len(self.classes)

    @property
    def knowledge(self) -> Knowledge:
        """By default "decisions"."""
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

    def _answer(self, ask: Callable[[Any], Any], raw: FloatArray, kind: Any = None) -> Any:
        """Return ``ask`` of ``raw`` (n, d) as an array, of the type ``kind`` if there is one."""
        with answering(getattr(ask, "__self__", ask), len(raw), len(self.view.order), FOR_CHANGED):
            return np.asarray(ask(self.view(raw)), dtype=kind)


def form_without_names(rows: Rows) -> Form:
    """Return the input form of a model without column names: an array, if that is possible."""
    beyond = rows.encoding.has_missing or rows.encoding.has_categories
    return "frame" if rows.framed and beyond else "matrix"
