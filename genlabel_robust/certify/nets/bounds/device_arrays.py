"""Float64 arrays on a GPU: the operations that numpy and torch spell differently."""

from typing import Any

import numpy as np

from genlabel_robust.core import FloatArray

#: The number of multiplications above which a GPU is faster, copying of all arrays included.
_LEAST_WORK = 1 << 27
#: The most numbers in one array on the GPU. A backward pass keeps about six of this size there.
_LARGEST = 1 << 25


def faster_on_gpu(functions: int, shapes: list[tuple[int, int]]) -> bool:
    """Say whether a GPU should pass ``functions`` through layers with weights of ``shapes``.

    The sizes decide, not the machine, so that every GPU of a kind computes the same bounds.
    """
    widest = max(max(shape) for shape in shapes)
    work = functions * sum(outputs * inputs for outputs, inputs in shapes)
    return work >= _LEAST_WORK and functions * widest <= _LARGEST


def to_device(array: FloatArray, device: str | None) -> Any:
    """Return a copy of ``array`` on the torch device ``device``, or ``array`` itself for None."""
    if device is None:
        return array
    import torch

    return torch.tensor(array, dtype=torch.float64, device=device)


def to_numpy(array: Any) -> FloatArray:
    """Return an array or a tensor as a numpy array."""
    return array if isinstance(array, np.ndarray) else np.asarray(array.cpu().numpy())


def split_by_sign(a: Any) -> tuple[Any, Any]:
    """Return the negative and the positive part of an array or a tensor, both new."""
    if isinstance(a, np.ndarray):
        return np.minimum(a, 0.0), np.maximum(a, 0.0)
    return a.clamp(max=0.0), a.clamp(min=0.0)
