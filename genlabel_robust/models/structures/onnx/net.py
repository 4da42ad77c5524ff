"""Nets in ONNX: a chain of linear nodes and ReLUs from the input to the scores."""

from collections.abc import Callable
from typing import Any

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.models.structures.net_front import through
from genlabel_robust.models.structures.onnx.graph import Graph
from genlabel_robust.structure import FLOAT32, FLOAT64, Front, Structure, UnreadError
from genlabel_robust.structure.layer_chain import LayerChain

#: Nodes that leave each row's values unchanged and in order.
_SAME = ("Identity", "Dropout", "Flatten", "Reshape", "Squeeze", "Unsqueeze")
#: Nodes after the scores that keep the largest score the largest.
_LINKS = ("Softmax", "LogSoftmax")
#: ONNX's type numbers of float32 and float64.
_FLOATS = (1, 11)
#: The most nodes of a chain.
_LONGEST = 1000


def read(model: Any, graph: Graph, front: Front) -> Structure:
    """Return the structure of an ``OnnxModel`` that is a chain of linear nodes and ReLUs.

    For two classes by a sigmoid, the scores are 0 and the sigmoid's input. Raises ``UnreadError``
    for any other node.
    """
    inputs = model.inputs
    if not inputs.single or inputs.takes == "frame":
        raise UnreadError("the ONNX model takes several inputs, or texts")
    chain, sigmoid = _chain(graph, model.outputs.scores, inputs.tensors[0].name)
    steps = LayerChain(int(front.starts[-1]))
    through(steps, front)
    for node in chain:
        _STEPS[node.op_type](graph, node, steps)
    if sigmoid:
        if steps.width != 1:
            raise UnreadError("the ONNX model gives several sigmoids, which tie where they are 1")
        steps.linear(np.array([[0.0], [1.0]]))
    types = {inputs.tensors[0].type, *_types(graph, chain)}
    if not types <= {np.float32, np.float64}:
        raise UnreadError("the ONNX model computes in other types than float32 and float64")
    return steps.structure(FLOAT32 if np.float32 in types else FLOAT64)


def _types(graph: Graph, chain: list[Any]) -> set[Any]:
    """Return the number types in which the nodes of ``chain`` compute."""
    if any(node.op_type == "Scaler" for node in chain):
        return {np.float32}
    constants = [graph.constants[i] for node in chain for i in node.input if i in graph.constants]
    return {c.dtype.type for c in constants if np.issubdtype(c.dtype, np.floating)}


def _chain(graph: Graph, scores: str, start: str) -> tuple[list[Any], bool]:
    """Return the nodes from the input ``start`` to ``scores``, and whether a sigmoid ends them."""
    found: list[Any] = []
    name, sigmoid, at_end = scores, False, True
    while name != start:
        node = graph.makers.get(name)
        if node is None or len(found) > _LONGEST:
            raise UnreadError("the scores of the ONNX model are no function of its input")
        kind = node.op_type
        if kind == "Concat" and at_end and not sigmoid:
            name = _both(graph, node)
            continue
        moving = [i for i in node.input if i and i not in graph.constants]
        if len(moving) != 1:
            raise UnreadError(f"the ONNX model's {kind} joins several values")
        (name,) = moving
        if kind == "Sigmoid" and at_end and not sigmoid:
            sigmoid = True
        elif kind == "Cast":
            if graph.attributes(node).get("to") not in _FLOATS:
                raise UnreadError("the ONNX model turns its values into other types than floats")
        elif kind in _LINKS and at_end:
            if graph.attributes(node).get("axis", -1) not in (1, -1):
                raise UnreadError(f"the ONNX model's {kind} is not of a row's scores")
        elif kind in _STEPS:
            at_end = False
            found.append(node)
        elif kind not in _SAME:
            raise UnreadError(f"the ONNX model holds {kind}, which is none of the nodes known")
    return found[::-1], sigmoid


