"""The base classes of strategies: a callable from a batch to a soft batch, or a loss."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from genlabel_robust.core import ConfigurationError
from genlabel_robust.densities.rows import int64
from genlabel_robust.strategies.soft_batch import SoftBatch


@dataclass(eq=False)
class Strategy(ABC):
    """A strategy, which learns from the training data if it needs to, then works on batches.

    The fields of the dataclass that ``__init__`` takes are its settings, except those whose
    metadata say that they are not. ``name``: its registered name; ``needs``: what it requires of
    the model: "gradients", "latent" (a hidden layer), or nothing. ``plain``: batches stay
    unchanged, and nothing is drawn; ``mixes``: it trains on points between rows; ``attacked``: it
    trains on points that its field ``attack_step`` makes from a batch; ``searched``: a trainer
    chooses among its ``members`` by cross-validation. ``stacks``: on what many nets that are chains
    of layers can be trained at once, soft batches or AdaMixup's policies; None for one net at a
    time.
    """

    name: ClassVar[str]
    needs: ClassVar[frozenset[str]] = frozenset()
    plain: ClassVar[bool] = False
    mixes: ClassVar[bool] = False
    attacked: ClassVar[bool] = False
    searched: ClassVar[bool] = False
    stacks: ClassVar[Literal["batches", "policies"] | None] = None
    _n_classes = 0

    @classmethod
    def setting_names(cls) -> tuple[str, ...]:
        """Return the names of its settings."""
        own = fields(cls)
        return tuple(f.name for f in own if f.init and f.metadata.get("setting", True))

    def members(self) -> tuple[Strategy, ...]:
        """Return the candidate strategies in the order of trial: by default the strategy itself."""
        return (self,)

    def fit(self, x: Any, y: Any, n_classes: int) -> Self:
        """Learn from the training data, tensors or arrays: ``x`` (n, d), ``y`` (n,) in 0..k-1."""
        self._n_classes = n_classes
        self._learn(x if isinstance(x, Tensor) else torch.tensor(np.asarray(x)), int64(y))
        return self

    def _learn(self, x: Tensor, y: Tensor) -> None:  # noqa: B027  a hook that may stay empty
        """Store what later batches need; by default nothing.

        ``x`` (n, d): the scaled training rows; ``y`` (n,) int64 in 0..k-1.
        """

    def _check_fitted(self) -> None:
        if not self._n_classes:
            raise ConfigurationError(
                f"strategy {self.name!r} was used before fit(x, y, n_classes); fit it first"
            )

    def _one_hot(self, x: Tensor, y: Tensor) -> Tensor:
        """Return ``y`` (b,) as one-hot targets (b, k), of the dtype of ``x``."""
        return functional.one_hot(int64(y), self._n_classes).to(x.dtype)


class BatchStrategy(Strategy):
    """A strategy that turns a batch into a soft batch, for use in any training loop.

    A subclass is a dataclass whose fields with defaults are its settings, made with
    ``@dataclass(eq=False)``. It sets its ``name``, a ``ClassVar[str]``, and defines ``_soften``. If
    it must learn something from the training data, it does so in ``_learn``.
    """

    stacks = "batches"

    def __call__(self, x: Tensor, y: Tensor, rng: np.random.Generator) -> SoftBatch:
        """Return the soft batch of ``x`` (b, d), ``y`` (b,); draws only from ``rng``.

        Raises ``ConfigurationError`` before ``fit``, and if ``_soften`` returns anything but a
        valid soft batch.
        """
        self._check_fitted()
        with torch.no_grad():
            made: Any = self._soften(x, y, rng)
        if not isinstance(made, SoftBatch):
            raise ConfigurationError(
                f"strategy {self.name!r}: _soften returned {type(made).__name__!r}; it must "
                "return a SoftBatch, such as SoftBatch(x, target, weight)"
            )
        return made

    def parts(self) -> tuple[tuple[BatchStrategy, float], ...]:
        """Return strategies with shares whose weighted targets sum to its own: by default itself.

        They make the same points with the same weights; no share is 0.
        """
        return ((self, 1.0),)

    @abstractmethod
    def _soften(self, x: Tensor, y: Tensor, rng: np.random.Generator) -> SoftBatch:
        """Return the soft batch of ``x`` (b, d), floating-point, and ``y`` (b,), int64 in 0..k-1.

        ``x`` has scaled features; do not change it in place. All three tensors of the soft batch
        have the dtype and the device of ``x``. ``rng``, a numpy generator, must be the only source
        of chance (no torch generator), so that the same seed gives the same batch. No gradient
        is recorded. ``self._one_hot(x, y)`` returns the labels as targets (b, k).
        """


class LossStrategy(Strategy):
    """A strategy that trains with its own loss and its own parameters.

    A subclass is a dataclass, like a ``BatchStrategy``. It sets ``name`` and defines ``loss``.
    """

    def parameters(self) -> list[nn.Parameter]:
        """Return the parameters that are trained with the model; by default none."""
        return []

    @abstractmethod
    def loss(self, net: nn.Module, x: Tensor, y: Tensor, rng: np.random.Generator) -> Tensor:
        """Return the scalar loss, in nats, of ``net`` on ``x`` (b, d), ``y`` (b,).

        ``net`` returns logits (b, k), and the loss must have a gradient with respect to its
        weights. ``x``, ``y`` and ``rng``: as for ``BatchStrategy``.
        """
