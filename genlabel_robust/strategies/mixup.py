"""Mixed points with mixed labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from genlabel_robust.strategies.mixing import check_alpha, pair
from genlabel_robust.strategies.soft_batch import SoftBatch
from genlabel_robust.strategies.strategy import BatchStrategy


@dataclass(eq=False)
class Mixup(BatchStrategy):
    """One λ ~ Beta(alpha, alpha) per batch mixes features and labels alike.

    Raises ``ConfigurationError`` unless ``alpha`` is finite and above 0. Source:
    Zhang et al. 2018 (1710.09412).
    """

    alpha: float = 1.0
    name: ClassVar[str] = "mixup"

    def __post_init__(self) -> None:
        check_alpha(self.name, self.alpha)

    def _soften(self, x: Tensor, y: Tensor, rng: np.random.Generator) -> SoftBatch:
        pairing = pair(x, self.alpha, rng)
        target = pairing.mix(self._one_hot(x, y))
        return SoftBatch(pairing.mix(x), target, torch.ones_like(x[:, 0]))
