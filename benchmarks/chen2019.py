"""The boosted trees of Chen et al. 2019, decided by the certifier of trees.

Source: "Robustness Verification of Tree-based Models" (1906.03849). The example in its repository
has trees trained robustly on breast_cancer, and 100 rows. The published results are a verified
error of 0.13 at L∞ 0.3, and 0.39518 as a lower bound of the mean distance.
`benchmarks/certify.py --chen FOLDER` measures it; FOLDER must contain
``breast_cancer_robust.0008.json`` and ``example_breast_cancer0.libsvm``.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.certify.trees import certify_trees
from genlabel_robust.structure.floats import cut_of_float32
from genlabel_robust.structure.rounding import FLOAT32
from genlabel_robust.structure.trees import TreeEnsemble
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import within

FEATURES, EPS = 10, 0.3
#: The published error at EPS, and the published lower bound of the mean distance.
ERROR, MEAN_BOUND = 0.13, 0.39518


def nodes_of(dump: list[dict[str, Any]]) -> tuple[list[int], list[dict[str, Any]]]:
    """Return the root of each tree, and all nodes of an XGBoost dump.

    The key "at" of a node maps its children to their positions.
    """
    nodes: list[dict[str, Any]] = []

    def add(node: dict[str, Any]) -> int:
        here = len(nodes)
        nodes.append(node)
        # "yes" and "no" name children by numbers within the tree
        node["at"] = {child["nodeid"]: add(child) for child in node.get("children", ())}
        return here

    return [add(tree) for tree in dump], nodes


class Dumped:
    """The margins of a binary XGBoost dump, computed in float32 as XGBoost does."""

    def __init__(self, dump: list[dict[str, Any]]) -> None:
        self.roots, self.nodes = nodes_of(dump)

    def predict(self, raw: np.ndarray) -> np.ndarray:
        """Return the label of each row: (n, d) -> (n,)."""
        return np.array([int(self._margin(row.astype(np.float32)) > 0) for row in raw])

    def _margin(self, row: np.ndarray) -> np.float32:
        total = np.float32(0)
        for root in self.roots:
            node = self.nodes[root]
            while "leaf" not in node:
                goes_left = row[node["split"] - 1] < np.float32(node["split_condition"])
                node = self.nodes[node["at"][node["yes" if goes_left else "no"]]]
            total += np.float32(node["leaf"])
        return total

    def structure(self) -> TreeEnsemble:
        """Return the trees; their leaves are the scores of the second class."""
        n = len(self.nodes)
        feature, threshold = np.full(n, -1), np.zeros(n)
        left, right, value = np.arange(n), np.arange(n), np.zeros((n, 2))
        for i, node in enumerate(self.nodes):
            if "leaf" in node:
                value[i, 1] = np.float32(node["leaf"])
                continue
            feature[i] = node["split"] - 1
            threshold[i] = np.float32(node["split_condition"])
            left[i], right[i] = node["at"][node["yes"]], node["at"][node["no"]]
        inner = feature >= 0
        threshold[inner] = cut_of_float32(threshold[inner], strict=True)
        rounding = FLOAT32 * len(self.roots) ** 2 * np.abs(value).max()
        return TreeEnsemble(
            np.array(self.roots), feature, threshold, left, right, value, np.zeros(2), rounding
        )


def example(folder: Path) -> tuple[Dumped, np.ndarray, np.ndarray]:
    """Return the model, its rows (100, 10), and their labels (100,)."""
    dump = json.loads((folder / "breast_cancer_robust.0008.json").read_text(encoding="utf-8"))
    lines = (folder / "example_breast_cancer0.libsvm").read_text(encoding="utf-8").splitlines()
    raw, y = np.zeros((len(lines), FEATURES)), np.zeros(len(lines), dtype=np.int64)
    for i, line in enumerate(lines):
        label, *cells = line.split()
        y[i] = int(label)
        for cell in cells:
            number, value = cell.split(":")
            raw[i, int(number) - 1] = float(value)
    return Dumped(dump), raw, y


def proved(model: Dumped, raw: np.ndarray, y: np.ndarray, edge: float) -> Certificate:
    """Certify rows (n, 10) in a box that is ``edge`` wider than the unit box."""
    space = AttackSpace(
        np.zeros(FEATURES),
        np.ones(FEATURES),
        np.full(FEATURES, -edge),
        np.full(FEATURES, 1 + edge),
        np.ones(FEATURES, dtype=bool),
    )
    trees: Any = model
    return certify_trees(model.structure(), trees, space, raw, y, "linf", (EPS,), distance=True)


def measured(folder: Path) -> dict[str, Any]:
    """Return the record for the model, without a box, as in the paper."""
    model, raw, y = example(folder)
    started = time.thread_time()
    found = proved(model, raw, y, 100.0)
    seconds = time.thread_time() - started
    return {
        "eps": EPS,
        "rows": len(y),
        "error": float(within(found.upper, EPS).mean()),
        "open": int((found.lower < found.upper).sum()),
        "published_error": ERROR,
        "mean_distance": float(found.upper.mean()),
        "published_mean_bound": MEAN_BOUND,
        "median_distance": float(np.median(found.upper)),
        "ms": 1e3 * seconds / len(y),
    }
