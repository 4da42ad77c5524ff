"""Trees of CatBoost without categories: sums in float64, comparisons in float32."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.core.files.opening import file_bytes
from genlabel_robust.core.files.scratch import scratch_folder
from genlabel_robust.structure import FLOAT64, Front, Structure, UnreadError
from genlabel_robust.structure.core_trees import MOST_NODES, Nodes, Split, core_trees
from genlabel_robust.structure.floats import cut_of_float32
from genlabel_robust.structure.folding.trees import folded
from genlabel_robust.structure.rounding import LINK64

_LOSSES = ("Logloss", "CrossEntropy", "MultiClass")


def read_file(model: Any, front: Front) -> Structure:
    """Return the structure of a ``CatboostModel``, read from a file."""
    return read(model.booster, front)


def read(model: Any, front: Front) -> Structure:
    """Return the structure of a fitted ``CatBoostClassifier``."""
    loss = str(model.get_all_params().get("loss_function", "")).partition(":")[0]
    if loss not in _LOSSES:
        raise UnreadError(f"CatBoost's loss is {loss or 'not known'}")
    if len(model.classes_) in (0, 2) and model.get_probability_threshold() != 0.5:
        raise UnreadError("CatBoost decides at another probability than 1/2")
    stored = _stored(model)
    features_info = stored["features_info"]
    if (
        features_info.get("categorical_features")
        or features_info.get("text_features")
        or "ctrs" in features_info
    ):
        raise UnreadError("CatBoost splits by its own codes of categories, which are not read")
    scale, begun = stored["scale_and_bias"]
    bias = np.asarray(begun, dtype=np.float64)
    outputs = len(bias) if len(bias) > 1 or len(model.classes_) > 2 else 1
    base = bias if outputs > 1 else np.concatenate([[0.0], bias])
    tree = _symmetric if "oblivious_trees" in stored else _nested
    trees = [
        tree(own, features_info["float_features"], float(scale), outputs)
        for own in stored.get("oblivious_trees", stored.get("trees", ()))
    ]
    return folded(core_trees(trees, base, FLOAT64, LINK64), front)


def _stored(model: Any) -> dict[str, Any]:
    with scratch_folder() as folder:
        path = folder / "model.json"
        model.save_model(str(path), format="json")
        found: dict[str, Any] = json.loads(file_bytes(path))
    return found


def _split(entry: Mapping[str, Any], features: Sequence[Mapping[str, Any]]) -> Split:
    """Return a split: values above the border go to the right."""
    if entry["split_type"] != "FloatFeature":
        raise UnreadError("CatBoost splits by its own codes of categories, which are not read")
    feature = features[entry["float_feature_index"]]
    cut = float(cut_of_float32(np.array([np.float32(entry["border"])], dtype=np.float64))[0])
    to_right = feature.get("nan_value_treatment") == "AsTrue"
    return Split(int(feature["flat_feature_index"]), (cut,), (True, False), not to_right)


def _symmetric(
    tree: Mapping[str, Any], features: Sequence[Mapping[str, Any]], scale: float, outputs: int
) -> Nodes:
    """Return a tree with the same split at all nodes of a level; the first is the lowest bit."""
    splits = tuple(_split(entry, features) for entry in reversed(tree["splits"]))
    depth = len(splits)
    inner = 2**depth - 1
    if inner > MOST_NODES:
        raise UnreadError(f"a tree of CatBoost is {depth} levels deep")
    nodes = np.arange(2 * inner + 1)
    # a complete tree: the children of node i are 2i + 1 and 2i + 2
    left = np.where(nodes < inner, 2 * nodes + 1, -1)
    right = np.where(nodes < inner, 2 * nodes + 2, -1)
    level = np.floor(np.log2(nodes + 1)).astype(np.int64)
    split = np.where(nodes < inner, level, -1)
    leaves = np.asarray(tree["leaf_values"], dtype=np.float64).reshape(-1, outputs)
    value = _valued(scale * leaves, inner)
    return Nodes(split, splits, left, right, value)


def _nested(
    tree: Mapping[str, Any], features: Sequence[Mapping[str, Any]], scale: float, outputs: int
) -> Nodes:
    """Return a tree that is stored as nested nodes."""
    known: dict[Split, int] = {}
    split: list[int] = []
    left: list[int] = []
    right: list[int] = []
    leaves: list[FloatArray] = []
    waiting: list[tuple[Any, list[int], int]] = [(tree, [], 0)]
    while waiting:
        node, side, parent = waiting.pop()
        at = len(split)
        if side:
            side[parent] = at
        inner = "split" in node
        split.append(known.setdefault(_split(node["split"], features), len(known)) if inner else -1)
        left.append(-1)
        right.append(-1)
        leaves.append(np.zeros(outputs) if inner else scale * np.ravel(node["value"]))
        if inner:
            waiting += [(node["left"], left, at), (node["right"], right, at)]
    return Nodes(
        np.array(split),
        tuple(known),
        np.array(left),
        np.array(right),
        _valued(np.array(leaves), 0),
    )


def _valued(leaves: FloatArray, inner: int) -> FloatArray:
    """Return the values of nodes, 0 for the first ``inner``; one output is for the second class."""
    if leaves.shape[1] == 1:
        leaves = np.column_stack([np.zeros(len(leaves)), leaves])
    return np.concatenate([np.zeros((inner, leaves.shape[1])), leaves])
