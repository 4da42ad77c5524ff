"""Training without augmentation."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from genlabel_robust.strategies.soft_batch import SoftBatch
from genlabel_robust.strategies.strategy import BatchStrategy


@dataclass(eq=False)
class Vanilla(BatchStrategy):
    """The unchanged batch with one-hot labels."""

    name: ClassVar[str] = "vanilla"
    plain: ClassVar[bool] = True

    def _soften(self, x: Tensor, y: Tensor, rng: np.random.Generator) -> SoftBatch:
        return SoftBatch(x, self._one_hot(x, y), torch.ones_like(x[:, 0]))
