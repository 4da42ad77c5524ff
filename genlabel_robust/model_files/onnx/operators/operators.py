"""The ONNX operators that nets for tables use, in torch, in inference mode."""

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, TypeAlias

import torch
from torch.nn import functional

from genlabel_robust.model_files.onnx.operators.classic import CLASSIC
from genlabel_robust.model_files.onnx.operators.node import Node, Unconverted
from genlabel_robust.model_files.onnx.operators.shape import SHAPES, axes_of

Tensor: TypeAlias = torch.Tensor
Operator: TypeAlias = Callable[..., Any]


def _gemm(node: Node, a: Tensor, b: Tensor, c: Tensor | None = None) -> Tensor:
    a = a.T if node.get("transA", 0) else a
    b = b.T if node.get("transB", 0) else b
    product: Tensor = node.get("alpha", 1.0) * (a @ b)
    return product if c is None else product + node.get("beta", 1.0) * c


def _div(_: Node, a: Tensor, b: Tensor) -> Tensor:
    return a / b if a.is_floating_point() else torch.div(a, b, rounding_mode="trunc")


def _clip(node: Node, x: Tensor, low: Any = None, high: Any = None) -> Tensor:
    low = node.get("min", None) if low is None else low
    high = node.get("max", None) if high is None else high
    return x if low is None and high is None else torch.clamp(x, low, high)


def _hard_sigmoid(node: Node, x: Tensor) -> Tensor:
    return torch.clamp(node.get("alpha", 0.2) * x + node.get("beta", 0.5), 0, 1)


def _selu(node: Node, x: Tensor) -> Tensor:
    alpha = node.get("alpha", 1.67326319217681884765625)
    gamma: float = node.get("gamma", 1.05070102214813232421875)
    return gamma * functional.elu(x, alpha)


def _gelu(node: Node, x: Tensor) -> Tensor:
    return functional.gelu(x, approximate=node.get("approximate", b"none").decode())


def _softmax(kind: Operator) -> Operator:
    def apply(node: Node, x: Tensor) -> Tensor:
        if node.opset >= 13:
            return torch.as_tensor(kind(x, dim=node.get("axis", -1)))
        # before operator set 13, all dimensions from the axis on are flattened to one
        axis = node.get("axis", 1) % x.ndim
        return torch.as_tensor(kind(x.flatten(axis), dim=-1)).reshape(x.shape)

    return apply


def _dropout(node: Node, x: Tensor, _: Tensor | None = None, training: Any = None) -> Tensor:
    if training is not None and bool(training):
        raise Unconverted("its Dropout is active, so its scores are random")
    return x


def _batch_norm(
    node: Node, x: Tensor, scale: Tensor, bias: Tensor, mean: Tensor, var: Tensor
) -> Tensor:
    if node.get("training_mode", 0):
        raise Unconverted("its BatchNormalization is in training mode")
    eps = node.get("epsilon", 1e-5)
    return functional.batch_norm(x, mean, var, scale, bias, training=False, eps=eps)


def _layer_norm(node: Node, x: Tensor, scale: Tensor, bias: Tensor | None = None) -> Tensor:
    dims = list(range(node.get("axis", -1) % x.ndim, x.ndim))
    centred = x - x.mean(dims, keepdim=True)
    variance = (centred**2).mean(dims, keepdim=True)
    normed = centred / torch.sqrt(variance + node.get("epsilon", 1e-5)) * scale
    return normed if bias is None else normed + bias


def _reduce(kind: Callable[[Tensor, list[int], bool], Tensor]) -> Operator:
    def apply(node: Node, x: Tensor, axes: Tensor | None = None) -> Tensor:
        dims = axes_of(node, axes)
        if not dims and node.get("noop_with_empty_axes", 0):
            return x
        return kind(x, dims or list(range(x.ndim)), bool(node.get("keepdims", 1)))

    return apply


