"""The attack inside adversarial training under L0: few features, each to an end of its box."""

import numpy as np
import torch
from torch import Tensor, nn

from genlabel_robust.attacks.training_fills import with_fills
from genlabel_robust.attacks.training_points import existing
from genlabel_robust.data import Scaling
from genlabel_robust.strategies.adversarial import AttackStep
from genlabel_robust.threat import TOLERANCE, AttackSpace


def few_features_step(
    space: AttackSpace, scaling: Scaling, eps: float, steps: int = 10
) -> AttackStep:
    """Return ``(module, x (b, d), y (b,), rng) -> x_adv (b, d)`` on scaled features.

    Each of ``steps`` steps takes the gradient of the cross-entropy at the last point and moves,
    from the untouched row, the features of which a move to the better end of the box gains most for
    its price, as many as ``eps`` buys: the best point of the linearised loss (Frank & Wolfe 1956).
    The first gradient is that at a random point of the box. Whole numbers and categories go to the
    neighbour that exists.
    """
    owned = space.touchable
    owner, price = torch.from_numpy(owned.owner), torch.from_numpy(owned.price.astype(np.float32))
    mutable = torch.from_numpy(space.mutable)
    low, high = (
        torch.from_numpy(scaling.apply((space.offset + space.scale * edge)[None]))
        for edge in (space.low, space.high)
    )
    increasing, decreasing = list(space.rules.increasing), list(space.rules.decreasing)
    far = None
    if space.own_eps is not None:
        far = torch.from_numpy((space.own_eps * space.scale / scaling.scale).astype(np.float32))

    def box(x: Tensor) -> tuple[Tensor, Tensor]:
        floor, roof = (torch.broadcast_to(edge.to(x), x.shape) for edge in (low, high))
        floor, roof = torch.minimum(floor, x), torch.maximum(roof, x)
        if far is not None:
            floor, roof = torch.maximum(floor, x - far.to(x)), torch.minimum(roof, x + far.to(x))
        floor[:, increasing], roof[:, decreasing] = x[:, increasing], x[:, decreasing]
        free = mutable.to(x.device)
        return torch.where(free, floor, x), torch.where(free, roof, x)

    def attack(module: nn.Module, x: Tensor, y: Tensor, rng: np.random.Generator) -> Tensor:
        floor, roof = box(x)
        share = torch.from_numpy(rng.random(x.shape).astype(np.float32)).to(x)
        x_adv = floor + share * (roof - floor)
        for _ in range(steps):
            x_adv = x_adv.detach().requires_grad_(True)
            loss = nn.functional.cross_entropy(module(x_adv), y, reduction="sum")
            (gradient,) = torch.autograd.grad(loss, x_adv)
            end = torch.where(gradient > 0, roof, floor)
            gain = gradient * (end - x)
            by_feature = torch.zeros(len(x), len(price), device=x.device, dtype=x.dtype)
            by_feature.index_add_(1, owner.to(x.device), gain)
            bought = _bought(by_feature, price.to(x), eps)
            x_adv = torch.where(bought[:, owner.to(x.device)], end, x)
        return with_fills(scaling, existing(space, scaling, ("l0", eps), x, x_adv.detach()))

    return attack


def _bought(gain: Tensor, price: Tensor, eps: float) -> Tensor:
    """Mark the features (b, f) that gain most (b, f) for their ``price`` (f,), within ``eps``."""
    order = torch.argsort(gain / price, dim=1, descending=True, stable=True)
    affordable = price[order].cumsum(dim=1) <= eps * (1 + TOLERANCE)
    helps = torch.gather(gain, 1, order) > 0
    return torch.zeros_like(gain, dtype=torch.bool).scatter(1, order, affordable & helps)
