"""ONNX models: search for the node that computes the scores, and the reader of linear ones."""

from typing import Any

import numpy as np

from genlabel_robust.models.structures.onnx import net as onnx_net
from genlabel_robust.models.structures.onnx import trees as onnx_trees
from genlabel_robust.models.structures.onnx.graph import Graph, graph_of, maker_of_scores
from genlabel_robust.models.structures.sklearn.linear import of_both
from genlabel_robust.structure import FLOAT32, Front, NoStructure, Structure, UnreadError
from genlabel_robust.structure.folding.affine import folded_affine

#: The error of a sigmoid or softmax, and of a division by their sum, in roundoffs of a difference
#: of two sums.
_LINK = 64.0
#: Link functions that keep the largest sum the largest.
_LINKS = (b"NONE", b"LOGISTIC", b"SOFTMAX")


def read(model: Any, front: Front) -> Structure | NoStructure:
    """Return the structure of an ``OnnxModel``."""
    if model.outputs.scores is None:
        raise UnreadError("the ONNX model gives labels only")
    if model.outputs.compared:
        raise UnreadError(
            "the ONNX model does not predict its largest score: its labels come from a comparison"
        )
    graph = graph_of(model.content)
    node = maker_of_scores(graph, model.outputs.scores)
    if node.op_type in onnx_trees.TREES:
        return onnx_trees.read(model, graph, node, front)
    if (linear := _linear_node(graph, node)) is not None:
        return _read_linear(model, graph, linear, front)
    return onnx_net.read(model, graph, front)


def _linear_node(graph: Graph, node: Any) -> Any | None:
    """Return the linear classifier behind the scores of ``node``, normalised or not; or None."""
    if node.op_type == "Normalizer" and graph.attributes(node).get("norm", b"MAX") == b"L1":
        node = graph.makers.get(node.input[0], node)
    return node if node.op_type == "LinearClassifier" else None


def _read_linear(model: Any, graph: Graph, node: Any, front: Front) -> Structure:
    """Return the structure of an ``OnnxModel`` whose scores the linear ``node`` computes."""
    attributes = graph.attributes(node)
    if any(tensor.type is not np.float32 for tensor in model.inputs.tensors):
        raise UnreadError("the ONNX model takes other columns than those of float32")
    if not (model.inputs.single or model.inputs.columns):
        raise UnreadError("the ONNX model has several inputs of several columns")
    post = attributes.get("post_transform", b"NONE")
    if post not in _LINKS:
        raise UnreadError(f"the ONNX model makes {post.decode()} of its sums")
    bias = np.asarray(attributes.get("intercepts", ()), dtype=np.float64)
    weight = np.asarray(attributes["coefficients"], dtype=np.float64)
    if len(bias) not in ({1, 2} if model.n_classes == 2 else {model.n_classes}):
        raise UnreadError(f"the ONNX model has {len(bias)} sums, and {model.n_classes} classes")
    if len(weight) % len(bias):
        raise UnreadError("the ONNX model has not as many weights for each of its sums")
    front = onnx_trees.front_before(model, graph, node.input[0], front)
    return folded_affine(*of_both(weight.reshape(len(bias), -1), bias), front, FLOAT32, _LINK)
