"""ONNX models: which node makes the scores, and the reader of that."""

from __future__ import annotations

from typing import Any

from genlabel_robust.models.structures.onnx import linear as onnx_linear
from genlabel_robust.models.structures.onnx import net as onnx_net
from genlabel_robust.models.structures.onnx import trees as onnx_trees
from genlabel_robust.models.structures.onnx.graph import graph_of, maker_of_scores
from genlabel_robust.structure.columns import Front
from genlabel_robust.structure.structure import NoStructure, Structure, UnreadError


def read(model: Any, front: Front) -> Structure | NoStructure:
    """Return the structure of an ``OnnxModel``."""
    if model.outputs.scores is None:
        raise UnreadError("the ONNX model gives labels only")
    graph = graph_of(model.content)
    node = maker_of_scores(graph, model.outputs.scores)
    if node.op_type in onnx_trees.TREES:
        return onnx_trees.read(model, graph, node, front)
    if (linear := onnx_linear.linear_node(graph, node)) is not None:
        return onnx_linear.read(model, graph, linear, front)
    return onnx_net.read(model, graph, front)
