"""Our own torch modules: chains of linear layers on scaled features."""

from __future__ import annotations

import numpy as np

from genlabel_robust.models.model import TorchModel
from genlabel_robust.structure.affine import Affine, chain
from genlabel_robust.structure.columns import Front
from genlabel_robust.structure.structure import NoStructure, Structure

#: The unit roundoff of float32, in which they compute.
_SINGLE = 2.0**-24


def read(model: TorchModel, front: Front) -> Structure | NoStructure:
    """Return the structure of a ``TorchModel``, whose ``front`` is raw features as they are."""
    del front
    layers = model.linear_layers()
    if layers is None:
        return NoStructure("the module is no chain of linear layers")
    return affine_of(model, layers)


def affine_of(model: TorchModel, layers: list[tuple[np.ndarray, np.ndarray]]) -> Affine:
    """Return ``layers``, weights (out, in) and biases (out,), behind the scaling of ``model``."""
    weights, biases = zip(*layers, strict=True)
    return chain(model.scaling.offset, model.scaling.scale, weights, biases, _SINGLE)
