from __future__ import annotations

import pytest

from genlabel_robust.statistics.ranks import compare_ranks, critical_difference


@pytest.mark.parametrize(
    ("strategies", "q"), [(2, 1.960), (3, 2.343), (4, 2.569), (5, 2.728), (8, 3.031), (10, 3.164)]
)
def test_the_critical_difference_is_that_of_the_published_table(strategies: int, q: float) -> None:
    # Demšar 2006, table 5 (a); CD = q sqrt(k (k + 1) / 6 N)
    scale = (strategies * (strategies + 1) / (6 * 14)) ** 0.5
    assert critical_difference(strategies, 14) == pytest.approx(q * scale, abs=2e-3 * scale)


def test_the_best_has_rank_one_and_equals_share_theirs() -> None:
    found = compare_ranks(
        {
            name: dict.fromkeys("abcde", score)
            for name, score in {"good": 0.9, "twin": 0.5, "other twin": 0.5}.items()
        }
    )
    assert found is not None
    assert found.ranks == {"good": 1.0, "twin": 2.5, "other twin": 2.5}
    assert found.datasets == 5


def test_what_is_equal_everywhere_is_not_told_apart() -> None:
    found = compare_ranks({name: dict.fromkeys("abcde", 0.5) for name in ("x", "y", "z")})
    assert found is not None
    assert found.p_value == 1.0


def test_too_few_strategies_or_shared_data_sets_are_not_ranked() -> None:
    assert compare_ranks({name: dict.fromkeys("abcde", 0.5) for name in ("x", "y")}) is None
    partial = {name: dict.fromkeys("abcde", 0.5) for name in ("x", "y")}
    assert compare_ranks({**partial, "z": dict.fromkeys("abcd", 0.5)}) is None
