"""The base class of the boosting libraries' classifiers."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from genlabel_robust.core import ConfigurationError, FloatArray, IntArray, NotApplicableError
from genlabel_robust.data.rows import Label
from genlabel_robust.models.adapters.library_model import PlainLibraryModel, Takes
from genlabel_robust.models.model import Weigh
from genlabel_robust.threat import Knowledge


@dataclass(frozen=True, eq=False)
class Boosted(PlainLibraryModel, ABC):
    """A ``LibraryModel`` that predicts with its library's own ``booster``.

    ``width``: the number of features d. ``columns`` (d,): their names, or None if the model was
    trained on an array. Scores are margins, before any link function.
    """

    booster: Any
    width: int
    n_classes: int
    columns: tuple[str, ...] | None

    @property
    def takes(self) -> Takes:
        """The kind of rows: numbers, with NaN for a missing value."""
        return "missing"

    @property
    def before_link(self) -> bool:
        """Whether scores are taken before the link function: always."""
        return True

    @property
    def classes(self) -> tuple[Label, ...] | None:
        """None, as the file does not contain class labels."""
        return None

    @property
    def knowledge(self) -> Knowledge:
        """What an attacker can query: scores, but no gradients."""
        return "scores"

    def codes(self, rows: Any) -> IntArray:
        """Return the classes (n,) that the library's classifier would predict."""
        x = self._checked(rows)
        return self._decided(x) if len(x) else np.zeros(0, dtype=np.int64)

    def scores(self, rows: Any) -> FloatArray:
        """Return the margins (n, k).

        If the library returns one margin per row, it belongs to the second class, and the first
        class has margin 0.
        """
        x = self._checked(rows)
        if not len(x):
            return np.zeros((0, self.n_classes))
        found = self._margins(x).astype(np.float64)
        return np.column_stack([np.zeros(len(found)), found]) if found.ndim == 1 else found

    def vjp(self, rows: FloatArray, weigh: Weigh) -> tuple[FloatArray, FloatArray]:
        """Raise ``NotApplicableError``: the model has no gradients."""
        raise NotApplicableError("the model has no gradients")

    @abstractmethod
    def _decided(self, x: FloatArray) -> IntArray:
        """Return the predicted classes (n,); ``x`` has at least one row."""

    @abstractmethod
    def _margins(self, x: FloatArray) -> np.ndarray:
        """Return the margins (n, k), or for two classes those of the second, (n,).

        ``x`` has at least one row.
        """

    def _checked(self, rows: Any) -> FloatArray:
        x = np.ascontiguousarray(rows, dtype=np.float64)
        if x.ndim != 2 or x.shape[1] != self.width:
            raise ConfigurationError(
                f"the model takes rows of {self.width} features, but got an array of shape "
                f"{x.shape}"
            )
        return x
