"""Points are queried one per example at a time, until one counts."""

from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.certify.singles.first_that_counts import first_that_counts


@pytest.mark.parametrize("seed", range(20))
def test_it_is_the_first_in_order_of_each_example(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, good, rank = rng.integers(0, 5, 30), rng.random(30) < 0.3, rng.permutation(30)
    order = np.lexsort((rank, rows))[rng.random(30) < 0.8]
    asked: list[int] = []

    def counts(tried: np.ndarray) -> np.ndarray:
        assert len(set(rows[tried])) == len(tried)
        asked.extend(tried.tolist())
        return good[tried]

    found = first_that_counts(rows, order, counts)
    tried = {row: [i for i in order.tolist() if rows[i] == row] for row in set(rows[order])}
    wanted = {row: next((i for i in own if good[i]), None) for row, own in tried.items()}
    assert {int(rows[i]): int(i) for i in found} == {
        r: i for r, i in wanted.items() if i is not None
    }
    # nothing behind the first that counts is asked about, and nothing twice
    for row, own in tried.items():
        stop = len(own) if wanted[row] is None else own.index(wanted[row]) + 1
        assert sorted(own[:stop]) == sorted(i for i in asked if rows[i] == row)


def test_of_no_points_none_counts() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    assert len(first_that_counts(nothing, nothing, lambda tried: tried > 0)) == 0
