"""The attack inside adversarial training: a short PGD on a batch of scaled features."""

import numpy as np
import torch
from torch import Tensor, nn

from genlabel_robust.attacks.training.box import scaled_box
from genlabel_robust.attacks.training.fills import gone, with_fills
from genlabel_robust.attacks.training.points import existing
from genlabel_robust.attacks.training.step_l0 import few_features_step
from genlabel_robust.data import Scaling
from genlabel_robust.strategies.adversarial import AttackStep
from genlabel_robust.threat import AttackSpace, Norm


def training_step(
    space: AttackSpace, scaling: Scaling, norm: Norm, eps: float, steps: int = 10
) -> AttackStep:
    """Return ``(module, x (b, d), y (b,), rng) -> x_adv (b, d)`` on scaled features.

    The attack starts from random points of the ball and makes ``steps`` steps of 2.5 ε / steps on
    the cross-entropy, inside the box of the training range. In L1 each step moves the one feature
    with the largest slope that can still move; for L0 see ``few_features_step``. Whole numbers and
    categories move continuously; at the end each point is replaced by a valid neighbour that
    satisfies the relations. Source: Madry et al. 2018 (1706.06083).
    """
    if norm == "l0":
        return few_features_step(space, scaling, eps, steps)
    # scaled = (offset + scale·u − offset') / scale', so a step in u is `stretch` in scaled features
    stretch = torch.from_numpy((space.scale / scaling.scale).astype(np.float32))
    mutable = torch.from_numpy(space.mutable)
    box = scaled_box(space, scaling)
    size = 2.5 * eps / steps
    filled = [feature for feature, _ in scaling.fills]

    def attack(module: nn.Module, x: Tensor, y: Tensor, rng: np.random.Generator) -> Tensor:
        to_scaled, free = stretch.to(x.device), mutable.to(x.device)
        floor, roof = box(x)
        # a missing value cannot be changed
        for edge in (floor, roof) if filled else ():
            edge[:, filled] = torch.where(gone(scaling, x), x[:, filled], edge[:, filled])

        def place(delta: Tensor) -> Tensor:
            delta = torch.where(free, _shrink(delta, norm, eps), 0.0)
            return torch.clamp(x + to_scaled * delta, floor, roof)

        start = torch.from_numpy(rng.uniform(-eps, eps, x.shape).astype(np.float32)).to(x.device)
        x_adv = place(start)
        for _ in range(steps):
            x_adv = x_adv.detach().requires_grad_(True)
            loss = nn.functional.cross_entropy(module(x_adv), y, reduction="sum")
            (gradient,) = torch.autograd.grad(loss, x_adv)
            x_adv = x_adv.detach()
            at_limit = torch.where(gradient > 0, x_adv >= roof, x_adv <= floor)
            slope = torch.where(free & ~at_limit, gradient * to_scaled, 0.0)
            x_adv = place((x_adv - x) / to_scaled + size * _steepest(slope, norm))
        return with_fills(scaling, existing(space, scaling, (norm, eps), x, x_adv.detach()))

    return attack


def _steepest(slope: Tensor, norm: Norm) -> Tensor:
    """Return the step (b, d) of length 1 that gains most along ``slope`` (b, d)."""
    if norm == "linf":
        return torch.sign(slope)
    if norm == "l2":
        return nn.functional.normalize(slope, dim=1, eps=1e-30)
    steepest = nn.functional.one_hot(slope.abs().argmax(dim=1), slope.shape[1])
    return slope.sign() * steepest


def _shrink(delta: Tensor, norm: Norm, eps: float) -> Tensor:
    if norm == "linf":
        return delta.clamp(-eps, eps)
    length = delta.norm(p=2 if norm == "l2" else 1, dim=1, keepdim=True).clamp_min(1e-30)
    return delta * torch.clamp(eps / length, max=1.0)
