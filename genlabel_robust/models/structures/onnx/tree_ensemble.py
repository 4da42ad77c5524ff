"""Trees of ONNX's ai.onnx.ml 5: ``TreeEnsemble``, which lists nodes and leaves separately."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.structure import UnreadError
from genlabel_robust.structure.core_trees import Nodes, Split

#: The names of the modes in older operators, in the order of their numbers here.
_MODES = (
    b"BRANCH_LEQ",
    b"BRANCH_LT",
    b"BRANCH_GTE",
    b"BRANCH_GT",
    b"BRANCH_EQ",
    b"BRANCH_NEQ",
)
#: The numbers of the aggregate functions that are sums.
_AVERAGE, _SUM = 0, 1


def trees_of(
    model: Any, attributes: Mapping[str, Any], split: Any
) -> tuple[list[Nodes], FloatArray]:
    """Return the trees, and the initial values of the k scores.

    ``attributes``: the operator's attributes; ``split``: a function (column, threshold, mode,
    where NaN goes) -> ``Split``.
    """
    k = int(attributes.get("n_targets", 1))
    # 1 is a logistic and 2 a softmax in onnxruntime 1.32; in the specification it is the reverse
    if k != model.n_classes or attributes.get("post_transform", 0) != 0:
        raise UnreadError("the ONNX model's trees do not give its scores as they are")
    how = attributes.get("aggregate_function", _SUM)
    if how not in (_AVERAGE, _SUM):
        raise UnreadError("the ONNX model takes the least or the largest of its trees")
    splits, weights = np.asarray(attributes["nodes_splits"]), np.asarray(attributes["leaf_weights"])
    if splits.dtype != np.float32 or weights.dtype != np.float32:
        raise UnreadError("the ONNX model has trees of another type than float32")
    modes = np.asarray(attributes["nodes_modes"])
    if (modes >= len(_MODES)).any():
        raise UnreadError("the ONNX model's trees branch by BRANCH_MEMBER")
    roots = list(attributes["tree_roots"])
    added = np.eye(k)[np.asarray(attributes["leaf_targetids"], dtype=np.int64)]
    added = added * weights.astype(np.float64)[:, None] / (len(roots) if how == _AVERAGE else 1)
    return [_tree(attributes, int(root), added, split) for root in roots], np.zeros(k)


def _tree(attributes: Mapping[str, Any], root: int, added: FloatArray, split: Any) -> Nodes:
    """Return one tree; ``added`` (leaves, k): the values of its leaves."""
    tracks = attributes.get("nodes_missing_value_tracks_true") or [0] * len(
        attributes["nodes_modes"]
    )
    places: dict[tuple[bool, int], int] = {(False, root): 0}
    waiting, known = [(False, root)], dict[Split, int]()
    lines: list[tuple[int, int, int, FloatArray]] = []
    nothing = np.zeros(added.shape[1])
    while len(lines) < len(waiting):
        is_leaf, at = waiting[len(lines)]
        if is_leaf:
            lines.append((-1, -1, -1, added[at]))
            continue
        ways = []
        for side in ("true", "false"):
            way = (
                bool(attributes[f"nodes_{side}leafs"][at]),
                int(attributes[f"nodes_{side}nodeids"][at]),
            )
            if way not in places:
                places[way] = len(waiting)
                waiting.append(way)
            ways.append(places[way])
        question = split(
            int(attributes["nodes_featureids"][at]),
            float(attributes["nodes_splits"][at]),
            _MODES[int(attributes["nodes_modes"][at])],
            bool(tracks[at]),
        )
        number = known.setdefault(question, len(known))
        lines.append((number, ways[0], ways[1], nothing))
    of, left, right, value = zip(*lines, strict=True)
    return Nodes(
        np.array(of, dtype=np.int64),
        tuple(known),
        np.array(left, dtype=np.int64),
        np.array(right, dtype=np.int64),
        np.array(value),
    )
