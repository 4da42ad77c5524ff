from __future__ import annotations

import numpy as np

from genlabel_robust.certify.trees.judge import Judge
from genlabel_robust.certify.trees.node import Node
from genlabel_robust.certify.trees.region import Region
from genlabel_robust.certify.trees.search import Search


class _Nowhere(Region):
    """A region without groups and without costs."""

    norm = "linf"

    def __init__(self) -> None:
        self._groups = []


def test_trees_without_common_leaves_close_their_node() -> None:
    # two groups whose only leaves lie in different places were merged: a group of none is left
    none = np.zeros((1, 0), dtype=np.int16)
    one = np.zeros(1, dtype=np.int64)
    node = Node(none, none, np.zeros(0), one, one, one + 1, 0.0, np.zeros((0, 0)), one)
    found = Search(_Nowhere(), 0.0, Judge.__new__(Judge))._reduce(node)
    assert found is False
