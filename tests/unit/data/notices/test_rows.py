from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.data.notices import overrepresented
from genlabel_robust.data.splitting.sample import stratified_sample


def labels(common: int, rare: int, times: int) -> np.ndarray:
    """``common`` rows of class 0, and ``times`` rows of each of ``rare`` other classes."""
    return np.concatenate([np.zeros(common, int), np.repeat(np.arange(1, rare + 1), times)])


@pytest.mark.parametrize(
    ("common", "rare", "times", "size", "said"),
    [
        # 20 classes of 5 rows: 2 % of the rows, and with one row each 10 % of 200
        (4900, 20, 5, 200, ("10.0 %", "2.0 %", "classes")),
        (998, 1, 2, 50, ("2.0 %", "0.2 %", "class")),
        # each class has its share
        (4900, 20, 5, 1000, None),
        (10, 2, 10, 7, None),
        (4900, 20, 5, 5000, None),
    ],
)
def test_a_sample_that_rare_classes_fill_says_so(
    common: int, rare: int, times: int, size: int, said: tuple[str, ...] | None
) -> None:
    y = labels(common, rare, times)
    kept = stratified_sample(y, size, 0)
    names = [f"c{code}" for code in range(rare + 1)]
    found = overrepresented(y[kept], y, names)
    if said is None:
        assert found == []
        return
    (notice,) = found
    share, fair, which = said
    assert f"{share} of it, but only {fair} of all test rows, have the rare {which} " in notice
    assert "c0" not in notice
