"""A net of a registered architecture, whatever it is made of, from tensors that have names."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from genlabel_robust.core import generator
from genlabel_robust.model_files.checked_values import UnfitError
from genlabel_robust.model_files.safetensors.layers import layers_of
from genlabel_robust.models.nets.architecture import Architecture
from genlabel_robust.models.nets.chain import Chain


def restored(
    architecture: Architecture, tensors: Mapping[str, np.ndarray], n_features: int, n_classes: int
) -> nn.Module:
    """Return the net that has ``tensors``; those of a chain may have any names that are in order.

    Raises ``ConfigurationError``, of a chain ``UnfitError``, for tensors of another net.
    """
    if isinstance(architecture, Chain):
        return architecture.module(layers_of(tensors))
    return architecture.restore(tensors, n_features, n_classes)


def sizes_of(architecture: Architecture, tensors: Mapping[str, np.ndarray]) -> tuple[int, int]:
    """Return the numbers of features and classes of the net that has ``tensors``.

    Told by the shapes that change with either. Raises ``UnfitError`` where none does, or
    the tensors are of another net.
    """
    small, wider, more = (_shapes(architecture, *sizes) for sizes in ((2, 2), (3, 2), (2, 3)))
    found = []
    for what, other in (("features", wider), ("classes", more)):
        number = None
        for name, tensor in tensors.items():
            shapes = small.get(name, ()), other.get(name, ()), tensor.shape
            for low, high, stored in zip(*shapes, strict=False):
                if high > low:
                    number = 2 + (stored - low) // (high - low)
        if number is None or number < 1:
            raise UnfitError(f"its shapes do not show for how many {what} it was made")
        found.append(number)
    n_features, n_classes = found
    if _shapes(architecture, *found) != {name: tensor.shape for name, tensor in tensors.items()}:
        raise UnfitError("its tensors have other names or shapes than those of that net")
    return n_features, n_classes


def _shapes(
    architecture: Architecture, n_features: int, n_classes: int
) -> dict[str, tuple[int, ...]]:
    # what a file says of itself may ask for any amount of memory: none is taken here
    with torch.device("meta"):
        net = architecture.draw(n_features, n_classes, generator(0, "shapes"))
    return {name: tuple(tensor.shape) for name, tensor in net.state_dict().items()}
