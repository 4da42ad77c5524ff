from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.reports.page.curves import Curve, reach_of


def test_far_distances_do_not_push_epsilon_to_the_edge() -> None:
    near = Curve("near", np.array([0.0, 0.2, 0.4]))
    far = Curve("far", np.array([0.5, 70.0, 80.0, np.inf]))
    assert reach_of([1.0], [near]) == pytest.approx(1.08)
    assert reach_of([0.5, 1.0], [near, far]) == pytest.approx(10.8)
    assert reach_of([0.1], [near]) == pytest.approx(np.quantile([0.0, 0.2, 0.4], 0.98) * 1.08)
