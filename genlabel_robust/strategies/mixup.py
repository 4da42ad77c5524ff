"""Mixup: mixed points with mixed labels."""

from dataclasses import dataclass
from typing import ClassVar

import torch

from genlabel_robust.strategies.mixing import Mixed, MixingStrategy
from genlabel_robust.strategies.soft_batch import SoftBatch


@dataclass(eq=False)
class Mixup(MixingStrategy):
    """Mixup: one λ ~ Beta(alpha, alpha) per batch mixes features and labels alike.

    Source: Zhang et al. 2018 (1710.09412).
    """

    name: ClassVar[str] = "mixup"

    def label(self, mixed: Mixed) -> SoftBatch:
        """Return the mixed rows with their mixed labels."""
        return SoftBatch(mixed.x, mixed.target, torch.ones_like(mixed.x[:, 0]))
