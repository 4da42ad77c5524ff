"""A base class for wrappers, which pass on to the inner model what they do not change."""

from dataclasses import dataclass

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.models.model import Model, Weigh
from genlabel_robust.threat import Knowledge


@dataclass(frozen=True, eq=False)
class Wrapped:
    """``model`` unchanged; a subclass overrides what differs."""

    model: Model

    @property
    def knowledge(self) -> Knowledge:
        """That of ``model``."""
        return self.model.knowledge

    @property
    def n_classes(self) -> int:
        """The number of classes k."""
        return self.model.n_classes

    def predict(self, raw: FloatArray) -> IntArray:
        """Return the model's label of each row: (n, d) -> (n,)."""
        return self.model.predict(raw)

    def decide(self, raw: FloatArray) -> IntArray:
        """Return the model's label of each row, in its fastest way: (n, d) -> (n,)."""
        return self.model.decide(raw)

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return the model's scores: (n, d) -> (n, k)."""
        return self.model.scores(raw)

    def vjp(self, raw: FloatArray, weigh: Weigh) -> tuple[FloatArray, FloatArray]:
        """Return the model's scores (q, k) and the gradient (q, d) of their weighted sum."""
        return self.model.vjp(raw, weigh)
