"""An ONNX graph as a differentiable torch function, used for gradients, never for predictions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from genlabel_robust.core import NotApplicableError
from genlabel_robust.model_files.onnx.operators.operators import OPERATORS, Node, Unconverted

#: Operators that are piecewise constant, or that select: they have no useful gradients.
_WITHOUT_GRADIENTS = frozenset(
    {
        "TreeEnsemble",
        "TreeEnsembleClassifier",
        "TreeEnsembleRegressor",
        "OneHotEncoder",
        "LabelEncoder",
        "CategoryMapper",
        "DictVectorizer",
        "Binarizer",
        "ArgMax",
        "ArgMin",
        "OneHot",
        "Sign",
        "Floor",
        "Ceil",
        "Round",
    }
)

#: ONNX's type numbers.
_FLOAT, _DOUBLE = 1, 11


@dataclass(frozen=True)
class Source:
    """An input of a graph: the columns ``begin`` to ``end`` (exclusive) of x.

    ``column``: pass a single column as (n,) instead of (n, 1). ``type``: the type to cast to, or
    None for that of x. Integer inputs have no gradient.
    """

    name: str
    begin: int
    end: int
    column: bool = False
    type: torch.dtype | None = None

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Cut the input out of x (n, c)."""
        part = x[:, self.begin : self.end]
        part = part[:, 0] if self.column else part
        if self.type is None:
            return part
        return part.to(self.type) if self.type.is_floating_point else part.round().to(self.type)

    def in_double(self) -> Source:
        """Return this input for an x in double precision."""
        floats = self.type is not None and self.type.is_floating_point
        return replace(self, type=None) if floats else self


@dataclass(frozen=True, eq=False)
class TorchGraph:
    """The nodes that compute ``target`` (n, k) from ``sources``, in order.

    ``wide``: the same graph in double precision, in which a saturated sigmoid or softmax still
    has a gradient; None if torch cannot compute it.
    """

    nodes: tuple[Node, ...]
    constants: Mapping[str, torch.Tensor]
    sources: tuple[Source, ...]
    target: str
    wide: TorchGraph | None = None

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Compute the target (n, k) for ``x`` (n, c), in the graph's own precision."""
        values: dict[str, Any] = {**self.constants, **{one.name: one(x) for one in self.sources}}
        for node in self.nodes:
            inputs = [values[name] if name else None for name in node.inputs]
            made = OPERATORS[node.operator](node, *inputs)
            made = made if isinstance(made, tuple) else (made,)
            values.update(zip(node.outputs, made, strict=False))
        found: torch.Tensor = values[self.target]
        return found

    def in_double(self) -> TorchGraph:
        """Return the graph with its constants and casts in double precision."""
        constants = {
            name: tensor.double() if tensor.is_floating_point() else tensor
            for name, tensor in self.constants.items()
        }
        nodes = tuple(
            replace(node, attributes={"to": _DOUBLE})
            if node.operator == "Cast" and node.get("to", 0) == _FLOAT
            else node
            for node in self.nodes
        )
        sources = tuple(source.in_double() for source in self.sources)
        return TorchGraph(nodes, constants, sources, self.target)


def torch_graph(model: Any, sources: tuple[Source, ...], target: str, trial: Any) -> TorchGraph:
    """Convert the part of ``model``'s graph that computes ``target`` from ``sources``.

    ``trial`` (n, c): rows of floats on which the conversion is tried. Raises
    ``NotApplicableError``, with the reason as a clause, if the graph cannot be converted or no
    gradient reaches its input.
    """
    from onnx import inliner

    if model.functions:
        model = inliner.inline_local_functions(model)
    constants = {t.name: t for t in model.graph.initializer}
    needed, wanted = _leading_to(model.graph, target)
    opsets = {entry.domain or "ai.onnx": entry.version for entry in model.opset_import}
    nodes: list[Node] = []
    for proto in needed:
        node = _node(proto, opsets)
        if node.operator == "Constant":
            constants[proto.output[0]] = node.attributes
        else:
            _check(node)
            nodes.append(node)
    tensors = {name: _constant(value) for name, value in constants.items() if name in wanted}
    graph = TorchGraph(tuple(nodes), tensors, sources, target)
    x = torch.from_numpy(np.array(trial)).requires_grad_(True)
    try:
        with torch.enable_grad():
            scores = graph(x)
            if scores.requires_grad:
                torch.autograd.grad(scores.sum(), x, allow_unused=True)
    except Unconverted as error:
        raise NotApplicableError(str(error)) from error
    except Exception as error:  # torch rejects some graphs that onnxruntime accepts
        reason = " ".join(str(error).split()) or type(error).__name__
        raise NotApplicableError(f"its graph cannot be computed with torch: {reason}") from error
    if not scores.requires_grad:
        raise NotApplicableError("no gradient reaches the input of its graph")
    wide = graph.in_double()
    try:
        with torch.enable_grad():
            torch.autograd.grad(wide(x.double()).sum(), x)
    except Exception:  # torch has some operators in single precision only
        return graph
    return replace(graph, wide=wide)


def _leading_to(graph: Any, target: str) -> tuple[list[Any], set[str]]:
    """Return the nodes that ``target`` depends on, in graph order, and the names they use."""
    wanted = {target}
    needed = []
    for node in reversed(graph.node):  # ONNX requires topological order
        if wanted.intersection(node.output):
            needed.append(node)
            wanted.update(node.input)
    return needed[::-1], wanted


def _node(proto: Any, opsets: Mapping[str, int]) -> Node:
    import onnx

    domain = proto.domain or "ai.onnx"
    own = domain in ("ai.onnx", "ai.onnx.ml")
    return Node(
        operator=proto.op_type if own else f"{domain}.{proto.op_type}",
        inputs=tuple(proto.input),
        outputs=tuple(proto.output),
        attributes={a.name: onnx.helper.get_attribute_value(a) for a in proto.attribute},
        opset=opsets.get(domain, 1),
    )


def _check(node: Node) -> None:
    """Raise ``NotApplicableError`` if ``node`` cannot be converted."""
    if node.operator in _WITHOUT_GRADIENTS:
        raise NotApplicableError(f"its graph contains {node.operator}, which has no gradients")
    if node.operator not in OPERATORS:
        raise NotApplicableError(
            f"its graph contains the operator {node.operator}, which cannot be converted to torch"
        )


def _constant(value: Any) -> torch.Tensor:
    """Convert an initializer, or the attributes of a Constant node, to a tensor."""
    import onnx

    if isinstance(value, dict):
        (name, content), *_ = value.items()
        if isinstance(content, onnx.TensorProto):
            array = onnx.numpy_helper.to_array(content)
        else:
            array = np.asarray(content, dtype=np.float32 if "float" in name else None)
    else:
        array = onnx.numpy_helper.to_array(value)
    try:
        return torch.from_numpy(np.array(array))
    except TypeError as error:
        raise NotApplicableError("its graph processes texts") from error
