"""Whether an ONNX graph is known to stay small, or has to prove it in a process of its own.

Known is what ONNX's inference of shapes can follow from the rows to the answer. Where it cannot, as
where sizes depend on values or texts are joined, a graph of sixty nodes can fill any memory.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: Rows that are asked for at once, which is what the first dimension stands for.
_ROWS = 4096
#: Elements of all tensors together, and multiplications, up to which a run is small.
_MOST_ELEMENTS, _MOST_WORK = 10**9, 10**11
_OWN, _ML = ("", "ai.onnx"), "ai.onnx.ml"
#: Of classic machine learning: each gives a row no more than the file says of it.
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
#: Of numbers, whose results have the shapes that inference gives them.
_PRODUCTS = ("MatMul", "Gemm", "Conv")
_TEXTS = ("StringConcat", "StringSplit", "StringNormalizer", "RegexFullMatch", "TfIdfVectorizer")

Shapes = Mapping[str, tuple[int, ...]]


def known_to_stay_small(model: Any, inferred: Any, messages: Iterable[Any]) -> bool:
    """Tell whether a run of ``model`` on ``_ROWS`` rows is known to be small.

    ``inferred``: the same graph after inference of shapes, None if it failed; ``messages``: all
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
    """Return the shapes that are known, the rows' own dimension taken as ``_ROWS``."""
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
        # only of an input, a dimension without a name is that of its rows
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
    """Return how many products a node adds up at most."""
    made = math.prod(shapes.get(node.output[0], ()))
    taken = [shapes.get(name) for name in node.input[:2]]
    if None in taken:
        return math.inf
    return float(made) * max(math.prod(shape or (1,)) for shape in taken[1:])
