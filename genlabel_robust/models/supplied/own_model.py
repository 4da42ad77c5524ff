"""Supplied objects that already are a ``Model``."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from genlabel_robust.data.classes import Classes
from genlabel_robust.data.rows import Rows
from genlabel_robust.models.answers import answering
from genlabel_robust.models.inputs.view import refuse_not_numbers
from genlabel_robust.models.model import Model
from genlabel_robust.models.supplied.supplied import Supplied


@dataclass(frozen=True, eq=False)
class SuppliedModel(Supplied):
    """A ``Model`` of raw features, such as one from a reader of weight files."""

    @staticmethod
    def fits(model: Any) -> bool:
        """Return whether ``model`` has all members of a ``Model``."""
        return isinstance(model, Model)

    @property
    def n_scores(self) -> int | None:
        """Its number of classes."""
        return int(self.model.n_classes)

    def answer(self, rows: Rows) -> Any:
        """Return its scores for ``rows``, which must be finite numbers."""
        refuse_not_numbers(rows, f"a {type(self.model).__name__}")
        with answering(self.model, len(rows.x), len(rows.encoding.columns)):
            answer = np.asarray(self.model.scores(rows.x))
        return self.checked(answer, len(rows.x))

    def adapted(self, rows: Rows, classes: Classes, n_scores: int | None) -> Model:
        """Return the model unchanged."""
        model: Model = self.model
        return model
