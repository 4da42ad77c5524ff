"""The attack inside adversarial training under L0: few features move to ends of their boxes."""

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

    Each of ``steps`` steps takes the gradient of the cross-entropy at the last point. From the
    untouched row it then moves the features with the largest gains for their prices to the better
    ends of their boxes, as many as ``eps`` pays for: the best point of the linearised loss (Frank &
    Wolfe 1956). The first gradient is taken at a random point of the box. Whole numbers and
    categories move to a valid neighbour.
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
    """Set the gains (b, d) of the columns of a one-hot ``group``, and their ``end`` (b, d).

    The row leaves its own category for the one with the largest gain, whose column holds the gain.
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
    """Mark the features (b, f) with the largest ``gain`` (b, f) for their ``price`` (f,)."""
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
