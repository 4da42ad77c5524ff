"""Mixup without manifold intrusion."""

from dataclasses import dataclass, field
from typing import ClassVar

from torch import Tensor

from genlabel_robust.densities.nearest_neighbour import nearest
from genlabel_robust.densities.rows import float64
from genlabel_robust.strategies.mixing import Mixed, MixingStrategy
from genlabel_robust.strategies.soft_batch import SoftBatch


@dataclass(eq=False)
class MixupExcludeMI(MixingStrategy):
    """Mixup in which a point nearest to a training point of a third class gets weight 0.

    Source: a baseline of GenLabel, Sohn et al. 2022 (2201.02354).
    """

    name: ClassVar[str] = "mixup-exclude-mi"
    _rows: Tensor = field(init=False, repr=False)
    _labels: Tensor = field(init=False, repr=False)

    def _learn(self, x: Tensor, y: Tensor) -> None:
        self._rows = float64(x)
        self._labels = y

    def label(self, mixed: Mixed) -> SoftBatch:
        """Return the mixed rows with their mixed labels, with weight 0 for intruding points."""
        found = self._labels[nearest(float64(mixed.x), self._rows)]
        kept = (found == mixed.first) | (found == mixed.second)
        return SoftBatch(mixed.x, mixed.target, kept.to(mixed.x.dtype))
