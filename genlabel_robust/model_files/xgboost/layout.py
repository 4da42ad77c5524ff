"""Validation of an XGBoost file, which is written anew from checked values only."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from genlabel_robust.model_files.checked_values import (
    MOST_CLASSES,
    NO_CATEGORIES,
    WIDEST,
    UnfitError,
    array,
    check_tree,
    maybe,
    part,
    real,
    whole,
)
from genlabel_robust.model_files.xgboost.known import only_known

#: Objectives with one score, which decides at 0, and with a score per class, the largest of which
#: decides.
_BINARY = ("binary:logistic", "binary:hinge")
_MULTI = ("multi:softprob", "multi:softmax")
_ROOT = 2**31 - 1
_LIST = (list, np.ndarray)
_MANY = 10**8


@dataclass(frozen=True)
class Layout:
    """A classifier of k classes on d features.

    ``content``: JSON for the library, written from checked values. ``width``: d. ``n_classes``:
    k. ``columns`` (d,): the feature names, or None. ``rounds``: the number of boosting rounds
    that predictions use, 0 for all.
    """

    content: bytes
    booster: str
    objective: str
    width: int
    n_classes: int
    columns: tuple[str, ...] | None
    rounds: int


def layout(document: Any) -> Layout:
    """Return the classifier in ``document``; raises ``UnfitError`` for anything else."""
    learner = only_known(part(document, "learner", dict), "learner")
    version = array(part(document, "version", _LIST), "its version", 3)
    parameters = part(learner, "learner_model_param", dict)
    only_known(parameters, "learner_model_param")
    width = whole(part(parameters, "num_feature", (str, int)), "num_feature", 1, WIDEST)
    objective = part(part(learner, "objective", dict), "name", str)
    k, groups = _classes(objective, part(parameters, "num_class", (str, int)))
    whole(parameters.get("num_target", "1"), "num_target, the number of outputs", 0, 1)
    names = list(maybe(learner, "feature_names", _LIST, ()))
    types = list(maybe(learner, "feature_types", _LIST, ()))
    if not all(isinstance(text, str) for text in names + types):
        raise UnfitError("a name or a type of its features is not text")
    for what, found in (("feature_names", names), ("feature_types", types)):
        if found and len(found) != width:
            raise UnfitError(f"it has {len(found)} {what}, but {width} features")
    if "c" in types:
        name = names[types.index("c")] if names else f"number {types.index('c')}"
        raise UnfitError(f"feature {name!r} is categorical for XGBoost; {NO_CATEGORIES}")
    param = {
        "base_score": _base_score(parameters.get("base_score", "5E-1"), groups),
        "num_class": str(k if groups > 1 else 0),
        "num_feature": str(width),
        "num_target": "1",
        "boost_from_average": str(whole(parameters.get("boost_from_average", "1"), "a flag", 0, 1)),
    }
    name, booster, rounds = _booster(part(learner, "gradient_booster", dict), width, groups)
    setting: dict[str, Any] = {"name": objective}
    if groups > 1:
        setting["softmax_multiclass_param"] = {"num_class": str(k)}
    elif objective == "binary:logistic":
        setting["reg_loss_param"] = {"scale_pos_weight": "1"}
    clean = {
        "learner": {
            "attributes": {},
            "feature_names": [],
            "feature_types": [],
            "gradient_booster": booster,
            "learner_model_param": param,
            "objective": setting,
        },
        "version": version.tolist(),
    }
    best = _best(learner.get("attributes", {}), rounds) if name != "gblinear" else 0
    content = json.dumps(clean).encode()
    return Layout(content, name, objective, width, k, tuple(names) or None, best)


def _classes(objective: str, stored: Any) -> tuple[int, int]:
    """Return the number of classes, and the number of scores per row."""
    if objective in _BINARY:
        whole(stored, "num_class", 0, 1)
        return 2, 1
    if objective in _MULTI:
        k = whole(stored, "num_class", 2, MOST_CLASSES)
        return k, k
    raise UnfitError(
        f"its objective is {objective[:40]!r}; only classifiers with one of these are supported: "
        f"{', '.join(_BINARY + _MULTI)}"
    )


def _base_score(stored: Any, groups: int) -> str:
    """Return the text of the base score: one number, or one per group in brackets."""
    if not isinstance(stored, str):
        raise UnfitError("its base_score is not text")
    listed = stored.startswith("[") and stored.endswith("]")
    values = (stored[1:-1] if listed else stored).split(",")
    if len(values) not in {1, groups}:
        raise UnfitError(f"its base_score has {len(values)} numbers, but there are {groups} scores")
    for value in values:
        real(value, "its base_score")
    return stored


def _best(attributes: Any, rounds: int) -> int:
    """Return the number of rounds that ``XGBClassifier`` uses, or 0 for all.

    After early stopping it uses the rounds up to the best one.
    """
    if not isinstance(attributes, dict) or "best_iteration" not in attributes:
        return 0
    return whole(attributes["best_iteration"], "best_iteration", 0, rounds - 1) + 1


def _booster(stored: dict[str, Any], width: int, groups: int) -> tuple[str, dict[str, Any], int]:
    """Return the booster's name, its content, and its number of rounds.

    Trees that were trained with dropout have weights. XGBoost stores them with the booster
    "gbtree" since 3.4, and with "dart" before that. All versions read the older form.
    """
    name = part(only_known(stored, "gradient_booster"), "name", str)
    if name == "gblinear":
        model = only_known(part(stored, "model", dict), "model")
        weights = array(
            part(model, "weights", _LIST),
            "its weights",
            (width + 1) * groups,
            real=True,
        )
        rounds = whole(model.get("boosted_rounds", 0), "boosted_rounds", 0, _MANY)
        linear = {"weights": _finite(weights, "its weights"), "boosted_rounds": rounds}
        return name, {"name": name, "model": linear}, rounds
    if name not in ("gbtree", "dart"):
        raise UnfitError(
            f"its booster is {name[:40]!r}; only gbtree, dart and gblinear are supported"
        )
    inner = part(part(stored, "gbtree", dict) if name == "dart" else stored, "model", dict)
    trees, rounds = _trees(inner, width, groups)
    inside = {"name": "gbtree", "model": trees}
    weights = maybe(inner, "weight_drop", _LIST, None)
    if name == "dart" and weights is None:
        weights = part(stored, "weight_drop", _LIST)
    if weights is None or not len(weights):
        return "gbtree", inside, rounds
    drop = array(weights, "weight_drop", len(trees["trees"]), real=True)
    weighed = _finite(drop, "weight_drop")
    return "dart", {"name": "dart", "gbtree": inside, "weight_drop": weighed}, rounds


def _trees(model: dict[str, Any], width: int, groups: int) -> tuple[dict[str, Any], int]:
    """Return the trees, and the number of rounds in which they were trained."""
    parameters = part(only_known(model, "model"), "gbtree_model_param", dict)
    only_known(parameters, "gbtree_model_param")
    stored = part(model, "trees", list)
    n = whole(part(parameters, "num_trees", (str, int)), "num_trees", len(stored), len(stored))
    parallel = whole(parameters.get("num_parallel_tree", "1"), "num_parallel_tree", 1, _MANY)
    group = array(part(model, "tree_info", _LIST), "tree_info", n)
    if n and (group.min() < 0 or group.max() >= groups):
        raise UnfitError(f"tree_info names a score that does not exist; there are only {groups}")
    cats = maybe(model, "cats", dict, {})
    if any(len(part(cats, key, _LIST)) for key in cats):
        raise UnfitError(f"it contains codes of categories; {NO_CATEGORIES}")
    rounds, rest = divmod(n, parallel * groups)
    clean: dict[str, Any] = {
        "gbtree_model_param": {"num_trees": str(n), "num_parallel_tree": str(parallel)},
        "tree_info": group.tolist(),
        "trees": [_tree(tree, index, width) for index, tree in enumerate(stored)],
    }
    if "iteration_indptr" in model:
        starts = part(model, "iteration_indptr", _LIST)
        starts = array(starts, "iteration_indptr", len(starts))
        if not len(starts) or starts[0] != 0 or starts[-1] != n or (np.diff(starts) < 0).any():
            raise UnfitError("iteration_indptr does not lead from the first tree to the last")
        rounds, clean["iteration_indptr"] = len(starts) - 1, starts.tolist()
    elif rest:
        raise UnfitError(f"it has {n} trees, which is not a whole number of rounds")
    return clean, rounds


def _tree(tree: Any, index: int, width: int) -> dict[str, Any]:
    where = f"tree {index}"
    stored = part(only_known(tree, "tree", where), "tree_param", dict)
    n = whole(part(stored, "num_nodes", (str, int)), f"{where}: num_nodes", 1, _MANY)
    whole(stored.get("size_leaf_vector", "1"), f"{where}: size_leaf_vector", 0, 1)
    whole(part(tree, "id", int), f"{where}: id", index, index)

    def listed(key: str, *, real: bool = False) -> np.ndarray:
        return array(part(tree, key, _LIST), f"{where}: {key}", n, real=real)

    left, right = listed("left_children"), listed("right_children")
    parents, features = listed("parents"), listed("split_indices")
    conditions, to_left = listed("split_conditions", real=True), listed("default_left")
    by_category = "split_type" in tree and listed("split_type").any()
    if by_category or len(maybe(tree, "categories", _LIST, ())):
        raise UnfitError(f"{where} splits by categories; {NO_CATEGORIES}")
    reached = check_tree(left, right, where) >= 0
    inner = reached & (left != -1)
    of = np.flatnonzero(inner)
    if (
        parents[0] not in (_ROOT, -1)
        or (np.concatenate([parents[left[of]], parents[right[of]]]) != np.tile(of, 2)).any()
    ):
        raise UnfitError(f"{where}: the parents of its nodes contradict their children")
    # pruned nodes stay in the file, marked by an impossible feature number
    if (features[inner] >= width).any() or features.min() < 0 or features.max() >= 2**32:
        raise UnfitError(f"{where} splits by a feature that does not exist; there are only {width}")
    if ((to_left < 0) | (to_left > 1)).any() or not (-1 <= parents.min() <= parents.max() <= _ROOT):
        raise UnfitError(f"{where}: a number in default_left or parents is impossible")
    _finite(conditions[reached & ~inner], f"{where}: the value of a leaf")
    if np.isnan(conditions[inner].astype(np.float64)).any():
        raise UnfitError(f"{where}: a threshold is NaN")
    zeros = [0.0] * n  # for fields that predictions do not use
    return {
        "id": index,
        "tree_param": {
            "num_nodes": str(n),
            "num_feature": str(width),
            "size_leaf_vector": "1",
            "num_deleted": str(whole(stored.get("num_deleted", "0"), "num_deleted", 0, n)),
        },
        "left_children": left.tolist(),
        "right_children": right.tolist(),
        "parents": parents.tolist(),
        "split_indices": features.tolist(),
        "split_conditions": _reals(conditions),
        "split_type": [0] * n,
        "default_left": to_left.tolist(),
        "base_weights": zeros,
        "loss_changes": zeros,
        "sum_hessian": zeros,
        "categories": [],
        "categories_nodes": [],
        "categories_segments": [],
        "categories_sizes": [],
    }


def _finite(values: np.ndarray, what: str) -> list[float]:
    if not (np.abs(values.astype(np.float64)) <= np.finfo(np.float32).max).all():
        raise UnfitError(f"{what} is not finite")
    return _reals(values)


def _reals(values: np.ndarray) -> list[float]:
    """Return the numbers as floats whose shortest text denotes the same float32."""
    texts: Iterable[str] = values.astype(str).tolist() if values.dtype == np.float32 else ()
    return [float(text) for text in texts] or values.astype(np.float64).tolist()
