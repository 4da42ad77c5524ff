"""Whether a GPU multiplies in float64, which bounds on rounding take for granted."""

import os
from functools import cache

import numpy as np

from genlabel_robust.core.arrays import FloatArray

#: Set to anything but 0, cuBLAS composes products of float64 from integers of a few bits.
_EMULATION = "CUBLAS_EMULATE_DOUBLE_PRECISION"
#: The tried products: terms of each sum, and the powers of two over which the factors spread.
_TERMS, _POWERS = (16, 512), 20


def multiplies_in_float64(device: str) -> bool:
    """Say whether bounds can be computed on the torch device ``device``: an NVIDIA GPU in float64.

    No if cuBLAS is set to emulate float64, or if one of two test products is off by more than
    sums in float64 can be. No for the CPU, where numpy computes bounds.
    """
    return device.startswith("cuda") and not _emulated() and _loses_little(device)


def _emulated() -> bool:
    import torch

    # AMD's GPUs are called "cuda" too, and their library has switches of its own
    return torch.version.cuda is None or os.environ.get(_EMULATION, "0") not in ("", "0")


@cache
def _loses_little(device: str) -> bool:
    """Say whether products on ``device`` differ from the CPU's by no more than rounding."""
    rng = np.random.default_rng(0)

    def factor(*shape: int) -> FloatArray:
        return np.asarray(rng.normal(size=shape) * 2.0 ** rng.integers(-_POWERS, _POWERS, shape))

    for terms in _TERMS:
        a, b = factor(256, terms), factor(terms, 256)
        off = np.abs(_product(a, b, device) - a @ b)
        # n · 2⁻⁵³ of the terms' sizes, for each of the two
        if (off > 2 * terms * 2.0**-53 * (np.abs(a) @ np.abs(b))).any():
            return False
    return True


def _product(a: FloatArray, b: FloatArray, device: str) -> FloatArray:
    import torch

    product = torch.tensor(a, device=device) @ torch.tensor(b, device=device)
    return np.asarray(product.cpu().numpy())
