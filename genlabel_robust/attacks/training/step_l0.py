"""The attack inside adversarial training under L0: few features, each to an end of its box."""

import numpy as np
import torch
from torch import Tensor, nn

from genlabel_robust.attacks.training.box import scaled_box
from genlabel_robust.attacks.training.fills import with_fills
from genlabel_robust.attacks.training.points import existing
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
    box = scaled_box(space, scaling)
    groups = [[i for i in group if space.mutable[i]] for group in space.rules.one_hot]
    groups = [group for group in groups if len(group) > 1]

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
            for group in groups:
                _switch(group, gradient, x, floor, roof, end, gain)
            by_feature = torch.zeros(len(x), len(price), device=x.device, dtype=x.dtype)
            by_feature.index_add_(1, owner.to(x.device), gain)
            bought = _bought(by_feature, price.to(x), eps)
            x_adv = torch.where(bought[:, owner.to(x.device)], end, x)
        return with_fills(scaling, existing(space, scaling, ("l0", eps), x, x_adv.detach()))

    return attack


def _switch(
    group: list[int],
    gradient: Tensor,
    x: Tensor,
    floor: Tensor,
    roof: Tensor,
    end: Tensor,
    gain: Tensor,
) -> None:
    """Set what the columns of a one-hot ``group`` gain (b, d), and their ``end`` (b, d).

    They leave the row's own category for the one that gains most, which is where the gain stands.
    """
    slope, here, low, high = (part[:, group] for part in (gradient, x, floor, roof))
    own = here.argmax(dim=1, keepdim=True)
    up = (slope * (high - here)).scatter(1, own, -torch.inf)
    to = up.argmax(dim=1, keepdim=True)
    leaving = torch.gather(slope * (low - here), 1, own)
    end[:, group] = here.scatter(1, own, torch.gather(low, 1, own)).scatter(
        1, to, torch.gather(high, 1, to)
    )
    most = torch.gather(up, 1, to) + leaving
    gain[:, group] = torch.zeros_like(here).scatter(1, to, most)


def _bought(gain: Tensor, price: Tensor, eps: float) -> Tensor:
    """Mark the features (b, f) that gain most (b, f) for their ``price`` (f,), within ``eps``."""
    order = torch.argsort(gain / price, dim=1, descending=True, stable=True)
    left = torch.full((len(gain),), eps * (1 + TOLERANCE), device=gain.device, dtype=gain.dtype)
    bought, rows = torch.zeros_like(gain, dtype=torch.bool), torch.arange(len(gain))
    for place in range(gain.shape[1]):
        feature = order[:, place]
        buys = (gain[rows, feature] > 0) & (price[feature] <= left)
        if not bool((price.min() <= left).any()):
            break
        bought[rows, feature] = buys
        left = left - torch.where(buys, price[feature], 0.0)
    return bought
