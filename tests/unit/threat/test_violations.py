from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.violations import violations

#: Columns: continuous; increasing; decreasing; immutable; whole numbers; three categories.
SPACE = AttackSpace(
    offset=np.full(8, -1.0),
    scale=np.array([10.0, 1.0, 1.0, 1.0, 20.0, 1.0, 1.0, 1.0]),
    low=np.array([0.1, 1.0, 1.0, 1.0, 0.05, 1.0, 1.0, 1.0]),
    high=np.array([0.2, 2.0, 2.0, 2.0, 0.40, 2.0, 2.0, 2.0]),
    mutable=np.arange(8) != 3,
    rules=Rules(increasing=(1,), decreasing=(2,), integer=(4,), one_hot=((5, 6, 7),)),
)
ROW = np.array([0.5, 0.5, 0.5, 0.5, 3.0, 0.0, 1.0, 0.0])


def changed(**columns: float) -> np.ndarray:
    row = ROW.copy()
    for name, value in columns.items():
        row[int(name[1:])] = value
    return row


@pytest.mark.parametrize(
    "row",
    [
        changed(c0=1.01),
        changed(c0=-0.01),
        changed(c0=np.nan),
        changed(c0=np.inf),
        changed(c1=0.499),
        changed(c1=1.001),
        changed(c2=0.501),
        changed(c3=0.5 + 1e-9),
        changed(c4=3.5),
        changed(c4=8.0),
        changed(c5=1.0),
        changed(c6=0.0),
        changed(c5=0.5, c6=0.5),
        changed(c5=1.0, c6=1.0, c7=-1.0),
    ],
)
def test_each_limit_that_is_broken_is_noticed(row: np.ndarray) -> None:
    assert violations(SPACE, ROW[None], row[None]).tolist() == [True]


@pytest.mark.parametrize(
    "row",
    [
        ROW,
        changed(c0=1.0),
        changed(c0=0.0),
        changed(c1=1.0),
        changed(c2=0.0),
        changed(c4=7.0),
        changed(c4=0.0),
        changed(c5=1.0, c6=0.0),
        changed(c0=0.7, c1=0.6, c2=0.4, c4=5.0, c6=0.0, c7=1.0),
    ],
)
def test_what_is_allowed_passes(row: np.ndarray) -> None:
    assert violations(SPACE, ROW[None], row[None]).tolist() == [False]


#: Where LightGBM splits a feature at zero.
TINY = 1.0000000180025096e-35


@pytest.mark.parametrize("raw", [0.0, -2.0, 3.0])
@pytest.mark.parametrize("value", [TINY, -TINY, np.nextafter(1.0, 2.0), 0.5])
def test_from_a_whole_number_a_whole_step_leads_to_a_whole_number(raw: float, value: float) -> None:
    """The sum of 2 and 1e-35 is 2, and 1e-35 is within the last bits of the offset."""
    one = np.ones(1)
    space = AttackSpace(-7 * one, one, 0 * one, 20 * one, one > 0, Rules(integer=(0,)))
    moved = np.array([[value], [np.rint(value)]])
    assert violations(space, np.full((2, 1), raw), moved).tolist() == [True, False]


@pytest.mark.parametrize("steps", [0, 1, -2])
@pytest.mark.parametrize("raw", [-1.7, 0.1, 1e-35])
def test_a_whole_step_is_the_sum_and_nothing_beside_it(raw: float, steps: int) -> None:
    one = np.ones(1)
    space = AttackSpace(-7 * one, one, 0 * one, 20 * one, one > 0, Rules(integer=(0,)))
    exact = raw + steps
    moved = np.array([[exact], [np.nextafter(exact, 9.0)], [np.nextafter(exact, -9.0)]])
    assert violations(space, np.full((3, 1), raw), moved).tolist() == [False, True, True]


@pytest.mark.parametrize("scale", [1.0, 0.7, 1 / 3])
@pytest.mark.parametrize("edge", [0.0, 0.3, -2.9])
def test_where_a_box_ends_at_the_rows_own_value_no_rounding_leads_out_of_it(
    edge: float, scale: float
) -> None:
    offset, one = np.full(1, -1.3), np.ones(1)
    # the edge of a weighted feature is not rounded as its value is
    high = (edge - offset) / 0.9 / (scale / 0.9)
    space = AttackSpace(offset, scale * one, high - 3, high, one > 0)
    raw = np.full((3, 1), edge)
    moved = np.array([[edge], [edge + 1e-35 if edge == 0 else np.nextafter(edge, 9)], [edge - 0.1]])
    assert violations(space, raw, moved).tolist() == [False, True, False]


def test_rows_are_judged_one_by_one() -> None:
    rows = np.stack([ROW, changed(c3=0.6), changed(c0=0.6), changed(c0=np.nan)])
    assert violations(SPACE, np.tile(ROW, (4, 1)), rows).tolist() == [False, True, False, True]


def test_a_row_outside_the_training_range_may_stay_there_but_go_no_further() -> None:
    out = changed(c0=4.0)
    assert violations(SPACE, out[None], out[None]).tolist() == [False]
    for value, bad in ((3.0, False), (4.1, True)):
        assert violations(SPACE, out[None], changed(c0=value)[None]).tolist() == [bad]


@pytest.mark.parametrize("offset", [0.0, 1.7e9, -1e12])
def test_rounding_at_any_offset_is_no_violation(offset: float) -> None:
    space = AttackSpace(
        np.array([offset, offset]),
        np.array([1e-2, 7.0]),
        np.zeros(2),
        np.ones(2),
        np.ones(2, dtype=bool),
        Rules(integer=(1,)),
    )
    raw = offset + np.array([[0.003, 3.0]])
    u = space.enter(raw)
    for edge in space.box(u):
        moved = raw + (edge - u) * space.scale
        moved[:, 1] = raw[:, 1] + np.rint(moved - raw)[:, 1]
        assert violations(space, raw, moved).tolist() == [False]
        assert violations(space, raw, moved + np.array([[0.02, 0.0]])).tolist() == [True]
