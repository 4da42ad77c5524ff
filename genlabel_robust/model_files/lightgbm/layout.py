"""Validation of a LightGBM file, which is written anew from checked values only."""

import json
from dataclasses import dataclass

import numpy as np

from genlabel_robust.model_files.checked_values import (
    MOST_CLASSES,
    MOST_VALUES,
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

_MANY = 10**8
#: The library itself makes at most 2**17.
_MOST_LEAVES = 10**6
#: A line of the header -> whether it is required. Lines without a value are flags.
_HEAD = {
    "version": True,
    "num_class": True,
    "num_tree_per_iteration": True,
    "label_index": False,
    "max_feature_idx": True,
    "objective": True,
    "average_output": False,
    "feature_names": True,
    "monotone_constraints": False,
    "feature_infos": False,
    "tree_sizes": False,
}
#: The lines of a tree that are allowed; those that predictions do not need are not read.
_TREE = {
    "num_leaves",
    "num_cat",
    "split_feature",
    "split_gain",
    "threshold",
    "decision_type",
    "left_child",
    "right_child",
    "leaf_value",
    "leaf_weight",
    "leaf_count",
    "internal_value",
    "internal_weight",
    "internal_count",
    "is_linear",
    "shrinkage",
}
_END = "end of trees"
#: Bit fields of a split: 2 sends missing values left; 4 takes zeros for missing values, 8 takes
#: NaN. Categorical splits (1) are left out.
_DECISIONS = (0, 2, 4, 6, 8, 10)


@dataclass(frozen=True)
class Layout:
    """A classifier on ``width`` features; ``text``: LightGBM's format, from checked values."""

    text: str
    width: int
    n_classes: int
    columns: tuple[str, ...] | None


def layout(content: bytes) -> Layout:
    """Return the classifier in ``content``; raises ``UnfitError`` for anything else."""
    # checked first, as decoding the whole file takes several times its size in memory
    if not content.startswith((b"tree\n", b"tree\r")):
        raise UnfitError("its first line is not 'tree'")
    if b"\0" in content:
        raise UnfitError("it is not text")
    if content.count(b"\n") + content.count(b"\r") > MOST_VALUES:
        raise UnfitError(f"it has more than {MOST_VALUES:,} lines")
    try:
        lines = [line.decode() for line in content.splitlines()]
    except UnicodeDecodeError as error:
        raise UnfitError("it is not text") from error
    if _END not in lines:
        raise UnfitError(f"it has no line {_END!r}, so a part of it is missing")
    end = lines.index(_END)
    _refuse_categories(lines[end:])
    blocks = _blocks(lines[1:end])
    head, trees = _head(blocks[0]), blocks[1:]
    width = whole(head["max_feature_idx"], "max_feature_idx", 0, WIDEST - 1) + 1
    names = tuple(head["feature_names"].split(" "))
    infos = head.get("feature_infos", "").split()
    if len(names) != width or (infos and len(infos) != width):
        raise UnfitError(f"it has {width} features, {len(names)} names and {len(infos)} infos")
    objective, k = _objective(head)
    groups = 1 if k == 2 and objective.startswith("binary") else k
    if len(trees) % groups:
        raise UnfitError(
            f"it has {len(trees)} trees, which is not a multiple of the {groups} trees of a round"
        )
    texts = [_tree(block, index, width) for index, block in enumerate(trees)]
    _check_sizes(head, len(trees))
    clean = [
        "tree",
        "version=v4",
        f"num_class={groups}",
        f"num_tree_per_iteration={groups}",
        "label_index=0",
        f"max_feature_idx={width - 1}",
        f"objective={objective}",
        *(["average_output"] if "average_output" in head else []),
        "feature_names=" + " ".join(f"Column_{i}" for i in range(width)),
        "feature_infos=" + " ".join(["none"] * width),
        "tree_sizes=" + " ".join(str(len(text)) for text in texts),
    ]
    default = all(name == f"Column_{i}" for i, name in enumerate(names))
    text = "\n".join(clean) + "\n\n" + "".join(texts) + f"{_END}\n\npandas_categorical:null\n"
    return Layout(text, width, k, None if default else names)


def _refuse_categories(tail: list[str]) -> None:
    """Raise unless the last lines say that the training frame had no categorical column."""
    for line in tail:
        if not line.startswith("pandas_categorical:"):
            continue
        try:
            stored = json.loads(line.partition(":")[2])
        except (ValueError, RecursionError) as error:
            raise UnfitError("its line pandas_categorical is damaged") from error
        if stored:
            raise UnfitError(f"it was trained on a frame with categorical columns; {NO_CATEGORIES}")
        return
    raise UnfitError("it has no line pandas_categorical, so a part of it is missing")


def _blocks(lines: list[str]) -> list[dict[str, str]]:
    """Return the ``key=value`` lines as dictionaries: the header's first, then each tree's."""
    blocks: list[dict[str, str]] = [{}]
    for line in lines:
        key, _, value = line.partition("=")
        if key == "Tree":
            blocks.append({})
            whole(value, "the number of a tree", len(blocks) - 2, len(blocks) - 2)
        elif key in blocks[-1]:
            raise UnfitError(f"it has the line {key[:40]!r} twice in one section")
        elif line:
            blocks[-1][key] = value
    return blocks


def _head(found: dict[str, str]) -> dict[str, str]:
    for key in found:
        if key not in _HEAD:
            raise UnfitError(
                f"its header has a line {key[:40]!r}, which this version does not know"
            )
    for key, needed in _HEAD.items():
        if needed:
            part(found, key, str)
    if found["version"] not in ("v2", "v3", "v4"):
        raise UnfitError(
            f"its version is {found['version'][:40]!r}; only v2, v3 and v4 are supported"
        )
    return found


def _objective(head: dict[str, str]) -> tuple[str, int]:
    """Return the objective as the library writes it, and the number of classes."""
    name, *settings = head["objective"].split(" ")
    stated = dict(setting.partition(":")[::2] for setting in settings)
    classes = whole(head["num_class"], "num_class", 1, MOST_CLASSES)
    whole(head["num_tree_per_iteration"], "num_tree_per_iteration", classes, classes)
    sigmoid = stated.get("sigmoid", "1")
    if real(sigmoid, "its sigmoid") <= 0:
        raise UnfitError(f"its sigmoid is {sigmoid}; it must be above 0")
    if name == "binary" and classes == 1 and set(stated) <= {"sigmoid"}:
        return f"binary sigmoid:{sigmoid}", 2
    if name in ("multiclass", "multiclassova") and classes > 1:
        whole(part(stated, "num_class", str), "num_class of the objective", classes, classes)
        if name == "multiclass" and set(stated) == {"num_class"}:
            return f"multiclass num_class:{classes}", classes
        if name == "multiclassova" and set(stated) == {"num_class", "sigmoid"}:
            return f"multiclassova num_class:{classes} sigmoid:{sigmoid}", classes
    raise UnfitError(
        f"its objective is {head['objective'][:60]!r} with num_class={classes}; only classifiers "
        "with the objective binary, multiclass or multiclassova are supported"
    )


def _check_sizes(head: dict[str, str], trees: int) -> None:
    if "tree_sizes" in head and len(head["tree_sizes"].split()) != trees:
        raise UnfitError(f"it has {trees} trees, but tree_sizes has another number of entries")


def _tree(block: dict[str, str], index: int, width: int) -> str:
    where = f"tree {index}"
    if maybe(block, "num_cat", str, "0") != "0":
        raise UnfitError(f"{where} splits by categories; {NO_CATEGORIES}")
    if maybe(block, "is_linear", str, "0") != "0":
        raise UnfitError(f"{where} has linear models in its leaves, which are not supported")
    for key in block:
        if key not in _TREE:
            raise UnfitError(f"{where} has a line {key[:40]!r}, which this version does not know")
    leaves = whole(part(block, "num_leaves", str), f"{where}: num_leaves", 1, _MOST_LEAVES)
    values = _reals(block, "leaf_value", leaves, where)
    shrinkage = maybe(block, "shrinkage", str, "1")
    real(shrinkage, f"{where}: shrinkage")
    lines = [f"Tree={index}", f"num_leaves={leaves}", "num_cat=0"]
    if leaves == 1:
        lines.append(f"leaf_value={values}")
    else:
        inner = leaves - 1
        features, kinds, left, right = (
            _whole(block, key, inner, where)
            for key in ("split_feature", "decision_type", "left_child", "right_child")
        )
        if features.min() < 0 or features.max() >= width:
            raise UnfitError(
                f"{where} splits by a feature that does not exist; there are only {width}"
            )
        if not np.isin(kinds, _DECISIONS).all():
            raise UnfitError(f"{where}: a decision_type is not one of {_DECISIONS}")
        _check_shape(left, right, leaves, where)
        lines += [
            f"split_feature={_text(features)}",
            f"split_gain={_zeros(inner)}",
            # a split between missing and present values has an infinite threshold
            f"threshold={_reals(block, 'threshold', inner, where, ('inf', '-inf'))}",
            f"decision_type={_text(kinds)}",
            f"left_child={_text(left)}",
            f"right_child={_text(right)}",
            f"leaf_value={values}",
            f"leaf_weight={_zeros(leaves)}",
            f"leaf_count={_zeros(leaves)}",
            f"internal_value={_zeros(inner)}",
            f"internal_weight={_zeros(inner)}",
            f"internal_count={_zeros(inner)}",
        ]
    return "\n".join([*lines, "is_linear=0", f"shrinkage={shrinkage}", "", "", ""])


def _check_shape(left: np.ndarray, right: np.ndarray, leaves: int, where: str) -> None:
    """Raise unless every leaf, and every node but the root, is the child of exactly one node.

    LightGBM writes an inner node as its number and leaf i as -1 - i. The check numbers the
    leaves after the inner nodes, as nodes without children.
    """
    inner = leaves - 1
    if min(left.min(), right.min()) < -leaves or max(left.max(), right.max()) >= inner:
        raise UnfitError(
            f"{where} has a child that is neither a node nor one of its {leaves} leaves"
        )
    below = np.full(leaves, -1, dtype=np.int64)
    sides = (np.where(side < 0, inner - 1 - side, side) for side in (left, right))
    a, b = (np.concatenate([side, below]) for side in sides)
    if (check_tree(a, b, where) < 0).any():
        raise UnfitError(f"{where}: one of its nodes cannot be reached")


def _whole(block: dict[str, str], key: str, n: int, where: str) -> np.ndarray:
    what = f"{where}: {key}"
    found = [whole(text, what, -_MANY, _MANY) for text in _parts(block, key, n, what)]
    return array(found, what, n)


def _parts(block: dict[str, str], key: str, n: int, what: str) -> list[str]:
    text: str = part(block, key, str)
    if text.count(" ") > 2 * n:  # before the split, which takes fifty bytes per number
        raise UnfitError(f"{what} has more than {n} numbers")
    return text.split()


def _reals(
    block: dict[str, str], key: str, n: int, where: str, beyond: tuple[str, ...] = ()
) -> str:
    """Check a line of ``n`` finite numbers and return its text unchanged, to keep every digit.

    ``beyond``: texts that are allowed besides finite numbers.
    """
    texts = _parts(block, key, n, f"{where}: {key}")
    for text in texts:
        if text not in beyond:
            real(text, f"{where}: {key}")
    if len(texts) != n:
        raise UnfitError(f"{where}: {key} has {len(texts)} numbers; it must have {n}")
    return " ".join(texts)


def _text(values: np.ndarray) -> str:
    return " ".join(map(str, values.tolist()))


def _zeros(n: int) -> str:
    return " ".join(["0"] * n)
