from __future__ import annotations

import re

import pytest

from genlabel_robust.reports.page import svg


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.0, 1.0, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (0.0, 0.3, [0.0, 0.1, 0.2, 0.3]),
        (-0.13, 0.13, [-0.1, 0.0, 0.1]),
        (0.0, 4e-7, [0.0, 1e-7, 2e-7, 3e-7, 4e-7]),
        (0.0, 7e5, [0.0, 2e5, 4e5, 6e5]),
        (2.0, 2.0, [2.0]),
    ],
)
def test_ticks_are_round_and_inside(low: float, high: float, ticks: list[float]) -> None:
    assert svg.nice_ticks(low, high) == pytest.approx(ticks)


def test_a_value_beyond_the_area_stays_at_its_edge() -> None:
    frame = svg.Frame(10, 110, 0, 50, 0.0, 1.0)
    assert [frame.x(v) for v in (-1.0, 0.0, 0.5, 1.0, float("inf"))] == [
        "10",
        "10",
        "60",
        "110",
        "110",
    ]
    assert [frame.y(v) for v in (0.0, 1.0)] == ["50", "0"]


def test_a_long_label_is_cut_and_whole_in_its_title() -> None:
    made = svg.label(0, 0, "<" + "x" * 40, 10)
    assert made.endswith("&lt;xxxxxxxx…</text>")
    assert f"<title>&lt;{'x' * 40}</title>" in made


def test_the_marks_of_sixteen_series_differ_by_shape_or_colour() -> None:
    assert len({svg.mark(0, 0, series) for series in range(16)}) == 16


def test_a_legend_goes_on_in_the_next_line_and_stays_inside() -> None:
    names = dict.fromkeys(range(5), "a name of some length")
    drawn, below = svg.legend(10, 16, 386, names)
    xs = [float(x) for x in re.findall(r'<text x="([\d.]+)"', "".join(drawn))]
    ys = {float(y) for y in re.findall(r'<text x="[\d.]+" y="([\d.]+)"', "".join(drawn))}
    assert len(ys) == 5
    assert max(xs) + 7 * 21 < 400
    assert below > max(ys)
    _, short = svg.key(10, 16, 386, [("kept", "p"), ("lost", "x")])
    assert short == 30
