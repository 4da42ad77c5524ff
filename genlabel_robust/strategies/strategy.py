"""What a strategy is: a plain callable from a batch to a soft batch, or a loss."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.densities.rows import int64
from genlabel_robust.strategies.soft_batch import SoftBatch


@dataclass(eq=False)
class Strategy(ABC):
    """A strategy learns what it needs from the training data, then works on batches.

    The fields of the dataclass that ``__init__`` takes are its settings. ``name``
    is its registered name; ``needs`` says what it asks of the model: "gradients",
    "latent" (a hidden layer), or nothing.
    """

    name: ClassVar[str]
    needs: ClassVar[frozenset[str]] = frozenset()
    _n_classes = 0

    def fit(self, x: Any, y: Any, n_classes: int) -> Self:
        """Learn from the training data, tensors or arrays: ``x`` (n, d), ``y`` (n,) in 0..k-1."""
        self._n_classes = n_classes
        self._learn(x if isinstance(x, Tensor) else torch.tensor(np.asarray(x)), int64(y))
        return self

    def _learn(self, x: Tensor, y: Tensor) -> None:  # noqa: B027  a hook, not an obligation
        """Keep what later batches need; by default nothing."""

    def _check_fitted(self) -> None:
        if not self._n_classes:
            raise ConfigurationError(
                f"strategy {self.name!r} was used before fit(x, y, n_classes); fit it first"
            )

    def _one_hot(self, x: Tensor, y: Tensor) -> Tensor:
        return functional.one_hot(int64(y), self._n_classes).to(x.dtype)


class BatchStrategy(Strategy):
    """A strategy that turns a batch into a soft batch, in anyone's own training loop."""

    def __call__(self, x: Tensor, y: Tensor, rng: np.random.Generator) -> SoftBatch:
        """Return the soft batch of ``x`` (b, d), ``y`` (b,); draws only from ``rng``."""
        self._check_fitted()
        with torch.no_grad():
            return self._soften(x, y, rng)

    @abstractmethod
    def _soften(self, x: Tensor, y: Tensor, rng: np.random.Generator) -> SoftBatch:
        """Make the soft batch."""


class LossStrategy(Strategy):
    """A strategy that trains by a loss of its own, with parameters of its own."""

    def parameters(self) -> list[nn.Parameter]:
        """Return what is trained along with the model; by default nothing."""
        return []

    @abstractmethod
    def loss(self, net: nn.Module, x: Tensor, y: Tensor, rng: np.random.Generator) -> Tensor:
        """Return the scalar loss, in nats, of ``net`` on ``x`` (b, d), ``y`` (b,)."""
