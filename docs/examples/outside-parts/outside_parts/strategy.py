"""A strategy: rows with Gaussian noise keep their labels."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from genlabel_robust.parts import BatchStrategy, SoftBatch


@dataclass(eq=False)
class InputNoise(BatchStrategy):
    """Rows with Gaussian noise, and their own labels.

    ``scale``: the standard deviation, in units of the scaled features.
    """

    scale: float = 0.05
    name: ClassVar[str] = "input-noise"

    def _soften(self, x: Tensor, y: Tensor, rng: np.random.Generator) -> SoftBatch:
        # drawn by the generator that is given, so that the seed alone decides
        noise = torch.from_numpy(rng.normal(0.0, self.scale, tuple(x.shape))).to(x)
        return SoftBatch(x + noise, self._one_hot(x, y), torch.ones_like(x[:, 0]))
