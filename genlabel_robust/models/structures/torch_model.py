"""Torch modules of linear layers, ReLUs, and layers that are affine in evaluation mode."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from genlabel_robust.core import FloatArray
from genlabel_robust.models.adapters.torch_module import ModuleAdapter
from genlabel_robust.models.model import TorchModel
from genlabel_robust.models.nets.plain_layers import changes_values
from genlabel_robust.models.structures.net_front import through
from genlabel_robust.structure import (
    FLOAT32,
    FLOAT64,
    Affine,
    Front,
    NoStructure,
    Structure,
    UnreadError,
)
from genlabel_robust.structure.affine import chain
from genlabel_robust.structure.layer_chain import LayerChain

_ROUNDING = {torch.float32: FLOAT32, torch.float64: FLOAT64}


def read(model: TorchModel, front: Front) -> Structure | NoStructure:
    """Return the structure of a ``TorchModel``.

    Its ``front`` is the raw features or, if values can be missing, its own scaling.
    """
    if model.scaling.fills:
        steps = LayerChain(int(front.starts[-1]))
        through(steps, front)
        _follow(model.module, steps)
        return steps.structure(_rounding(model.module))
    layers = model.linear_layers()
    if layers is not None:
        return affine_of(model, layers)
    steps = LayerChain(len(model.scaling.scale))
    _follow(model.module, steps)
    rounding = _rounding(model.module)
    return steps.structure(rounding, model.scaling.offset, model.scaling.scale)


def read_module(model: ModuleAdapter, front: Front) -> Structure | NoStructure:
    """Return the structure of a ``ModuleAdapter``, which takes raw features directly.

    For a single output behind a sigmoid, the scores of both classes are 0 and the sigmoid's input.
    """
    steps = LayerChain(len(front.columns))
    _follow(model.module, steps, last=True)
    if _ends_in(model.module, nn.Sigmoid):
        if steps.width != 1:
            raise UnreadError("the module gives several sigmoids, which tie where they are 1")
        steps.linear(np.array([[0.0], [1.0]]))
    return steps.structure(_rounding(model.module))


def affine_of(model: TorchModel, layers: list[tuple[np.ndarray, np.ndarray]]) -> Affine:
    """Return ``layers``, weights (out, in) and biases (out,), after the scaling of ``model``."""
    weights, biases = zip(*layers, strict=True)
    return chain(model.scaling.offset, model.scaling.scale, weights, biases, FLOAT32)


def _rounding(module: nn.Module) -> float:
    types = {p.dtype for p in [*module.parameters(), *module.buffers()] if p.is_floating_point()}
    if len(types) != 1 or not types <= set(_ROUNDING):
        names = ", ".join(sorted(str(kind) for kind in types)) or "no floats"
        raise UnreadError(f"the module computes in {names}, and not in one of float32 and float64")
    if torch.get_float32_matmul_precision() != "highest":
        raise UnreadError("torch was told to multiply in less than float32")
    return _ROUNDING[types.pop()]


def _follow(module: nn.Module, steps: LayerChain, *, last: bool = False) -> None:
    """Add the steps of ``module``; ``last``: whether nothing comes after it."""
    kind = type(module)
    if changes_values(module):
        raise UnreadError("the module has hooks or parametrizations, which may change its values")
    if kind is nn.Sequential:
        parts = list(module.children())
        for number, part in enumerate(parts):
            _follow(part, steps, last=last and number == len(parts) - 1)
    elif kind in _STEPS:
        _STEPS[kind](module, steps)
    elif kind.__name__ == "_Linear" and isinstance(module, nn.Linear):
        _linear(module, steps)
    elif not (last and _keeps_the_largest(module)):
        raise UnreadError(f"the module holds {kind.__name__}, which is none of the layers known")


def _keeps_the_largest(module: nn.Module) -> bool:
    """Return whether ``module`` keeps the largest score of each row the largest."""
    if type(module) in (nn.Softmax, nn.LogSoftmax):
        return getattr(module, "dim", None) in (1, -1)
    return type(module) is nn.Sigmoid


def _ends_in(module: nn.Module, kind: type[nn.Module]) -> bool:
    while type(module) is nn.Sequential and len(module):
        module = module[-1]
    return type(module) is kind


def _linear(module: Any, steps: LayerChain) -> None:
    steps.linear(_array(module.weight), None if module.bias is None else _array(module.bias))


def _batch_norm(module: Any, steps: LayerChain) -> None:
    if module.running_mean is None or module.running_var is None:
        raise UnreadError("the module's batch norm takes its mean from the other rows of a batch")
    mean, variance = _array(module.running_mean), _array(module.running_var)
    factor = 1 / np.sqrt(variance + module.eps)
    factor = factor if module.weight is None else factor * _array(module.weight)
    shift = np.zeros(len(mean)) if module.bias is None else _array(module.bias)
    if len(mean) != steps.width:
        raise UnreadError(f"a batch norm of {len(mean)} is given {steps.width} numbers")
    steps.scaled(factor, shift - mean * factor, np.abs(shift) + np.abs(mean * factor))


def _flatten(module: Any, steps: LayerChain) -> None:
    del steps
    if module.start_dim != 1 or module.end_dim != -1:
        raise UnreadError("the module flattens other dimensions than those of a row")


def _array(tensor: torch.Tensor) -> FloatArray:
    return tensor.detach().cpu().numpy().astype(np.float64)


_STEPS: dict[type[nn.Module], Callable[[Any, LayerChain], None]] = {
    nn.Linear: _linear,
    nn.ReLU: lambda _, steps: steps.relu(),
    nn.BatchNorm1d: _batch_norm,
    nn.Flatten: _flatten,
    nn.Identity: lambda _module, _steps: None,
    nn.Dropout: lambda _module, _steps: None,
    nn.AlphaDropout: lambda _module, _steps: None,
}
