"""Fills of missing values in the batches of adversarial training."""

import numpy as np
import torch
from torch import Tensor

from genlabel_robust.data import Scaling


def gone(scaling: Scaling, x: Tensor) -> Tensor:
    """Mark which of the f values that can be missing are missing: scaled rows (b, d) -> (b, f)."""
    marks = [feature + 1 for feature, _ in scaling.fills]
    halves = torch.from_numpy((0.5 - scaling.offset[marks]) / scaling.scale[marks])
    return x[:, marks] >= halves.to(x)


def with_fills(scaling: Scaling, x: Tensor) -> Tensor:
    """Return scaled rows ``x`` (b, d) with the fill in place of each missing value."""
    if not scaling.fills:
        return x
    values = [feature for feature, _ in scaling.fills]
    fills = np.array([fill for _, fill in scaling.fills])
    scaled = torch.from_numpy((fills - scaling.offset[values]) / scaling.scale[values])
    x = x.clone()
    x[:, values] = torch.where(gone(scaling, x), scaled.to(x), x[:, values])
    return x
