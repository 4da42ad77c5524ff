"""Trees in ONNX: ``TreeEnsembleClassifier``, ``TreeEnsembleRegressor`` and ``TreeEnsemble``."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.models.structures.onnx import tree_ensemble as onnx_tree_ensemble
from genlabel_robust.models.structures.onnx.graph import Graph, columns_before, shown_at
from genlabel_robust.structure import FLOAT32, Front, Structure, UnreadError
from genlabel_robust.structure.core_trees import Nodes, Split, core_trees
from genlabel_robust.structure.floats import cut_of_float32
from genlabel_robust.structure.folding.trees import folded
from genlabel_robust.structure.rounding import LINK32

TREES = ("TreeEnsembleClassifier", "TreeEnsembleRegressor", "TreeEnsemble")
#: For each mode: whether values below, at and above a threshold, and NaN, take the true branch.
_MODES = {
    b"BRANCH_LEQ": (True, True, False, False),
    b"BRANCH_LT": (True, False, False, False),
    b"BRANCH_GT": (False, False, True, False),
    b"BRANCH_GTE": (False, True, True, False),
    b"BRANCH_EQ": (False, True, False, False),
    b"BRANCH_NEQ": (True, False, True, True),
}
#: The rounding of 1 - p in float32.
_COMPLEMENT = 2.0**-23


def read(model: Any, graph: Graph, node: Any, front: Front) -> Structure:
    """Return the structure of an ``OnnxModel`` whose scores ``node`` computes."""
    attributes = graph.attributes(node)
    tensors = model.inputs.tensors
    if any(tensor.type is not np.float32 for tensor in tensors):
        raise UnreadError("the ONNX model takes other columns than those of float32")
    if not (model.inputs.single or model.inputs.columns):
        raise UnreadError("the ONNX model has several inputs of several columns")
    if any(key.endswith("_as_tensor") for key in attributes):
        raise UnreadError("the ONNX model has trees of float64")
    front = front_before(model, graph, node.input[0], front)
    if node.op_type == TREES[2]:
        trees, base = onnx_tree_ensemble.trees_of(model, attributes, _split)
    else:
        trees, base = (_classifier if node.op_type == TREES[0] else _regressor)(model, attributes)
    link = 0.0 if attributes.get("post_transform", b"NONE") in (b"NONE", 0) else LINK32
    core = core_trees(trees, base, FLOAT32, link + _COMPLEMENT, ordered=False)
    return folded(core, front)


def front_before(model: Any, graph: Graph, name: str, front: Front) -> Front:
    """Return ``front`` followed by the part of an ``OnnxModel`` up to the value ``name``."""
    inputs = [tensor.name for tensor in model.inputs.tensors]
    if name in inputs and len(inputs) == 1:
        return front  # the cast to float32 is folded into the thresholds
    columns = columns_before(graph, name, inputs, front)

    def ask(session: Any, rows: Any) -> Any:
        fed = model.inputs.feed(rows)
        pieces = [
            session.run([name], {key: fed[key][index] for key in fed})[0][:real]
            for index, real in model.inputs.pieces(len(rows))
        ]
        return np.concatenate(pieces)

    return Front(
        front.parts,
        tuple(columns),
        shown_at(graph, name, ask, front).show,
        front.low,
        front.high,
        front.row,
    )


def _classifier(model: Any, attributes: Mapping[str, Any]) -> tuple[list[Nodes], FloatArray]:
    """Return the trees, and the initial scores of the k classes."""
    k = model.n_classes
    post = attributes.get("post_transform", b"NONE")
    if post not in (b"NONE", b"LOGISTIC", b"SOFTMAX"):
        raise UnreadError(f"the ONNX model's post_transform is {post.decode()}")
    ids = np.asarray(attributes["class_ids"], dtype=np.int64)
    weights = np.asarray(attributes["class_weights"], dtype=np.float32).astype(np.float64)
    begun = np.asarray(attributes.get("base_values", ()), dtype=np.float64)
    where = np.asarray(attributes["class_treeids"]), np.asarray(attributes["class_nodeids"])
    labels = attributes.get("classlabels_int64s") or attributes.get("classlabels_strings") or ()
    if len(labels) != k:
        raise UnreadError("the ONNX model's trees are of other classes than its scores")
    if k > 2:
        if post == b"LOGISTIC":
            raise UnreadError("the ONNX model's probabilities may be equal where scores are not")
        if len(begun) not in (0, k):
            raise UnreadError("the ONNX model's base_values are of another number of classes")
        base = begun if len(begun) else np.zeros(k)
        _refuse_unscored(ids, weights, where, attributes, begun, k)
        return _trees(attributes, where, np.eye(k)[ids] * weights[:, None]), base
    if len(set(ids.tolist())) != 1 or len(begun) > 1:
        raise UnreadError("the ONNX model has leaves of both of two classes, and may decide by one")
    # one score s, of the second class: a probability if no weight is negative, otherwise a margin
    start = float(begun[0]) if len(begun) else 0.0
    if (weights >= 0).all():
        if post != b"NONE":
            raise UnreadError("the ONNX model makes a probability of one")
        first, base = -1.0, np.array([1.0 - start, start])
    elif post == b"LOGISTIC":
        first, base = 0.0, np.array([0.0, start])
    elif post == b"NONE":
        first, base = -1.0, np.array([-start, start])
    else:
        raise UnreadError("the ONNX model takes a softmax of one score")
    return _trees(attributes, where, weights[:, None] * np.array([first, 1.0])), base


def _refuse_unscored(
    ids: IntArray,
    weights: FloatArray,
    where: tuple[IntArray, IntArray],
    attributes: Mapping[str, Any],
    begun: FloatArray,
    k: int,
) -> None:
    """Raise ``UnreadError`` if a class may have no score for a row, and so cannot be predicted.

    If no weight is negative, no score is as good as a score of 0, since some class has more.
    """
    if len(begun) or (weights >= 0).all():
        return
    leaves = np.asarray([mode == b"LEAF" for mode in attributes["nodes_modes"]])
    of_tree = np.asarray(attributes["nodes_treeids"])
    for c in range(k):
        own = ids == c
        full = (
            len({*where[1][own & (where[0] == t)].tolist()}) == int((leaves & (of_tree == t)).sum())
            for t in np.unique(where[0][own]).tolist()
        )
        if not any(full):
            raise UnreadError("a class of the ONNX model has no score for some rows")


def _regressor(model: Any, attributes: Mapping[str, Any]) -> tuple[list[Nodes], FloatArray]:
    k = int(attributes.get("n_targets", 1))
    if k != model.n_classes or attributes.get("post_transform", b"NONE") not in (
        b"NONE",
        b"SOFTMAX",
    ):
        raise UnreadError("the ONNX model's trees do not give its scores as they are")
    how = attributes.get("aggregate_function", b"SUM")
    if how not in (b"SUM", b"AVERAGE"):
        raise UnreadError(f"the ONNX model takes the {how.decode()} of its trees")
    ids = np.asarray(attributes["target_ids"], dtype=np.int64)
    weights = np.asarray(attributes["target_weights"], dtype=np.float32).astype(np.float64)
    if how == b"AVERAGE":
        weights = weights / len(set(attributes["nodes_treeids"]))
    begun = np.asarray(attributes.get("base_values", ()), dtype=np.float64)
    if len(begun) not in (0, k):
        raise UnreadError("the ONNX model's base_values are of another number of scores")
    where = np.asarray(attributes["target_treeids"]), np.asarray(attributes["target_nodeids"])
    base = begun if len(begun) else np.zeros(k)
    return _trees(attributes, where, np.eye(k)[ids] * weights[:, None]), base


def _trees(
    attributes: Mapping[str, Any], where: tuple[IntArray, IntArray], added: FloatArray
) -> list[Nodes]:
    """Return the trees; ``added`` (w, k): the values of the leaves at the places ``where``."""
    of_tree, ids = np.asarray(attributes["nodes_treeids"]), np.asarray(attributes["nodes_nodeids"])
    trees = []
    for number in dict.fromkeys(of_tree.tolist()):
        own = np.flatnonzero(of_tree == number)
        place = {int(ids[i]): line for line, i in enumerate(own.tolist())}
        trees.append(_tree(attributes, own, place, added.shape[1]))
        mine = np.flatnonzero(where[0] == number)
        lines = [place[int(node)] for node in where[1][mine].tolist()]
        np.add.at(trees[-1].value, lines, added[mine])
    return trees


def _tree(attributes: Mapping[str, Any], own: IntArray, place: Mapping[int, int], k: int) -> Nodes:
    known: dict[Split, int] = {}
    split, left, right = (np.full(len(own), -1, dtype=np.int64) for _ in range(3))
    tracks = attributes.get("nodes_missing_value_tracks_true") or [0] * len(
        attributes["nodes_modes"]
    )
    for line, i in enumerate(own.tolist()):
        mode = attributes["nodes_modes"][i]
        if mode == b"LEAF":
            continue
        if mode not in _MODES:
            raise UnreadError(f"the ONNX model's trees branch by {mode.decode()}")
        question = _split(
            int(attributes["nodes_featureids"][i]),
            float(np.float32(attributes["nodes_values"][i])),
            mode,
            bool(tracks[i]),
        )
        split[line] = known.setdefault(question, len(known))
        left[line] = place[int(attributes["nodes_truenodeids"][i])]
        right[line] = place[int(attributes["nodes_falsenodeids"][i])]
    return Nodes(split, tuple(known), left, right, np.zeros((len(own), k)))


def _split(column: int, value: float, mode: bytes, tracks_true: bool) -> Split:
    under, equal, over, missing = _MODES[mode]
    t = np.array([value])
    cuts = float(cut_of_float32(t, strict=True)[0]), float(cut_of_float32(t)[0])
    return Split(column, cuts, (under, equal, over), missing or tracks_true)
