"""Whether an ONNX graph is known to stay small, or must first run in a separate process.

It is known if ONNX's shape inference can follow the graph from the input rows to the output.
Otherwise, for instance if sizes depend on values or strings are joined, a graph of sixty nodes can
fill any memory.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: The maximum number of rows in one batch, assumed for the first dimension.
_ROWS = 4096
#: A run is small up to these numbers of elements in all tensors together and multiplications.
_MOST_ELEMENTS, _MOST_WORK = 10**9, 10**11
_OWN, _ML = ("", "ai.onnx"), "ai.onnx.ml"
#: Operators of classic machine learning whose output per row is no larger than the file itself.
_BOUNDED = frozenset(
    {
        "ArrayFeatureExtractor",
        "Binarizer",
        "CastMap",
        "CategoryMapper",
        "FeatureVectorizer",
        "Imputer",
        "LabelEncoder",
        "LinearClassifier",
        "LinearRegressor",
        "Normalizer",
        "OneHotEncoder",
        "SVMClassifier",
        "SVMRegressor",
        "Scaler",
        "TreeEnsemble",
        "TreeEnsembleClassifier",
        "TreeEnsembleRegressor",
        "ZipMap",
    }
)
#: Operators that multiply matrices; and those on strings, whose lengths shape inference ignores.
_PRODUCTS = ("MatMul", "Gemm", "Conv")
_TEXTS = ("StringConcat", "StringSplit", "StringNormalizer", "RegexFullMatch", "TfIdfVectorizer")

Shapes = Mapping[str, tuple[int, ...]]


def known_to_stay_small(model: Any, inferred: Any, messages: Iterable[Any]) -> bool:
    """Return whether a run of ``model`` on ``_ROWS`` rows is known to stay small.

    ``inferred``: the same model after shape inference, or None if that failed. ``messages``: all
    protobuf messages of the model.
    """
    kinds = {message.DESCRIPTOR.name for message in messages}
    nodes = list(model.graph.node)
    if inferred is None or "FunctionProto" in kinds or _runs_graphs(nodes):
        return False
    shapes = _shapes(model, inferred)
    elements = work = 0.0
    for node in nodes:
        if node.domain == _ML and node.op_type in _BOUNDED:
            continue
        if node.domain not in _OWN or node.op_type in _TEXTS:
            return False
        for output in node.output:
            if output and output not in shapes:
                return False
            elements += math.prod(shapes.get(output, ()))
        if node.op_type in _PRODUCTS:
            work += _multiplications(node, shapes)
    return elements <= _MOST_ELEMENTS and work <= _MOST_WORK


def _runs_graphs(nodes: Sequence[Any]) -> bool:
    return any(a.HasField("g") or len(a.graphs) for node in nodes for a in node.attribute)


def _shapes(model: Any, inferred: Any) -> dict[str, tuple[int, ...]]:
    """Return value -> its shape, where known, with ``_ROWS`` for the dimension of the rows."""
    own = {
        dim.dim_param
        for value in model.graph.input
        for dim in value.type.tensor_type.shape.dim
        if dim.dim_param
    }
    found: dict[str, tuple[int, ...]] = {
        tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer
    }
    graph = inferred.graph
    for value in (*graph.input, *graph.value_info, *graph.output):
        dims = value.type.tensor_type.shape.dim
        # an unnamed first dimension counts the rows in inputs only
        rows = value in graph.input
        sizes = [_size(dim, own, rows and at == 0) for at, dim in enumerate(dims)]
        if value.type.tensor_type.HasField("shape") and all(size is not None for size in sizes):
            found.setdefault(value.name, tuple(size for size in sizes if size is not None))
    return found


def _size(dim: Any, own: set[str], of_rows: bool) -> int | None:
    if dim.HasField("dim_value"):
        return int(dim.dim_value)
    return _ROWS if of_rows or dim.dim_param in own else None


def _multiplications(node: Any, shapes: Shapes) -> float:
    """Return an upper bound on the number of multiplications in a node."""
    made = math.prod(shapes.get(node.output[0], ()))
    taken = [shapes.get(name) for name in node.input[:2]]
    if None in taken:
        return math.inf
    return float(made) * max(math.prod(shape or (1,)) for shape in taken[1:])
