"""The box of each row in a batch of scaled features, for adversarial training."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from genlabel_robust.core import FloatArray
from genlabel_robust.data import Scaling
from genlabel_robust.threat import AttackSpace


def scaled_box(space: AttackSpace, scaling: Scaling) -> Callable[[Tensor], tuple[Tensor, Tensor]]:
    """Return a function like ``space.box`` for scaled rows: (b, d) to floor and roof (b, d)."""
    low, high = (
        torch.from_numpy(scaling.apply((space.offset + space.scale * edge)[None]))
        for edge in (space.low, space.high)
    )
    mutable = torch.from_numpy(space.mutable)
    increasing, decreasing = list(space.rules.increasing), list(space.rules.decreasing)
    own_eps = None if space.own_eps is None else space.own_eps * space.scale / scaling.scale
    zero = -scaling.offset / scaling.scale

    def box(x: Tensor) -> tuple[Tensor, Tensor]:
        floor, roof = torch.minimum(low.to(x), x), torch.maximum(high.to(x), x)
        for room in _rooms(x):
            floor, roof = torch.maximum(floor, x - room), torch.minimum(roof, x + room)
        floor[:, increasing], roof[:, decreasing] = x[:, increasing], x[:, decreasing]
        free = mutable.to(x.device)
        return torch.where(free, floor, x), torch.where(free, roof, x)

    def _rooms(x: Tensor) -> list[Tensor]:
        """Return the largest move of each value under each kind of limit."""
        rooms = [] if own_eps is None else [_like(own_eps, x)]
        if space.shares is not None:
            shares = _like(space.shares, x)
            room = shares * (x - _like(zero, x)).abs()
            rooms.append(torch.where(torch.isfinite(shares), room, torch.inf))
        return rooms

    return box


def _like(values: FloatArray, x: Tensor) -> Tensor:
    return torch.from_numpy(values.astype(np.float32)).to(x)
