"""What boosted classifiers of different libraries have in common when they are asked."""

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
    """A ``LibraryModel`` that is asked through its library's ``booster``.

    ``width``: d. ``columns`` (d,): names, if it was trained on a frame. Scores are margins,
    before any link function.
    """

    booster: Any
    width: int
    n_classes: int
    columns: tuple[str, ...] | None

    @property
    def takes(self) -> Takes:
        """Numbers; NaN is a missing one."""
        return "missing"

    @property
    def before_link(self) -> bool:
        """They do."""
        return True

    @property
    def classes(self) -> tuple[Label, ...] | None:
        """None: the file holds no labels."""
        return None

    @property
    def knowledge(self) -> Knowledge:
        """Scores."""
        return "scores"

    def codes(self, rows: Any) -> IntArray:
        """Return the class (n,) that the ``predict`` of the library's classifier gives."""
        x = self._checked(rows)
        return self._decided(x) if len(x) else np.zeros(0, dtype=np.int64)

    def scores(self, rows: Any) -> FloatArray:
        """Return the margins (n, k); where the library gives one, it is that of the second."""
        x = self._checked(rows)
        if not len(x):
            return np.zeros((0, self.n_classes))
        found = self._margins(x).astype(np.float64)
        return np.column_stack([np.zeros(len(found)), found]) if found.ndim == 1 else found

    def vjp(self, rows: FloatArray, weigh: Weigh) -> tuple[FloatArray, FloatArray]:
        """Raise ``NotApplicableError``."""
        raise NotApplicableError("the model has no gradients")

    @abstractmethod
    def _decided(self, x: FloatArray) -> IntArray:
        """Return the classes (n,) of one row or more."""

    @abstractmethod
    def _margins(self, x: FloatArray) -> np.ndarray:
        """Return the margins (n, k) of one row or more, or (n,) of the second of two classes."""

    def _checked(self, rows: Any) -> FloatArray:
        x = np.ascontiguousarray(rows, dtype=np.float64)
        if x.ndim != 2 or x.shape[1] != self.width:
            raise ConfigurationError(
                f"the model takes rows of {self.width} features, but got an array of shape "
                f"{x.shape}"
            )
        return x
