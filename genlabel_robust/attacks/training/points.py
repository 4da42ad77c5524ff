"""Valid rows near the end points of an attack inside training."""

import numpy as np
import torch
from torch import Tensor

from genlabel_robust.data import Scaling
from genlabel_robust.threat import AttackSpace, Ball


def existing(space: AttackSpace, scaling: Scaling, ball: Ball, x: Tensor, x_adv: Tensor) -> Tensor:
    """Return the valid neighbours (b, d) of ``x_adv`` (b, d) to which ``x`` (b, d) may change."""
    if space.plain:
        return x_adv
    raw, raw_adv = (
        scaling.offset + scaling.scale * points.cpu().numpy().astype(np.float64)
        for points in (x, x_adv)
    )
    # float32 features differ slightly from the whole numbers that they stand for
    if space.lattice is not None:
        discrete = space.axes[space.lattice.features]
        raw[:, discrete] = np.rint(raw[:, discrete])
    u, axes = space.enter(raw), space.axes
    low, high = ((edge - u)[:, axes] for edge in space.box(u))
    moved = space.existing(raw, (space.enter(raw_adv) - u)[:, axes], low, high, ball)
    shift = np.zeros(x.shape)
    shift[:, axes] = moved * (space.scale / scaling.scale)[axes]
    return x + torch.from_numpy(shift).to(x)
