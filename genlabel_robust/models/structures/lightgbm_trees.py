"""Trees of LightGBM, from its text format: sums in float64, three kinds of missing, and sets."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.structure import FLOAT64, Front, Structure, UnreadError
from genlabel_robust.structure.core_trees import Nodes, Split, core_trees, gap_split
from genlabel_robust.structure.folding.trees import folded
from genlabel_robust.structure.rounding import LINK64

#: LightGBM treats numbers up to this, and above its negative, as 0.
_ZERO = float(np.float32(1e-35))
_BELOW = float(np.nextafter(-_ZERO, -np.inf))
#: The largest margins of one-against-all whose probabilities still differ.
_SATURATED = 30.0


def read_file(model: Any, front: Front) -> Structure:
    """Return the structure of a ``LightgbmModel``, read from a file."""
    return _read(model.booster, front)


def read_estimator(model: Any, front: Front) -> Structure:
    """Return the structure of a fitted ``LGBMClassifier``."""
    return _read(model.booster_, front)


def _read(booster: Any, front: Front) -> Structure:
    if str(booster.params.get("pred_early_stop", False)).lower() in ("true", "1"):
        raise UnreadError("LightGBM stops before its last tree where it is sure")
    blocks = _blocks(booster.model_to_string())
    head, trees = blocks[0], blocks[1:]
    groups = int(head["num_tree_per_iteration"])
    k = max(groups, 2)
    if booster.pandas_categorical:
        front = _coded(front, booster.pandas_categorical)
    # LightGBM sets values near 0 to 0 in an array, but not in a sparse matrix
    dense = not hasattr(front.show(front.row[None]), "toarray")
    nodes = [
        _nodes(tree, number % groups + (1 if groups == 1 else 0), k, dense=dense)
        for number, tree in enumerate(trees)
    ]
    core = core_trees(nodes, np.zeros(k), FLOAT64)
    link = _link(head, np.abs(core.value), core.roots)
    if "average_output" in head:  # its margins are sums, but it predicts by their average
        link *= max(len(trees) // groups, 1)
    return folded(replace(core, rounding=core.rounding + link), front)


def _blocks(text: str) -> list[dict[str, str]]:
    """Return the ``key=value`` lines of the header and of each tree."""
    blocks: list[dict[str, str]] = [{}]
    for line in text.splitlines():
        if line == "end of trees":
            return blocks
        key, _, value = line.partition("=")
        if key == "Tree":
            blocks.append({})
        elif key:
            blocks[-1][key] = value
    raise UnreadError("LightGBM's own text of the model has no end")


def _link(head: Mapping[str, str], size: FloatArray, roots: Any) -> float:
    """Return the rounding error of the objective's link function, for a difference of margins."""
    name, *settings = head.get("objective", "").split(" ")
    parameters = dict(setting.partition(":")[::2] for setting in settings)
    slope = float(parameters.get("sigmoid", 1))
    if name == "binary":
        return LINK64 / slope
    if name == "multiclass":
        return LINK64
    if name == "multiclassova":
        largest = np.maximum.reduceat(size, roots, axis=0).sum(axis=0).max() if len(roots) else 0.0
        if slope * largest > _SATURATED:
            raise UnreadError(
                "LightGBM's one-against-all probabilities may be equal where its margins are not"
            )
        return float(LINK64 * np.exp(slope * largest) / slope)
    raise UnreadError(f"LightGBM's objective is {name or 'not known'}")


def _nodes(tree: Mapping[str, str], output: int, k: int, *, dense: bool) -> Nodes:
    """Return a tree; leaf i, stored as -1 - i, comes after the inner nodes."""
    if tree.get("is_linear", "0") != "0":
        raise UnreadError("LightGBM's leaves are linear models")
    leaves = int(tree["num_leaves"])
    inner = leaves - 1
    value = np.zeros((inner + leaves, k))
    value[inner:, output] = _floats(tree, "leaf_value")
    if leaves == 1:
        none = np.full(1, -1, dtype=np.int64)
        return Nodes(none, (), none, none, value)
    known: dict[Split, int] = {}
    questions = zip(
        _ints(tree, "split_feature"),
        _floats(tree, "threshold"),
        _ints(tree, "decision_type"),
        strict=True,
    )
    own = [
        known.setdefault(_split(tree, *question, dense=dense), len(known)) for question in questions
    ]
    split = np.full(inner + leaves, -1, dtype=np.int64)
    split[:inner] = own
    sides = []
    for key in ("left_child", "right_child"):
        child = np.array(_ints(tree, key), dtype=np.int64)
        below = np.full(leaves, -1, dtype=np.int64)
        sides.append(np.concatenate([np.where(child < 0, inner - 1 - child, child), below]))
    return Nodes(split, tuple(known), sides[0], sides[1], value)


def _split(
    tree: Mapping[str, str], column: int, threshold: float, kind: int, *, dense: bool
) -> Split:
    to_left, missing = bool(kind & 2), kind >> 2 & 3
    if kind & 1:
        return _of_categories(tree, column, int(threshold))
    # NaN is treated as 0, unless NaN or 0 means missing
    plain = Split(column, (threshold,), (True, False), missing=threshold >= 0)
    if missing == 2:
        plain = replace(plain, missing=to_left)
    elif missing == 1:
        plain = gap_split(replace(plain, missing=to_left), _BELOW, _ZERO, left=to_left)
    elif missing != 0:
        raise UnreadError("LightGBM's kind of missing values is not known")
    if dense and missing != 1 and _BELOW < threshold < _ZERO:
        plain = gap_split(plain, _BELOW, _ZERO, left=threshold >= 0)
    return plain


def _of_categories(tree: Mapping[str, str], column: int, line: int) -> Split:
    """Return a split that sends a set of categories to the left and all else to the right."""
    bounds = _ints(tree, "cat_boundaries")
    words = _ints(tree, "cat_threshold")[bounds[line] : bounds[line + 1]]
    members = [bool(word >> bit & 1) for word in words for bit in range(32)]
    # a number is truncated to an integer, and below 0 it is no category
    cuts = [-1.0, *(float(np.nextafter(code + 1.0, 0.0)) for code in range(len(members)))]
    return Split(column, tuple(cuts), (False, *members, False), missing=False)


def _coded(front: Front, levels: list[list[Any]]) -> Front:
    """Return ``front`` with columns of pandas' categorical type as their codes.

    ``levels``: the levels of each such column, as LightGBM stored them; others count as missing.
    """

    def show(raw: FloatArray) -> FloatArray:
        frame = front.show(raw)
        coded = frame.copy()
        of = [
            name for name in frame.columns if getattr(frame[name].dtype, "name", "") == "category"
        ]
        if len(of) != len(levels):
            raise UnreadError("LightGBM was trained on other columns of categories than the data's")
        for name, known in zip(of, levels, strict=True):
            code = {level: number for number, level in enumerate(known)}
            coded[name] = [float(code.get(v, np.nan)) for v in frame[name].astype(object)]
        return np.asarray(coded, dtype=np.float64)

    columns = tuple(replace(column, same=False) for column in front.columns)
    return replace(front, columns=columns, show=show, plain=False)


def _ints(tree: Mapping[str, str], key: str) -> list[int]:
    return [int(text) for text in tree[key].split()]


def _floats(tree: Mapping[str, str], key: str) -> list[float]:
    return [float(text) for text in tree[key].split()]
