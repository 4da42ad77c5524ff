from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.core.errors import ConfigurationError, UnfinishedRunError
from genlabel_robust.statistics.panel import check_level, panel


def test_a_panel_of_booleans_becomes_zeros_and_ones() -> None:
    table = panel(np.array([[True, False]]), "correct")
    assert table.dtype == np.float64
    assert table.tolist() == [[1.0, 0.0]]


def test_one_axis_is_refused_with_the_shape_to_use() -> None:
    with pytest.raises(ConfigurationError, match=r"correct has the shape \(3,\).*\(1, n\)"):
        panel(np.ones(3, dtype=bool), "correct")


@pytest.mark.parametrize("shape", [(0, 4), (3, 0)])
def test_no_evaluated_example_is_never_a_rate(shape: tuple[int, int]) -> None:
    with pytest.raises(UnfinishedRunError, match="nothing was evaluated"):
        panel(np.ones(shape, dtype=bool), "correct")


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0, float("nan")])
def test_a_level_outside_0_to_1_is_refused(level: float) -> None:
    with pytest.raises(ConfigurationError, match="between 0 and 1"):
        check_level(level)
