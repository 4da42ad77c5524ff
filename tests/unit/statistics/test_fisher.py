from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from genlabel_robust.statistics.fisher import fisher_midp


@pytest.mark.parametrize("sizes", [(1, 1), (5, 8), (20, 100), (40, 3)])
def test_it_is_fishers_test_with_half_of_the_outcome_itself(sizes: tuple[int, int]) -> None:
    n, m = sizes
    for k in range(n + 1):
        for other in range(0, m + 1, max(1, m // 10)):
            table = [[k, n - k], [other, m - other]]
            tails = [
                stats.fisher_exact(table, alternative=side).pvalue for side in ("greater", "less")
            ]
            # the two tails share the outcome itself, and nothing else
            itself = sum(tails) - 1.0
            expected = min(2.0 * (min(tails) - itself / 2.0), 1.0)
            if k * m == other * n:
                expected = 1.0
            assert fisher_midp(k / n, n, other / m, m) == pytest.approx(expected, abs=1e-9)


def test_effective_rows_are_rounded_so_that_the_p_value_is_not_smaller() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        n, m = rng.uniform(5, 60, 2)
        p, q = rng.random(2)
        found = fisher_midp(p, n, q, m)
        assert 0.0 < found <= 1.0
        assert fisher_midp(q, m, p, n) == pytest.approx(found)
        assert fisher_midp(1 - p, n, 1 - q, m) == pytest.approx(found)


def test_without_a_whole_row_nothing_differs() -> None:
    assert fisher_midp(0.2, 0.7, 0.9, 30.0) == 1.0
