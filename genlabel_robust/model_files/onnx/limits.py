"""Limits on the time and memory of an ONNX model, checked in its graph before anything runs.

A file of one kilobyte can describe an endless loop, or a tensor that no memory can hold.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from genlabel_robust.core import ConfigurationError
from genlabel_robust.model_files.onnx.growth import known_to_stay_small

#: The maximum number of nodes once all functions are inlined, and of node executions in one run,
#: each of which takes a microsecond or more.
_MOST_NODES, _MOST_STEPS = 10**5, 10**7
_LONGEST_LOOP = 10**4
#: The assumed number of iterations of a Scan. It iterates over a tensor: the rows of a batch (at
#: most 4096), or the training rows, as in scikit-learn's nearest neighbours.
_SCANNED = 4096
#: The maximum number of elements of a tensor.
_LARGEST = 10**8
#: Constants with more elements are not read: they cannot be shapes, which have few dimensions.
_SHAPE = 64
_OWN = ("", "ai.onnx")
#: Operators that may contain graphs; all but the first repeat theirs.
_RUN_GRAPHS = ("If", "Loop", "Scan", "SequenceMap")


def check_limits(model: Any, messages: Sequence[Any]) -> bool:
    """Raise ``ConfigurationError`` if ``model`` exceeds the limits on nodes, steps and memory.

    ``messages``: the model and all protobuf messages in it. Returns whether a run is known to
    stay small; if not, a trial in a separate process has to show it.
    """
    nodes = [message for message in messages if message.DESCRIPTOR.name == "NodeProto"]
    constants = _constants(messages, nodes)
    computed = _computed(model, messages, nodes)
    sure = {name: found for name, found in constants.items() if name not in computed}
    try:
        _check_steps(model, sure)
    except RecursionError as error:
        raise ConfigurationError("its graphs are nested too deep") from error
    for node in nodes:
        known = _elements(node, constants)
        if known > _LARGEST:
            raise _too_large(node.op_type, known)
    return known_to_stay_small(model, _check_shapes(model), messages)


def has_loops(messages: Iterable[Any]) -> bool:
    """Return whether any of ``messages`` is a node that runs a graph repeatedly."""
    return any(m.DESCRIPTOR.name == "NodeProto" and m.op_type in _RUN_GRAPHS[1:] for m in messages)


def _too_large(what: str, elements: float) -> ConfigurationError:
    return ConfigurationError(
        f"its node {what[:40]!r} makes a tensor of {elements:.1e} elements; at most {_LARGEST:.0e} "
        "are allowed"
    )


def _constants(messages: Iterable[Any], nodes: Iterable[Any]) -> dict[str, list[np.ndarray]]:
    """Return name -> short constants of that name: several graphs can use the same name."""
    import onnx

    found: dict[str, list[np.ndarray]] = defaultdict(list)
    tensors = [
        (tensor.name, tensor)
        for graph in messages
        if graph.DESCRIPTOR.name == "GraphProto"
        for tensor in graph.initializer
    ]
    for node in nodes:
        if node.op_type == "Constant" and node.domain in _OWN and node.output:
            for attribute in node.attribute:
                if attribute.name == "value":
                    tensors.append((node.output[0], attribute.t))
                elif attribute.name in ("value_int", "value_ints", "value_float"):
                    value = onnx.helper.get_attribute_value(attribute)
                    found[node.output[0]].append(np.asarray(value))
    for name, tensor in tensors:
        if math.prod(tensor.dims) <= _SHAPE:
            try:
                found[name].append(onnx.numpy_helper.to_array(tensor))
            except Exception:  # damaged constants are refused where they are used  # noqa: S112
                continue
    return found


def _computed(model: Any, messages: Iterable[Any], nodes: Iterable[Any]) -> set[str]:
    """Return the names that stand for something other than a constant in any of the graphs."""
    found = {name for node in nodes if node.op_type != "Constant" for name in node.output}
    for message in messages:
        if message.DESCRIPTOR.name == "FunctionProto":
            found.update(message.input)
        elif message.DESCRIPTOR.name == "GraphProto":
            stored = (
                {tensor.name for tensor in message.initializer} if message is model.graph else ()
            )
            found.update(value.name for value in message.input if value.name not in stored)
    return found


def _check_steps(model: Any, constants: dict[str, list[np.ndarray]]) -> None:
    """Raise for functions that expand to too many nodes, and for loops that may run too long."""
    functions = {(_domain(f), f.name, f.overload): f for f in model.functions}
    done: dict[tuple[str, str, str], tuple[int, int] | None] = {}

    def of_function(key: tuple[str, str, str]) -> tuple[int, int]:
        if key not in done:
            done[key] = None
            done[key] = of_nodes(functions[key].node)
        found = done[key]
        if found is None:
            raise ConfigurationError(f"its function {key[1][:40]!r} calls itself")
        return found

    def of_nodes(nodes: Any) -> tuple[int, int]:
        """Return the number of nodes after inlining, and the number of node executions."""
        made = run = 0
        for node in nodes:
            key = (_domain(node), node.op_type, node.overload)
            if key in functions:
                inner, steps = of_function(key)
                made, run = made + inner, run + steps
                continue
            graphs = [g for a in node.attribute for g in ([a.g] if a.HasField("g") else a.graphs)]
            made, run = made + 1, run + 1
            times = _times(node, constants) if graphs else 1
            for graph in graphs:
                inner, steps = of_nodes(graph.node)
                made, run = made + inner, run + times * steps
        if made > _MOST_NODES:
            raise ConfigurationError(
                f"its functions expand to more than {_MOST_NODES:,} nodes; export it without "
                "functions"
            )
        if run > _MOST_STEPS:
            raise ConfigurationError(
                f"its loops take more than {_MOST_STEPS:,} steps, far more than a classifier of "
                "rows needs"
            )
        return made, run

    of_nodes(model.graph.node)
    for key in functions:
        of_function(key)


def _domain(node: Any) -> str:
    return "" if node.domain in _OWN else str(node.domain)


def _times(node: Any, constants: dict[str, list[np.ndarray]]) -> int:
    """Return the maximum number of times that a node runs its graphs."""
    if node.domain not in _OWN or node.op_type not in _RUN_GRAPHS:
        raise ConfigurationError(
            f"its node {node.op_type[:40]!r} runs a graph; only {', '.join(_RUN_GRAPHS)} may do so"
        )
    if node.op_type == "If":
        return 1
    if node.op_type != "Loop":
        return _SCANNED
    trips = constants.get(node.input[0], []) if node.input else []
    counts = [int(value.ravel()[0]) for value in trips if value.size == 1]
    if not counts or len(counts) < len(trips) or max(counts) > _LONGEST_LOOP:
        raise ConfigurationError(
            "it has a Loop that may run for too long; the trip count must be a constant of at "
            f"most {_LONGEST_LOOP:,}"
        )
    return max(1, *counts)


def _elements(node: Any, constants: dict[str, list[np.ndarray]]) -> float:
    """Return the number of elements of a node's output if constants alone set it, else 0."""

    def constant(at: int) -> list[np.ndarray]:
        known = constants.get(node.input[at], []) if at < len(node.input) else []
        return [value.ravel().astype(np.float64) for value in known if value.dtype.kind in "iuf"]

    def product(values: np.ndarray) -> float:
        # 0 counts as 1: an empty result can still need large intermediate tensors
        return float(np.prod(np.maximum(np.abs(values), 1)))

    makers: dict[str, Callable[[], list[float]]] = {
        "ConstantOfShape": lambda: [product(v) for v in constant(0)],
        "Expand": lambda: [product(v) for v in constant(1)],
        "Tile": lambda: [product(v) for v in constant(1)],
        "OneHot": lambda: [product(v) for v in constant(1)],
        "Range": lambda: [
            abs((b[0] - a[0]) / c[0])
            for a in constant(0)
            for b in constant(1)
            for c in constant(2)
            if a.size and b.size and c.size and c[0]
        ],
    }
    shapes = [
        product(np.asarray(attribute.ints, dtype=np.float64))
        for attribute in node.attribute
        if attribute.name == "shape" and node.op_type.startswith("Random")
    ]
    make = makers.get(node.op_type) if node.domain in _OWN else None
    return max([*shapes, *(make() if make else [])], default=0.0)


def _check_shapes(model: Any) -> Any:
    """Raise for tensors that are too large according to ONNX's shape inference.

    Returns the model with the inferred shapes, or None if inference failed.
    """
    import onnx

    bare = onnx.ModelProto(ir_version=model.ir_version)
    bare.opset_import.extend(model.opset_import)
    bare.functions.extend(model.functions)
    bare.graph.name = "graph"
    bare.graph.node.extend(model.graph.node)
    bare.graph.input.extend(model.graph.input)
    for output in model.graph.output:  # without the declared shapes, which can be wrong
        bare.graph.output.add(name=output.name)
    for tensor in model.graph.initializer:
        short = math.prod(tensor.dims) <= _SHAPE
        kept = onnx.TensorProto(dims=tensor.dims, data_type=tensor.data_type, name=tensor.name)
        bare.graph.initializer.append(tensor if short else kept)
    try:
        found = onnx.shape_inference.infer_shapes(bare, data_prop=True)
    except Exception:  # it rejects some models that onnxruntime accepts
        return None
    for value in (*found.graph.value_info, *found.graph.output):
        sizes = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        if (known := math.prod(size for size in sizes if size > 0)) > _LARGEST:
            raise _too_large(value.name, known)
    return found
