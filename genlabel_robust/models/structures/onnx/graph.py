"""Traversal of an ONNX graph: backwards from its scores, and forwards along its columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.structure import Front, UnreadError
from genlabel_robust.structure.columns import Column

#: Nodes that pass scores on unchanged, or without changing which is the largest.
_PASSING = ("Identity", "Cast", "Softmax")
#: Nodes that leave the columns unchanged, and nodes whose outputs increase with their inputs,
#: either exactly in floats (True) or except for the last bits (False).
_SAME = ("Identity", "Dropout")
_GROWING = {
    "Binarizer": True,
    "Clip": True,
    "Relu": True,
    "Floor": True,
    "Ceil": True,
    "Round": True,
    "Sign": True,
    "Sqrt": True,
    "Log": False,
    "Exp": False,
    "Tanh": False,
    "Sigmoid": False,
    "Atan": False,
    "Asinh": False,
    "Sinh": False,
}


@dataclass(frozen=True, eq=False)
class Graph:
    """A graph; ``proto``: a decoded ``ModelProto``; ``makers``: the node behind each value."""

    proto: Any
    makers: dict[str, Any]
    constants: dict[str, np.ndarray]

    def attributes(self, node: Any) -> dict[str, Any]:
        """Return the attributes of ``node`` as plain values and arrays."""
        from onnx import helper, numpy_helper

        values = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        return {
            name: numpy_helper.to_array(value) if hasattr(value, "data_type") else value
            for name, value in values.items()
        }


def graph_of(content: bytes | None) -> Graph:
    """Return the graph in ``content``, which was checked when the model was read."""
    if content is None:
        raise UnreadError("the graph of the ONNX model was not kept")
    import onnx

    proto = onnx.load_model_from_string(content)
    makers = {name: node for node in proto.graph.node for name in node.output}
    constants = {t.name: onnx.numpy_helper.to_array(t) for t in proto.graph.initializer}
    graph = Graph(proto, makers, constants)
    for node in proto.graph.node:
        if node.op_type == "Constant" and "value" in (attributes := graph.attributes(node)):
            constants[node.output[0]] = np.asarray(attributes["value"])
    return graph


def maker_of_scores(graph: Graph, scores: str) -> Any:
    """Return the node that computes ``scores``, before nodes that keep the largest score."""
    node = graph.makers.get(scores)
    while node is not None and node.op_type in _PASSING:
        node = graph.makers.get(node.input[0])
    if node is None:
        raise UnreadError("the scores of the ONNX model are its input")
    return node


def columns_before(graph: Graph, name: str, inputs: Sequence[str], front: Front) -> list[Column]:
    """Return the columns of the value ``name``, as functions of those of ``front``.

    ``inputs``: the graph's inputs, which contain the columns of ``front`` in order. Raises
    ``UnreadError`` for a node that combines columns.
    """
    if name in inputs:
        if len(inputs) == 1:
            return list(front.columns)
        return [front.columns[list(inputs).index(name)]]
    node = graph.makers.get(name)
    if node is None:
        raise UnreadError(f"nothing in the ONNX model makes its value {name!r}")
    kind = node.op_type

    def before(value: str) -> list[Column]:
        return columns_before(graph, value, inputs, front)

    if kind in _SAME:
        return [_changed(c, exact=True) for c in before(node.input[0])]
    if kind == "Cast":
        return [
            _changed(c, exact=True, affine=_is_float(graph, node)) for c in before(node.input[0])
        ]
    if kind in _GROWING:
        return [_changed(c, exact=_GROWING[kind], affine=False) for c in before(node.input[0])]
    if kind in ("Concat", "FeatureVectorizer"):
        if kind == "Concat" and graph.attributes(node).get("axis") not in (1, -1):
            raise UnreadError("the ONNX model joins rows")
        return [column for value in node.input for column in before(value)]
    if kind in ("ArrayFeatureExtractor", "Gather"):
        return _taken(graph, node, before)
    if kind in _AFFINE:
        return _AFFINE[kind](graph, node, before)
    raise UnreadError(f"the ONNX model's {kind} is none of the nodes whose columns are followed")


def _is_float(graph: Graph, node: Any) -> bool:
    """Say whether a Cast makes floats; raises ``UnreadError`` unless it keeps the order."""
    from onnx import TensorProto

    to = graph.attributes(node).get("to")
    if to in (TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16):
        return True
    if to in (TensorProto.INT64, TensorProto.INT32):
        return False
    # 0 alone becomes False, and small integers begin again at the end of their range
    raise UnreadError("the ONNX model casts a column to a type that does not keep its order")


def shown_at(graph: Graph, name: str, ask: Callable[[Any, Any], Any], front: Front) -> Front:
    """Return ``front`` followed by the part of the graph up to the value ``name``.

    ``ask``: a function of a session and rows in the model's input form that returns the outputs.
    """
    import onnx
    import onnxruntime

    part = onnx.ModelProto()
    part.CopyFrom(graph.proto)
    del part.graph.output[:]
    part.graph.output.append(onnx.ValueInfoProto(name=name))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        part.SerializeToString(), options, providers=["CPUExecutionProvider"], enable_fallback=0
    )

    def show(raw: FloatArray) -> FloatArray:
        return np.asarray(ask(session, front.show(raw)), dtype=np.float64)

    return replace(front, show=show, plain=False)


def _changed(column: Column, *, exact: bool, affine: bool = True) -> Column:
    if affine:
        return replace(column, same=False)
    return replace(column, slope=None, intercept=None, exact=column.exact and exact, same=False)


def _taken(graph: Graph, node: Any, before: Callable[[str], list[Column]]) -> list[Column]:
    if node.op_type == "Gather" and graph.attributes(node).get("axis", 0) not in (1, -1):
        raise UnreadError("the ONNX model chooses among rows")
    positions = graph.constants.get(node.input[1])
    if positions is None:
        raise UnreadError("the ONNX model computes which columns it takes")
    columns = before(node.input[0])
    return [columns[int(i)] for i in np.ravel(positions)]


def _scaled(
    columns: list[Column], factor: Any, offset: Any, *, shifted: bool = True
) -> list[Column]:
    """Return columns ``(x - offset) * factor``; a negative factor reverses their order."""
    n = len(columns)
    try:
        factors = np.broadcast_to(np.asarray(factor, dtype=np.float64), (1, n))[0].tolist()
        offsets = np.broadcast_to(np.asarray(offset, dtype=np.float64), (1, n))[0].tolist()
    except ValueError as error:
        raise UnreadError("a constant of the ONNX model has another shape than a row") from error
    if not all(np.isfinite(f) and f != 0 for f in factors):
        raise UnreadError("the ONNX model multiplies a column by 0, or by no finite number")
    return [
        replace(
            c,
            order=c.order if f > 0 else -c.order,
            slope=None if c.slope is None else c.slope * f,
            intercept=None if c.intercept is None else (c.intercept - o) * f,
            same=False,
        )
        for c, f, o in zip(columns, factors, offsets, strict=True)
    ]


def _scaler(graph: Graph, node: Any, before: Callable[[str], list[Column]]) -> list[Column]:
    attributes = graph.attributes(node)
    return _scaled(
        before(node.input[0]), attributes.get("scale", [1.0]), attributes.get("offset", [0.0])
    )


def _imputer(graph: Graph, node: Any, before: Callable[[str], list[Column]]) -> list[Column]:
    attributes = graph.attributes(node)
    if (
        not np.isnan(attributes.get("replaced_value_float", np.nan))
        or "imputed_value_int64s" in attributes
    ):
        raise UnreadError("the ONNX model takes a number for a missing value")
    return before(node.input[0])


def _arithmetic(graph: Graph, node: Any, before: Callable[[str], list[Column]]) -> list[Column]:
    """Return the columns of a sum, difference, product or quotient with a constant."""
    first, second = node.input
    constant = graph.constants.get(second)
    turned = constant is None
    if turned:
        constant, first = graph.constants.get(first), second
    kind = node.op_type
    if constant is None or (turned and kind == "Div"):
        raise UnreadError(f"the ONNX model's {kind} is not of a column and a constant")
    columns = before(first)
    if kind == "Add":
        return _scaled(columns, 1.0, -np.asarray(constant, dtype=np.float64))
    if kind == "Sub":
        return _scaled(columns, -1.0 if turned else 1.0, constant)
    if kind == "Mul":
        return _scaled(columns, constant, 0.0)
    with np.errstate(all="ignore"):
        return _scaled(columns, 1 / np.asarray(constant, dtype=np.float64), 0.0)


_AFFINE: dict[str, Callable[[Graph, Any, Callable[[str], list[Column]]], list[Column]]] = {
    "Scaler": _scaler,
    "Imputer": _imputer,
    "Add": _arithmetic,
    "Sub": _arithmetic,
    "Mul": _arithmetic,
    "Div": _arithmetic,
}
