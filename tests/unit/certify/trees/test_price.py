from __future__ import annotations

import numpy as np

from genlabel_robust.certify.trees.node import Node
from genlabel_robust.certify.trees.price import price


def test_no_choice_of_leaves_within_the_radius_exceeds_the_priced_bound() -> None:
    lowered = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        sizes = rng.integers(2, 5, 3)
        n = int(sizes.sum())
        starts = sizes.cumsum() - sizes
        gain = rng.normal(size=n)
        cost = rng.choice([0.0, 0.0, 1.0], (2, n)) * rng.uniform(0, 1, (2, n))
        cost[:, starts] = 0.0
        none = np.zeros((2, n), dtype=np.int16)
        node = Node(
            none, none, gain, sizes, np.zeros(2, int), np.zeros(2, int), 0.1, cost, np.arange(2)
        )
        plain = node.bound(node.most())
        radius = float(rng.uniform(0.05, 0.5))
        price(node, cost, radius, plain - 1.0)
        bound = node.bound(node.most())
        lowered += bound < plain - 1e-3
        choices = np.stack(
            np.meshgrid(*(s + np.arange(k) for s, k in zip(starts, sizes, strict=True))), -1
        )
        choices = choices.reshape(-1, 3)
        spent = cost[:, choices].max(axis=2).sum(axis=0)
        best = gain[choices].sum(axis=1)[spent <= radius].max() + 0.1
        assert best <= bound + 1e-12
        assert bound <= plain
    assert lowered > 50
