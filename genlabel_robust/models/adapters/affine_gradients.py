"""An affine model whose library gives no gradients, with those of its structure."""

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

    The sums come before any link function, so that no gradient vanishes where a probability is
    1. Labels are the library's, as they were.
    """

    structure: Affine

    @property
    def knowledge(self) -> Knowledge:
        """Gradients."""
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

        Both of the structure, which a pipeline of frames would be asked for a thousand times as
        slowly: what an attack makes of them is shown to the library itself.
        """
        scores = self.structure.scores(raw)
        gradient = weigh(scores) @ self.structure.weight * counted(self.structure.flags, raw)
        return scores, np.asarray(gradient)
