"""Mixup without manifold intrusion."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from torch import Tensor

from genlabel_robust.densities.nearest_neighbour import nearest
from genlabel_robust.densities.rows import float64
from genlabel_robust.strategies.mixing import check_alpha, pair
from genlabel_robust.strategies.soft_batch import SoftBatch
from genlabel_robust.strategies.strategy import BatchStrategy


@dataclass(eq=False)
class MixupExcludeMI(BatchStrategy):
    """Mixup; a mixed point nearest to a training point of a third class gets weight 0.

    Raises ``ConfigurationError`` unless ``alpha`` is finite and above 0. Source: a
    baseline of GenLabel, Sohn et al. 2022 (2201.02354).
    """

    alpha: float = 1.0
    name: ClassVar[str] = "mixup-exclude-mi"
    _rows: Tensor = field(init=False, repr=False)
    _labels: Tensor = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_alpha(self.name, self.alpha)

    def _learn(self, x: Tensor, y: Tensor) -> None:
        self._rows = float64(x)
        self._labels = y

    def _soften(self, x: Tensor, y: Tensor, rng: np.random.Generator) -> SoftBatch:
        pairing = pair(x, self.alpha, rng)
        mixed = pairing.mix(x)
        found = self._labels[nearest(float64(mixed), self._rows)]
        kept = (found == y) | (found == y[pairing.partner])
        return SoftBatch(mixed, pairing.mix(self._one_hot(x, y)), kept.to(x.dtype))