def _l2(x: Tensor, dims: list[int], keep: bool) -> Tensor:
    return torch.sqrt((x**2).sum(dims, keepdim=keep))


def _folded(kind: Operator) -> Operator:
    return lambda _, *tensors: reduce(kind, tensors)


def _unary(kind: Operator) -> Operator:
    return lambda _, x: kind(x)


def _binary(kind: Operator) -> Operator:
    return lambda _, a, b: kind(a, b)


_UNARY: Mapping[str, Operator] = {
    "Neg": torch.neg,
    "Abs": torch.abs,
    "Sqrt": torch.sqrt,
    "Exp": torch.exp,
    "Log": torch.log,
    "Reciprocal": torch.reciprocal,
    "Erf": torch.erf,
    "Sin": torch.sin,
    "Cos": torch.cos,
    "Relu": torch.relu,
    "Sigmoid": torch.sigmoid,
    "Tanh": torch.tanh,
    "Softplus": functional.softplus,
    "Softsign": functional.softsign,
    "Mish": functional.mish,
    "HardSwish": lambda x: x * torch.clamp(x / 6 + 0.5, 0, 1),
    "Identity": lambda x: x,
    "Not": torch.logical_not,
}

_BINARY: Mapping[str, Operator] = {
    "Add": torch.add,
    "Sub": torch.sub,
    "Mul": torch.mul,
    "MatMul": torch.matmul,
    "Pow": lambda a, b: torch.pow(a, b).to(a.dtype),
    "PRelu": lambda x, slope: torch.where(x >= 0, x, slope * x),
    "Equal": torch.eq,
    "Greater": torch.gt,
    "GreaterOrEqual": torch.ge,
    "Less": torch.lt,
    "LessOrEqual": torch.le,
    "And": torch.logical_and,
    "Or": torch.logical_or,
}

_REDUCED: Mapping[str, Callable[[Tensor, list[int], bool], Tensor]] = {
    "ReduceSum": lambda x, dims, keep: x.sum(dims, keepdim=keep),
    "ReduceMean": lambda x, dims, keep: x.mean(dims, keepdim=keep),
    "ReduceMax": lambda x, dims, keep: x.amax(dims, keepdim=keep),
    "ReduceMin": lambda x, dims, keep: x.amin(dims, keepdim=keep),
    "ReduceSumSquare": lambda x, dims, keep: (x**2).sum(dims, keepdim=keep),
    "ReduceL1": lambda x, dims, keep: x.abs().sum(dims, keepdim=keep),
    "ReduceL2": _l2,
    "ReduceLogSumExp": lambda x, dims, keep: torch.logsumexp(x, dims, keepdim=keep),
}

#: Operator name -> function ``(node, *inputs) -> tensor``, or a tuple of tensors.
OPERATORS: Mapping[str, Operator] = {
    **{name: _unary(kind) for name, kind in _UNARY.items()},
    **{name: _binary(kind) for name, kind in _BINARY.items()},
    **{name: _reduce(kind) for name, kind in _REDUCED.items()},
    **SHAPES,
    **CLASSIC,
    "Gemm": _gemm,
    "Div": _div,
    "Max": _folded(torch.maximum),
    "Min": _folded(torch.minimum),
    "Sum": _folded(torch.add),
    "Clip": _clip,
    "LeakyRelu": lambda node, x: functional.leaky_relu(x, node.get("alpha", 0.01)),
    "Elu": lambda node, x: functional.elu(x, node.get("alpha", 1.0)),
    "Celu": lambda node, x: functional.celu(x, node.get("alpha", 1.0)),
    "Selu": _selu,
    "Gelu": _gelu,
    "HardSigmoid": _hard_sigmoid,
    "Softmax": _softmax(torch.softmax),
    "LogSoftmax": _softmax(torch.log_softmax),
    "Where": lambda _, condition, a, b: torch.where(condition, a, b),
    "Dropout": _dropout,
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
}

__all__ = ["OPERATORS", "Node", "Unconverted"]
