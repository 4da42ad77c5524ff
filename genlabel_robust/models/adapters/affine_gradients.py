"""Gradients of affine models whose libraries provide none, from their structures."""

from dataclasses import dataclass

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.models.adapters.library_scores import library_scores
from genlabel_robust.models.answers import FOR_CHANGED, answering, check_scores
from genlabel_robust.models.model import Weigh
from genlabel_robust.models.wrapped import Wrapped
from genlabel_robust.structure import Affine
from genlabel_robust.structure.missing_and_codes import counted
from genlabel_robust.threat import Knowledge


@dataclass(frozen=True, eq=False)
class AffineGradients(Wrapped):
    """``model`` with its library's sums as scores, and the weights of ``structure`` as gradients.

    The sums come before any link function, so that no gradient vanishes where a probability is 1.
    The labels are still those of the library.
    """

    structure: Affine

    @property
    def knowledge(self) -> Knowledge:
        """Always "gradients"."""
        return "gradients"

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return the library's own sums: (n, d) -> (n, k)."""
        if not len(raw):
            return np.zeros((0, self.n_classes))
        with answering(self.model, len(raw), raw.shape[1], FOR_CHANGED):
            scores = library_scores(self.model, raw)[0]
        check_scores(scores, len(raw), self.n_classes)
        return scores

    def vjp(self, raw: FloatArray, weigh: Weigh) -> tuple[FloatArray, FloatArray]:
        """Return the sums (q, k) and the gradient (q, d) of their weighted sum.

        Both are computed from the structure, because queries of a pipeline on frames are a thousand
        times as slow. The library itself judges the points that attacks find.
        """
        scores = self.structure.scores(raw)
        gradient = weigh(scores) @ self.structure.weight * counted(self.structure.flags, raw)
        return scores, np.asarray(gradient)
