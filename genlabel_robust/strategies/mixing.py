"""Mixing the rows of a batch with each other."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np
import torch
from torch import Tensor

from genlabel_robust.core.errors import ConfigurationError


@dataclass(frozen=True)
class Pairing:
    """Each row's ``partner`` (b,) and the batch's one ``ratio`` λ in [0, 1]."""

    ratio: float
    partner: Tensor

    def mix(self, values: Tensor) -> Tensor:
        """Return ``λ v + (1-λ) v[partner]`` for values (b, ...)."""
        return self.ratio * values + (1.0 - self.ratio) * values[self.partner]


def pair(x: Tensor, alpha: float, rng: np.random.Generator) -> Pairing:
    """Draw λ ~ Beta(alpha, alpha) and then a random permutation as partners.

    Every mixing strategy draws through here, and in this order: with equally
    seeded generators they see the same mixed points. Source: mixup, Zhang et al.
    2018 (1710.09412).
    """
    ratio = float(rng.beta(alpha, alpha))
    partner = torch.from_numpy(rng.permutation(len(x))).to(x.device)
    return Pairing(ratio, partner)


def check_alpha(strategy: str, alpha: float) -> None:
    """Raise ``ConfigurationError`` unless ``alpha`` is a finite number above 0."""
    if not (isfinite(alpha) and alpha > 0):
        raise ConfigurationError(
            f"strategy {strategy!r}: alpha is {alpha}; give a finite number above 0 (the paper: 1)"
        )
