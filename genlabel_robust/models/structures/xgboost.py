"""XGBoost's boosted, dart and forest trees, and linear models: float32 sums of float32 values."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.models.structures.sklearn.linear import of_both
from genlabel_robust.structure import FLOAT32, Front, Structure, UnreadError
from genlabel_robust.structure.core_trees import Nodes, core_trees, gap_split, threshold_nodes
from genlabel_robust.structure.floats import cut_of_float32
from genlabel_robust.structure.folding.affine import folded_affine
from genlabel_robust.structure.folding.trees import folded
from genlabel_robust.structure.rounding import LINK32

#: For two classes these predict by a margin above 0; "binary:logitraw" by one above 1/2.
_BINARY = ("binary:logistic", "binary:hinge")
_MULTI = ("multi:softprob", "multi:softmax")
#: The largest float64 below 0.
_BELOW_ZERO = float(np.nextafter(0.0, -1.0))
#: The error of a sigmoid or softmax, in roundoffs of a difference of two margins.
_LINK = 16.0


def read_file(model: Any, front: Front) -> Structure:
    """Return the structure of an ``XgboostModel``, read from a file."""
    return _read(model.booster, model.rounds, front)


def read_estimator(model: Any, front: Front) -> Structure:
    """Return the structure of a fitted ``XGBClassifier`` or ``XGBRFClassifier``."""
    if model.missing is not None and not np.isnan(model.missing):
        raise UnreadError(f"XGBoost takes {model.missing!r} for a missing value")
    booster = model.get_booster()
    best = booster.attr("best_iteration")
    return _read(booster, 0 if best is None else int(best) + 1, front)


def _read(booster: Any, rounds: int, front: Front) -> Structure:
    """Return the structure of the first ``rounds`` of boosting, of all if 0."""
    learner = json.loads(bytes(booster.save_raw("json")))["learner"]
    stored, drop = learner["gradient_booster"], None
    if stored["name"] == "dart":
        stored, drop = stored["gbtree"], stored["weight_drop"]
    if stored["name"] == "gblinear":
        return _linear_of(stored, _base(learner), front)
    if stored["name"] != "gbtree":
        raise UnreadError(f"XGBoost's booster is {stored['name']}, which is not of trees")
    base = _base(learner)
    model = stored["model"]
    if drop is None and len(model.get("weight_drop", ())):
        drop = model["weight_drop"]  # their place since XGBoost 3.4
    used = _trees_in(model, rounds, len(base))
    group = np.asarray(model["tree_info"], dtype=np.int64)[:used]
    weight = np.ones(used) if drop is None else np.asarray(drop, dtype=np.float32)[:used]
    # for two classes there is one margin, of the second class
    start = len(base) if len(base) > 1 else 2
    outputs = group if len(base) > 1 else group + 1
    trees = [
        _nodes(tree, int(output), start, float(share))
        for tree, output, share in zip(model["trees"][:used], outputs, weight, strict=True)
    ]
    if hasattr(front.show(front.row[None]), "toarray"):
        # XGBoost treats absent entries of a sparse matrix as missing, not as 0
        trees = [_zero_is_missing(tree) for tree in trees]
    both = base if len(base) > 1 else np.concatenate([[0.0], base])
    return folded(core_trees(trees, both, FLOAT32, LINK32), front)


def _trees_in(model: Any, rounds: int, groups: int) -> int:
    """Return how many trees the first ``rounds`` have."""
    if rounds == 0:
        return len(model["trees"])
    if "iteration_indptr" in model:
        return int(model["iteration_indptr"][rounds])
    return rounds * groups * int(model["gbtree_model_param"].get("num_parallel_tree", 1) or 1)


def _base(learner: Any) -> FloatArray:
    """Return the initial margins (g,), by the library's own formula in float32."""
    parameters, objective = learner["learner_model_param"], learner["objective"]["name"]
    if int(parameters.get("num_target", 1) or 1) > 1:
        raise UnreadError("XGBoost decides for several labels a row")
    score = np.array(str(parameters["base_score"]).strip("[]").split(","), dtype=np.float32)
    if objective in _MULTI:
        return np.broadcast_to(score.astype(np.float64), int(parameters["num_class"])).copy()
    if objective not in _BINARY:
        raise UnreadError(f"XGBoost's objective is {objective}")
    if objective == "binary:logistic":
        with np.errstate(all="ignore"):
            score = -np.log(np.float32(1) / score - np.float32(1))
    return np.asarray(score, dtype=np.float64)


def _nodes(tree: Any, output: int, k: int, weight: float) -> Nodes:
    if int(tree["tree_param"].get("size_leaf_vector", 1) or 1) > 1:
        raise UnreadError("XGBoost's leaves are of several values each")
    if np.any(tree.get("split_type", ())):
        raise UnreadError("XGBoost splits by its own codes of categories, which are not read")
    left = np.asarray(tree["left_children"], dtype=np.int64)
    right = np.asarray(tree["right_children"], dtype=np.int64)
    single = np.asarray(tree["split_conditions"], dtype=np.float32).astype(np.float64)
    value = np.zeros((len(left), k))
    value[:, output] = np.where(left < 0, single * weight, 0.0)
    return threshold_nodes(
        np.asarray(tree["split_indices"], dtype=np.int64),
        cut_of_float32(single, strict=True),
        np.asarray(tree["default_left"]).astype(bool),
        left,
        right,
        value,
    )


def _zero_is_missing(tree: Nodes) -> Nodes:
    splits: Sequence[Any] = [
        gap_split(split, _BELOW_ZERO, 0.0, left=split.missing) for split in tree.splits
    ]
    return replace(tree, splits=tuple(splits))


def _linear_of(booster: Any, base: FloatArray, front: Front) -> Structure:
    """Return the structure of a ``gblinear`` ``booster``, from its JSON.

    ``base`` (g,): the initial margins, a single one of the second class for two classes; the
    library itself uses the first of them for all. Missing values add nothing.
    """
    stored = np.asarray(booster["model"]["weights"], dtype=np.float32).astype(np.float64)
    table = stored.reshape(-1, len(base))
    weight, bias = of_both(table[:-1].T, table[-1] + base[0])
    return folded_affine(weight, bias, front, FLOAT32, _LINK, skips_missing=True)
