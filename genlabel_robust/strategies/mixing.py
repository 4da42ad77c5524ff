"""Mixing of the rows of a batch with each other."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from genlabel_robust.core import ConfigurationError
from genlabel_robust.strategies.soft_batch import SoftBatch
from genlabel_robust.strategies.strategy import BatchStrategy


@dataclass(frozen=True)
class Pairing:
    """Each row's ``partner`` (b,), and λ in [0, 1]: one for the batch, or one per row (b, 1)."""

    ratio: float | Tensor
    partner: Tensor

    def mix(self, values: Tensor) -> Tensor:
        """Return ``λ v + (1-λ) v[partner]`` for values (b, m)."""
        own, other = self.ratio, 1.0 - self.ratio
        if isinstance(own, Tensor) and isinstance(other, Tensor):
            own, other = own.to(values.dtype), other.to(values.dtype)
        return own * values + other * values[self.partner]


def pair(x: Tensor, alpha: float, rng: np.random.Generator) -> Pairing:
    """Draw λ ~ Beta(alpha, alpha) and then a random permutation as partners.

    Every mixing strategy draws in this order, so that with equally seeded generators they get the
    same mixed points. Source: mixup, Zhang et al. 2018 (1710.09412).
    """
    ratio = float(rng.beta(alpha, alpha))
    partner = torch.from_numpy(rng.permutation(len(x))).to(x.device)
    return Pairing(ratio, partner)


def pair_batches(
    x: Tensor, sizes: Sequence[int], alpha: float, rng: np.random.Generator
) -> Pairing:
    """Draw as ``pair`` does for each batch in turn, and return a single pairing of all.

    ``x`` (n, d): the rows of the batches, whose ``sizes`` sum to n.
    """
    ratios, partners, start = [], [], 0
    for size in sizes:
        ratios.append(rng.beta(alpha, alpha))
        partners.append(rng.permutation(size) + start)
        start += size
    ratio = torch.from_numpy(np.repeat(ratios, sizes)[:, None])
    return Pairing(ratio.to(x.device), torch.from_numpy(np.concatenate(partners)).to(x.device))


@dataclass(frozen=True, eq=False)
class Mixed:
    """Mixed rows ``x`` (b, d) with mixup's ``target`` (b, k).

    ``first``, ``second`` (b,): the labels of the two rows from which each was mixed.
    """

    x: Tensor
    target: Tensor
    first: Tensor
    second: Tensor


@dataclass(eq=False)
class MixingStrategy(BatchStrategy):
    """A strategy that mixes rows by λ ~ Beta(alpha, alpha) and labels the results.

    Raises ``ConfigurationError`` unless ``alpha`` is finite and above 0. Source: mixup, Zhang et
    al. 2018 (1710.09412).
    """

    alpha: float = 1.0
    mixes: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_alpha(self.name, self.alpha)

    def _soften(self, x: Tensor, y: Tensor, rng: np.random.Generator) -> SoftBatch:
        return self.label(self.mix(x, y, pair(x, self.alpha, rng)))

    def mix(self, x: Tensor, y: Tensor, pairing: Pairing) -> Mixed:
        """Return the rows ``x`` (b, d), labels ``y`` (b,), mixed by ``pairing``."""
        self._check_fitted()
        target = pairing.mix(self._one_hot(x, y))
        return Mixed(pairing.mix(x), target, y, y[pairing.partner])

    @abstractmethod
    def label(self, mixed: Mixed) -> SoftBatch:
        """Return the mixed rows with the labels of this strategy, each independent of the others.

        So the rows of many batches can be labelled at once.
        """


def check_alpha(strategy: str, alpha: float) -> None:
    """Raise ``ConfigurationError`` unless ``alpha`` is a finite number above 0."""
    if not (isfinite(alpha) and alpha > 0):
        raise ConfigurationError(
            f"strategy {strategy!r}: alpha is {alpha}; give a finite number above 0 (the paper: 1)"
        )
