from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.data.notices.far_values import far_value, far_values


def _with(values: object, *far: float) -> np.ndarray:
    return np.concatenate([np.asarray(values, dtype=float), np.array(far)])


NORMAL = np.random.default_rng(0).normal(size=95)


@pytest.mark.parametrize("sentinel", [-999.0, 9999.0, 1e6, -1e6])
def test_a_repeated_value_far_from_all_others_is_seen(sentinel: float) -> None:
    found = far_value("a", _with(NORMAL, *[sentinel] * 5))
    assert found is not None
    assert found.values == (sentinel,)
    assert found.share == 0.05
    assert found.range_without == np.ptp(NORMAL)
    assert found.range == np.ptp(_with(NORMAL, sentinel))


def test_minus_one_among_large_values_is_seen_and_among_small_ones_not() -> None:
    assert far_value("a", _with(np.arange(1000.0, 1090.0), *[-1] * 10)) is not None
    assert far_value("a", _with(np.arange(90.0), *[-1] * 10)) is None


def test_values_at_both_ends_are_seen_together() -> None:
    found = far_value("a", _with(NORMAL, *[-999] * 5, *[9999] * 5))
    assert found is not None
    assert found.values == (-999.0, 9999.0)


def test_two_marks_side_by_side_are_seen_together() -> None:
    found = far_value("a", _with(NORMAL, *[-999] * 5, *[-998] * 5))
    assert found is not None
    assert found.values == (-999.0, -998.0)


@pytest.mark.parametrize(
    "values",
    [
        _with(NORMAL, 999.0),  # once
        np.repeat([0.0, 1.0], 50),  # true and false
        np.repeat([0.0, 5.0, 9.0], 30),
        np.repeat([9.0, 10.0, 13.0, 14.0, 16.0], 30),  # years of education
        np.repeat([0.0, 1.0, 9.0], 30),
        _with(np.arange(1000.0, 60000.0, 700.0), *[0] * 900),  # mostly nothing, else much
        np.exp(np.random.default_rng(0).normal(0, 2, 500)),  # a long tail of different values
        np.full(30, 4.0),
        np.array([1.0]),
    ],
)
def test_other_columns_are_of_no_concern(values: np.ndarray) -> None:
    assert far_value("a", values) is None


def test_the_concern_names_value_share_and_both_ranges() -> None:
    found = far_value("age", _with(np.arange(20.0, 70.0), *[-999] * 50))
    assert found is not None
    (concern,) = far_values([found], "reference rows", blanks=True)
    assert (
        "In the reference rows: 'age' holds -999 in 50.0 % of them; its range is 1068, but 49 "
        "without it. If such a value stands for a missing one, leave those cells empty"
    ) in concern.text
    assert concern.as_dict()["columns"] == [
        {"name": "age", "values": [-999.0], "share": 0.5, "range": 1068.0, "range_without": 49.0}
    ]
    (concern,) = far_values([found] * 12, "training rows", blanks=False)
    assert "; and 2 more columns" in concern.text
    assert "leave those cells empty" not in concern.text
    assert far_values([], "rows", blanks=True) == []
