"""Validation of a CatBoost model, by its JSON, before the model predicts anything."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from genlabel_robust.model_files.checked_values import (
    DEEPEST_TREE,
    MOST_CLASSES,
    WIDEST,
    UnfitError,
    part,
    whole,
)

#: A symmetric tree, with one split per level, has 2**depth leaves.
_DEEPEST_SYMMETRIC = 24
_OTHER_FEATURES = {
    "categorical_features": "categorical",
    "text_features": "text",
    "embedding_features": "embedding",
}


@dataclass(frozen=True)
class Layout:
    """The numbers of input columns and of margins per row (one margin for two classes)."""

    width: int
    outputs: int


def layout(document: Any) -> Layout:
    """Validate ``document``, the model's JSON, and return its layout.

    Raises ``UnfitError`` with a clause that continues a sentence about the model.
    """
    features = part(document, "features_info", dict)
    for key, kind in _OTHER_FEATURES.items():
        if features.get(key):
            raise UnfitError(
                f"it splits by {kind} features, which only CatBoost's own pools can contain; "
                "encode them as numbers, such as one-hot columns, and train on those"
            )
    columns = features.get("float_features", [])
    if not isinstance(columns, list) or not columns:
        raise UnfitError("it uses no column of numbers")
    places = [whole(part(one, "flat_feature_index", int), "a column", 0, WIDEST) for one in columns]
    if len(set(places)) < len(places):
        raise UnfitError("two of its columns are the same column")
    bias = document.get("scale_and_bias")
    if not isinstance(bias, list) or len(bias) != 2 or not isinstance(bias[1], list):
        raise UnfitError("it has no scale and bias")
    outputs = whole(len(bias[1]), "the number of its margins", 1, MOST_CLASSES)
    _finite([bias[0], *bias[1]], "its scale and bias")
    _trees(document, len(columns), outputs)
    return Layout(max(places) + 1, outputs)


def _trees(document: Mapping[str, Any], columns: int, outputs: int) -> None:
    symmetric = document.get("oblivious_trees")
    trees = document.get("trees") if symmetric is None else symmetric
    if not isinstance(trees, list) or not trees:
        raise UnfitError("it has no trees")
    for number, tree in enumerate(trees):
        try:
            if symmetric is not None:
                _symmetric(tree, columns, outputs)
            else:
                _nested(tree, columns, outputs)
        except UnfitError as error:
            raise UnfitError(f"tree {number}: {error}") from error


def _symmetric(tree: Any, columns: int, outputs: int) -> None:
    splits = tree.get("splits") if isinstance(tree, Mapping) else None
    depth = whole(len(splits or ()), "its depth", 0, _DEEPEST_SYMMETRIC)
    for split in splits or ():
        _split(split, columns)
    values = part(tree, "leaf_values", list)
    if len(values) != outputs * 2**depth:
        raise UnfitError(f"it has {len(values)} values for {2**depth} leaves")
    _finite(values, "a leaf")


def _nested(tree: Any, columns: int, outputs: int) -> None:
    waiting = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > DEEPEST_TREE:
            raise UnfitError(f"it is more than {DEEPEST_TREE:,} levels deep")
        if isinstance(node, Mapping) and "split" in node:
            _split(node["split"], columns)
            waiting += [(part(node, side, dict), depth + 1) for side in ("left", "right")]
            continue
        value = part(node, "value", (list, int, float))
        values = value if isinstance(value, list) else [value]
        if len(values) != outputs:
            raise UnfitError(
                f"a leaf has {len(values)} values, but the model has {outputs} margins"
            )
        _finite(values, "a leaf")


def _split(split: Any, columns: int) -> None:
    if part(split, "split_type", str) != "FloatFeature":
        raise UnfitError(
            "it splits by CatBoost's own codes of categories; encode them as numbers, such as "
            "one-hot columns, and train on those"
        )
    whole(part(split, "float_feature_index", int), "its column", 0, columns - 1)
    _finite([part(split, "border", (int, float))], "a border")


def _finite(values: Sequence[Any], what: str) -> None:
    for value in values:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value):
            raise UnfitError(f"{what} is {str(value)[:40]!r}; it must be a finite number")