def _both(graph: Graph, node: Any) -> str:
    """Return the name of the probability p if ``node`` joins 1 - p and p."""
    if len(node.input) == 2:
        first = graph.makers.get(node.input[0])
        if first is not None and first.op_type == "Sub" and first.input[1] == node.input[1]:
            one = graph.constants.get(first.input[0])
            if one is not None and (one == 1).all():
                return str(node.input[1])
    raise UnreadError("the ONNX model's Concat joins several values")


def _gemm(graph: Graph, node: Any, steps: LayerChain) -> None:
    attributes = graph.attributes(node)
    if attributes.get("transA", 0) or node.input[0] in graph.constants:
        raise UnreadError("the ONNX model's Gemm multiplies from the other side")
    weight = attributes.get("alpha", 1.0) * _constant(graph, node.input[1])
    weight = weight if attributes.get("transB", 0) else weight.T
    bias = np.zeros(len(weight))
    if len(node.input) > 2 and node.input[2]:
        bias = attributes.get("beta", 1.0) * _constant(graph, node.input[2])
    steps.linear(weight, _vector(bias, len(weight)))


def _matmul(graph: Graph, node: Any, steps: LayerChain) -> None:
    if node.input[0] in graph.constants:
        raise UnreadError("the ONNX model's MatMul multiplies from the other side")
    weight = _constant(graph, node.input[1])
    if weight.ndim != 2:
        raise UnreadError(f"the ONNX model multiplies by a tensor of shape {weight.shape}")
    steps.linear(weight.T)


def _arithmetic(graph: Graph, node: Any, steps: LayerChain) -> None:
    turned = node.input[0] in graph.constants
    constant = _vector(_constant(graph, node.input[0 if turned else 1]), steps.width)
    one, zero = np.ones(steps.width), np.zeros(steps.width)
    if node.op_type == "Add":
        steps.scaled(one, constant)
    elif node.op_type == "Sub":
        steps.scaled(-one if turned else one, constant if turned else -constant)
    elif node.op_type == "Mul":
        steps.scaled(constant, zero)
    elif turned or (constant == 0).any():
        raise UnreadError("the ONNX model divides by its values, or by 0")
    else:
        steps.scaled(1 / constant, zero)


def _scaler(graph: Graph, node: Any, steps: LayerChain) -> None:
    attributes = graph.attributes(node)
    factor = _vector(np.array(attributes.get("scale", [1.0]), dtype=np.float64), steps.width)
    offset = _vector(np.array(attributes.get("offset", [0.0]), dtype=np.float64), steps.width)
    steps.scaled(factor, -offset * factor)


def _batch_norm(graph: Graph, node: Any, steps: LayerChain) -> None:
    attributes = graph.attributes(node)
    if attributes.get("training_mode", 0):
        raise UnreadError("the ONNX model's batch norm takes its mean from a batch")
    scale, shift, mean, variance = (
        _vector(_constant(graph, name), steps.width) for name in node.input[1:5]
    )
    factor = scale / np.sqrt(variance + attributes.get("epsilon", 1e-5))
    steps.scaled(factor, shift - mean * factor, np.abs(shift) + np.abs(mean * factor))


def _constant(graph: Graph, name: str) -> FloatArray:
    if name not in graph.constants:
        raise UnreadError("the ONNX model computes what it multiplies by")
    return np.asarray(graph.constants[name], dtype=np.float64)


def _vector(constant: FloatArray, n: int) -> FloatArray:
    """Return ``constant`` as the ``n`` numbers that are added to, or multiplied with, a row."""
    if constant.size not in (1, n) or (constant.ndim and constant.shape[-1] != constant.size):
        raise UnreadError(f"a constant of the ONNX model has the shape {constant.shape}")
    return np.broadcast_to(constant.ravel(), n).astype(np.float64)


_STEPS: dict[str, Callable[[Graph, Any, LayerChain], None]] = {
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Add": _arithmetic,
    "Sub": _arithmetic,
    "Mul": _arithmetic,
    "Div": _arithmetic,
    "Neg": lambda _graph, _node, steps: steps.scaled(-np.ones(steps.width), np.zeros(steps.width)),
    "Relu": lambda _graph, _node, steps: steps.relu(),
    "Scaler": _scaler,
    "BatchNormalization": _batch_norm,
}
