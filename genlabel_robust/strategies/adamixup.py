"""AdaMixup: mixup with mixing ratios from a trained policy net."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from genlabel_robust.core import generator
from genlabel_robust.models.nets.chain import Chain
from genlabel_robust.strategies.strategy import LossStrategy

# as in the released code, there is no activation between the policy's layers
_POLICY = Chain("policy", (100, 100), relu=False, learning_rate=0.01)
_DISCRIMINATOR = Chain("discriminator", (), relu=False, learning_rate=0.01)


@dataclass(eq=False)
class AdaMixup(LossStrategy):
    """Mixup with ratios from a policy net, against a discriminator of mixed and real points.

    Row i is mixed with its partner by ``λ_i = a_i + e_i d_i``, with e ~ U(0, 1), and a and d the
    first two of the policy's three probabilities. The loss is the sum of the cross-entropy on the
    mixed points with labels (λ, 1-λ), that on both originals, and the discriminator's on the mixed
    points (class 0), both originals and a third row (class 1). ``seed``: for the initial policy and
    discriminator. Source: Guo et al. 2019 (1809.02499), in the form of GenLabel's released code
    (2201.02354).
    """

    seed: int = field(default=0, metadata={"setting": False})
    name: ClassVar[str] = "adamixup"
    needs: ClassVar[frozenset[str]] = frozenset({"gradients"})
    stacks = "policies"
    mixes: ClassVar[bool] = True
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
        """Return the parameters that are trained with the model."""
        return self.own_parameters() if self.trains_policy else []

    def own_parameters(self) -> list[nn.Parameter]:
        """Return the parameters of the policy and the discriminator, trained or not."""
        self._check_fitted()
        return [*self._policy.parameters(), *self._discriminator.parameters()]

    def ratio(self, x: Tensor, x2: Tensor, e: Tensor) -> Tensor:
        """Return λ (b, 1) for the pairs ``x``, ``x2`` (b, d); ``e``: (b,), drawn from U(0, 1)."""
        self._check_fitted()
        shares = functional.softmax(self._policy(torch.cat([x, x2], dim=1)), dim=1)
        return (shares[:, 0] + e * shares[:, 1]).unsqueeze(1)

    def loss(self, net: nn.Module, x: Tensor, y: Tensor, rng: np.random.Generator) -> Tensor:
        """Return the joint loss of ``net``, policy and discriminator on a batch."""
        self._check_fitted()
        partner, e = draw_pairs(len(x), rng)
        partner, e = partner.to(x.device), e.to(x)
        ratio, target = self.ratio(x, x[partner], e[:, 0]), self._one_hot(x, y)
        rows, wanted = mixed_and_plain(ratio, (x, x[partner]), (target, target[partner]))
        return joint_loss(net(rows), self._discriminator(rows), wanted)


def draw_pairs(b: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Return the partners (b,) of a batch of b rows, and e (b, 1) from U(0, 1)."""
    partner = torch.from_numpy(rng.permutation(b))
    rng.permutation(b)  # the batch serves as the third rows: their order does not affect a mean
    return partner, torch.from_numpy(rng.uniform(size=(b, 1)))


def mixed_and_plain(
    ratio: Tensor, x: tuple[Tensor, Tensor], target: tuple[Tensor, Tensor]
) -> tuple[Tensor, Tensor]:
    """Return the rows (..., 2b, d), first mixed, then original, and their labels (..., 2b, k).

    ``ratio``: (..., b, 1). ``x``: rows and partners, (..., b, d); ``target``: their labels, (...,
    b, k). The partners are a permutation of the batch, so the cross-entropy on both originals is
    twice that on the rows; the labels of the original rows therefore sum to 2.
    """
    mixed, label = (ratio * a + (1.0 - ratio) * b for a, b in (x, target))
    return torch.cat([mixed, x[0]], dim=-2), torch.cat([label, 2.0 * target[0]], dim=-2)


def joint_loss(logits: Tensor, judged: Tensor, wanted: Tensor) -> Tensor:
    """Return the loss on ``mixed_and_plain`` rows; for several stacks, the sum of their losses.

    ``logits`` (..., 2b, k): the model's. ``judged`` (..., 2b, 2): the discriminator's; its target
    is class 0 for mixed rows, and class 1 for the others, which count three times.
    """
    b = logits.shape[-2] // 2
    real = torch.zeros_like(judged)
    real[..., :b, 0], real[..., b:, 1] = 1.0, 3.0
    entropy = (torch.log_softmax(logits, dim=-1) * wanted).sum()
    entropy = entropy + (torch.log_softmax(judged, dim=-1) * real).sum()
    return -entropy / b


@dataclass(eq=False)
class AdaMixupFixedPolicy(AdaMixup):
    """AdaMixup in which only the model is trained: policy and discriminator stay as drawn.

    This is the behaviour of GenLabel's released code (2201.02354), whose optimizer gets only the
    classifier's parameters. The loss is the same, but its discriminator terms do not depend on the
    model: the model is trained by cross-entropy on the mixed points and on both originals, with
    ratios from a random policy.
    """

    name: ClassVar[str] = "adamixup-fixed-policy"
    trains_policy: ClassVar[bool] = False
