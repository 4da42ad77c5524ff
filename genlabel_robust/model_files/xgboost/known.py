"""The keys that an XGBoost file may have: an unknown key could change what the others mean."""

from typing import Any

from genlabel_robust.model_files.checked_values import UnfitError

#: Place in the file -> its known keys. XGBoost 3.4 began to store the weights of trees in a place
#: that had none before.
_KNOWN = {
    "learner": (
        "attributes",
        "feature_names",
        "feature_types",
        "gradient_booster",
        "learner_model_param",
        "objective",
    ),
    "learner_model_param": (
        "base_score",
        "boost_from_average",
        "num_class",
        "num_feature",
        "num_target",
    ),
    "gradient_booster": ("gbtree", "model", "name", "weight_drop"),
    "model": (
        "boosted_rounds",
        "cats",
        "gbtree_model_param",
        "iteration_indptr",
        "param",
        "tree_info",
        "trees",
        "weight_drop",
        "weights",
    ),
    "gbtree_model_param": (
        "num_parallel_tree",
        "num_roots",
        "num_trees",
        "size_leaf_vector",
    ),
    "tree": (
        "base_weights",
        "categories",
        "categories_nodes",
        "categories_segments",
        "categories_sizes",
        "default_left",
        "id",
        "leaf_child_counts",
        "left_children",
        "loss_changes",
        "parents",
        "right_children",
        "split_conditions",
        "split_indices",
        "split_type",
        "sum_hessian",
        "tree_param",
    ),
}


def only_known(of: Any, place: str, where: str | None = None) -> dict[str, Any]:
    """Return ``of``; raises ``UnfitError`` if it has keys that are unknown in ``place``."""
    odd = [key for key in of if key not in _KNOWN[place]] if isinstance(of, dict) else []
    if odd:
        raise UnfitError(
            f"{where or f'its {place}'} contains {odd[0][:40]!r}, which this version does not know "
            "and which may change predictions"
        )
    return dict(of) if isinstance(of, dict) else {}
