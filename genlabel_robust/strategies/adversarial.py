"""Adversarial training."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

import numpy as np
from torch import Tensor, nn
from torch.nn import functional

from genlabel_robust.core import ConfigurationError
from genlabel_robust.strategies.strategy import LossStrategy

#: A function of a net, x (b, d), y (b,) and a generator that returns the attacked points (b, d).
AttackStep: TypeAlias = Callable[[nn.Module, Tensor, Tensor, np.random.Generator], Tensor]


@dataclass(eq=False)
class Adversarial(LossStrategy):
    """Cross-entropy on the adversarial points that ``attack_step`` makes from each batch.

    Raises ``ConfigurationError`` if the step is missing or changes the shape. Source: Madry et al.
    2018 (1706.06083).
    """

    attack_step: AttackStep | None = field(default=None, metadata={"setting": False})
    name: ClassVar[str] = "adversarial"
    needs: ClassVar[frozenset[str]] = frozenset({"gradients"})
    attacked: ClassVar[bool] = True

    def loss(self, net: nn.Module, x: Tensor, y: Tensor, rng: np.random.Generator) -> Tensor:
        """Return the mean cross-entropy on the attacked points."""
        self._check_fitted()
        if self.attack_step is None:
            raise ConfigurationError(
                f"strategy {self.name!r} was given no attack to train against; give attack_step="
            )
        attacked = self.attack_step(net, x, y, rng).detach()
        if attacked.shape != x.shape:
            raise ConfigurationError(
                f"strategy {self.name!r}: attack_step turned {tuple(x.shape)} into "
                f"{tuple(attacked.shape)}; it must keep the shape"
            )
        return functional.cross_entropy(net(attacked), y)
