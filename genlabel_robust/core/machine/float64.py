"""Check that a GPU multiplies in full float64, on which bounds of rounding errors rely."""

import os
from functools import cache

import numpy as np

from genlabel_robust.core.arrays import FloatArray

#: If set to anything but 0, cuBLAS emulates float64 products by integers of few bits.
_EMULATION = "CUBLAS_EMULATE_DOUBLE_PRECISION"
#: The test products: terms per sum, and the powers of two over which the factors range.
_TERMS, _POWERS = (16, 512), 20


def multiplies_in_float64(device: str) -> bool:
    """Return whether the torch device can compute bounds: an NVIDIA GPU in full float64.

    False if cuBLAS is set to emulate float64, or if one of two test products is off by more than
    rounding in float64 allows. False for the CPU, where numpy computes the bounds.
    """
    return device.startswith("cuda") and not _emulated() and _loses_little(device)


def _emulated() -> bool:
    import torch

    # torch calls AMD GPUs "cuda" too, and their library has switches of its own
    return torch.version.cuda is None or os.environ.get(_EMULATION, "0") not in ("", "0")


@cache
def _loses_little(device: str) -> bool:
    """Return whether products on ``device`` equal those of the CPU up to rounding."""
    rng = np.random.default_rng(0)

    def factor(*shape: int) -> FloatArray:
        return np.asarray(rng.normal(size=shape) * 2.0 ** rng.integers(-_POWERS, _POWERS, shape))

    for terms in _TERMS:
        a, b = factor(256, terms), factor(terms, 256)
        off = np.abs(_product(a, b, device) - a @ b)
        # n · 2⁻⁵³ times the sum of the terms' absolute values, for each of the two devices
        if (off > 2 * terms * 2.0**-53 * (np.abs(a) @ np.abs(b))).any():
            return False
    return True


def _product(a: FloatArray, b: FloatArray, device: str) -> FloatArray:
    import torch

    product = torch.tensor(a, device=device) @ torch.tensor(b, device=device)
    return np.asarray(product.cpu().numpy())
