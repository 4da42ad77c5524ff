from __future__ import annotations

import re

import numpy as np
import pytest

from genlabel_robust.reports.page.curves import WIDTH, Curve, curve_chart, reach_of


def test_far_distances_do_not_push_epsilon_to_the_edge() -> None:
    near = Curve("near", np.array([0.0, 0.2, 0.4]))
    far = Curve("far", np.array([0.5, 70.0, 80.0, np.inf]))
    assert reach_of([1.0], [near]) == pytest.approx(1.08)
    assert reach_of([0.5, 1.0], [near, far]) == pytest.approx(10.8)
    assert reach_of([0.1], [near]) == pytest.approx(np.quantile([0.0, 0.2, 0.4], 0.98) * 1.08)


@pytest.mark.parametrize("farthest", [np.inf, 0.11, 0.3, 5.0])
def test_the_label_of_epsilon_lies_within_the_picture(farthest: float) -> None:
    chart = curve_chart("t", "ε", [0.1], [Curve("a", np.array([0.05, farthest, np.inf]))])
    ((x, class_),) = re.findall(
        r'<text x="([\d.]+)" y="[\d.]+" class="(b[^"]*)">ε = 0.1<', str(chart.inside("m"))
    )
    length = 8.0 * len("ε = 0.1")
    left, right = (
        (float(x) - length, float(x)) if class_ == "b e" else (float(x), float(x) + length)
    )
    assert left >= 0
    assert right <= WIDTH
    assert (class_ == "b e") == np.isinf(farthest)
