"""A net of any registered architecture, restored from named tensors."""

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
    """Return the net with the weights ``tensors``.

    The tensors of a chain may have any names that give an order. Raises ``ConfigurationError``
    (``UnfitError`` for a chain) if the tensors belong to another net.
    """
    if isinstance(architecture, Chain):
        return architecture.module(layers_of(tensors))
    return architecture.restore(tensors, n_features, n_classes)


def sizes_of(architecture: Architecture, tensors: Mapping[str, np.ndarray]) -> tuple[int, int]:
    """Return the numbers of features and of classes of the net with the weights ``tensors``.

    They follow from the tensor shapes that depend on them. Raises ``UnfitError`` if no shape
    does, or if the tensors belong to another net.
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
    # on "meta", as sizes stated in a file could ask for any amount of memory
    with torch.device("meta"):
        net = architecture.draw(n_features, n_classes, generator(0, "shapes"))
    return {name: tuple(tensor.shape) for name, tensor in net.state_dict().items()}
