"""Check that a strategy uses no randomness but its generator, so that seeds repeat runs."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from genlabel_robust.strategies.strategy import BatchStrategy


def unrepeatable(strategy: BatchStrategy, x: Tensor, y: Tensor) -> str | None:
    """Return why a fitted ``strategy`` does not repeat the same batch, None if it does.

    ``x`` (b, d), ``y`` (b,). Global random states are restored.
    """
    torch_state, numpy_state = torch.random.get_rng_state(), np.random.get_state()  # noqa: NPY002
    try:
        first, again = (strategy(x, y, np.random.default_rng(5)) for _ in range(2))
        moved = [
            name
            for name, same in (
                ("torch", torch.equal(torch_state, torch.random.get_rng_state())),
                ("numpy", _same(numpy_state, np.random.get_state())),  # noqa: NPY002
            )
            if not same
        ]
    finally:
        torch.random.set_rng_state(torch_state)
        np.random.set_state(numpy_state)  # noqa: NPY002
    if moved:
        return (
            f"strategy {strategy.name!r} moves {moved[0]}'s global random state; it must draw "
            "from rng alone, or no seed gives the same run again"
        )
    same = torch.equal(first.x, again.x) and torch.equal(first.target, again.target)
    if not (same and torch.equal(first.weight, again.weight)):
        return (
            f"strategy {strategy.name!r} does not make the same batch of equal generators; all "
            "chance must come from rng, or no seed gives the same run again"
        )
    return None


def _same(one: Any, other: Any) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
