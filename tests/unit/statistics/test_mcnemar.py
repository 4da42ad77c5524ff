from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.statistics.mcnemar import mcnemar_midp


def pairs(only_a: int, only_b: int, both: int = 3) -> tuple[np.ndarray, np.ndarray]:
    a = [True] * only_a + [False] * only_b + [True] * both
    b = [False] * only_a + [True] * only_b + [True] * both
    return np.array(a), np.array(b)


def test_no_discordant_pair_is_no_evidence() -> None:
    assert mcnemar_midp(*pairs(0, 0)) == 1.0


def test_as_many_on_either_side_is_no_evidence() -> None:
    assert mcnemar_midp(*pairs(4, 4)) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("only_a", "only_b", "by_hand"),
    [(1, 7, (2 * 1 + 8) / 256), (0, 5, 1 / 32), (2, 3, (2 * (1 + 5) + 10) / 32)],
)
def test_small_counts_agree_with_the_binomial_by_hand(
    only_a: int, only_b: int, by_hand: float
) -> None:
    assert mcnemar_midp(*pairs(only_a, only_b)) == pytest.approx(by_hand)
    assert mcnemar_midp(*pairs(only_b, only_a)) == pytest.approx(by_hand)


def test_several_seeds_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="one seed"):
        mcnemar_midp(np.ones((2, 3), dtype=bool), np.ones((2, 3), dtype=bool))
