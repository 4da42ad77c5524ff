"""AdaMixup: mixing ratios that a policy net learns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from genlabel_robust.core.seeds import generator
from genlabel_robust.models.architecture import Architecture
from genlabel_robust.strategies.strategy import LossStrategy

# the released code has no activation between the policy's layers
_POLICY = Architecture("policy", (100, 100), relu=False, learning_rate=0.01)
_DISCRIMINATOR = Architecture("discriminator", (), relu=False, learning_rate=0.01)


@dataclass(eq=False)
class AdaMixup(LossStrategy):
    """A policy net mixes each pair; a discriminator learns to tell mixed from real.

    Row i is mixed with its partner by ``λ_i = a_i + e_i d_i``, e ~ U(0, 1), a and d
    the first two of the policy's three probabilities. The loss is cross-entropy on
    the mixed points with labels (λ, 1-λ), on both originals, and the
    discriminator's on the mixed points (class 0), both originals and a third row
    (class 1). ``seed``: of the initial policy and discriminator. Source: Guo et al.
    2019 (1809.02499), in the form of GenLabel's released code (2201.02354).
    """

    seed: int = field(default=0, metadata={"setting": False})
    name: ClassVar[str] = "adamixup"
    needs: ClassVar[frozenset[str]] = frozenset({"gradients"})
    #: Whether policy and discriminator are trained along with the model.
    trains_policy: ClassVar[bool] = True
    _policy: nn.Sequential = field(init=False, repr=False)
    _discriminator: nn.Sequential = field(init=False, repr=False)

    def _learn(self, x: Tensor, y: Tensor) -> None:
        d = x.shape[1]
        rng = generator(self.seed, "adamixup")
        self._policy = _POLICY.module(_POLICY.initialise(2 * d, 3, rng)).to(x.device)
        layers = _DISCRIMINATOR.initialise(d, 2, rng)
        self._discriminator = _DISCRIMINATOR.module(layers).to(x.device)

    def parameters(self) -> list[nn.Parameter]:
        """Return the parameters that are trained along with the model."""
        return self.own_parameters() if self.trains_policy else []

    def own_parameters(self) -> list[nn.Parameter]:
        """Return the parameters of the policy, then of the discriminator, trained or not."""
        self._check_fitted()
        return [*self._policy.parameters(), *self._discriminator.parameters()]

    def ratio(self, x: Tensor, x2: Tensor, e: Tensor) -> Tensor:
        """Return λ (b, 1) of the pairs ``x``, ``x2`` (b, d); ``e``: (b,), drawn from U(0, 1)."""
        self._check_fitted()
        shares = functional.softmax(self._policy(torch.cat([x, x2], dim=1)), dim=1)
        return (shares[:, 0] + e * shares[:, 1]).unsqueeze(1)

    def loss(self, net: nn.Module, x: Tensor, y: Tensor, rng: np.random.Generator) -> Tensor:
        """Return the joint loss of ``net``, policy and discriminator on a batch."""
        self._check_fitted()
        b = len(x)
        partner = torch.from_numpy(rng.permutation(b)).to(x.device)
        third = torch.from_numpy(rng.permutation(b)).to(x.device)
        e = torch.from_numpy(rng.uniform(size=b)).to(x)
        x2, y2, x3 = x[partner], y[partner], x[third]
        ratio = self.ratio(x, x2, e)
        mixed = ratio * x + (1.0 - ratio) * x2
        target = ratio * self._one_hot(x, y) + (1.0 - ratio) * self._one_hot(x, y2)
        entropy = functional.cross_entropy
        fake, real = torch.zeros_like(y), torch.ones_like(y)
        loss = entropy(net(mixed), target) + entropy(net(x), y) + entropy(net(x2), y2)
        loss = loss + entropy(self._discriminator(mixed), fake)
        for rows in (x, x2, x3):
            loss = loss + entropy(self._discriminator(rows), real)
        return loss


@dataclass(eq=False)
class AdaMixupFixedPolicy(AdaMixup):
    """AdaMixup of which only the model is trained: policy and discriminator stay as drawn.

    So GenLabel's released code (2201.02354) has it, whose optimizer is given the
    classifier alone. The loss is the same, but its discriminator terms do not depend on
    the model: what trains it is cross-entropy on the mixed points and on both originals,
    with ratios from a random policy.
    """

    name: ClassVar[str] = "adamixup-fixed-policy"
    trains_policy: ClassVar[bool] = False
