"""Trees without the nodes that no row can reach."""

import numpy as np

from genlabel_robust.structure.trees import TreeEnsemble


def pruned(trees: TreeEnsemble) -> TreeEnsemble:
    """Return ``trees`` with only the nodes that some path from a root leads to, in their order."""
    reached = np.zeros(len(trees.feature), dtype=bool)
    now = np.unique(trees.roots)
    while len(now):
        reached[now] = True
        ahead = np.unique(np.concatenate([trees.left[now], trees.right[now]]))
        now = ahead[~reached[ahead]]
    if reached.all():
        return trees
    new = np.cumsum(reached) - 1
    return TreeEnsemble(
        new[trees.roots],
        trees.feature[reached],
        trees.threshold[reached],
        new[trees.left[reached]],
        new[trees.right[reached]],
        trees.value[reached],
        trees.base,
        trees.rounding,
    )
