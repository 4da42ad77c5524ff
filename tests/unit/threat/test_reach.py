from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.reach import reach
from genlabel_robust.threat.space import AttackSpace

#: Ranges: a measure, years, a school grade, a category of three and what may not change.
SCALE = np.array([65.0, 65.0, 7.0, 1.0, 2.0, 2.0, 9.0])


def space(scale: np.ndarray = SCALE) -> AttackSpace:
    d = len(scale)
    return AttackSpace(
        np.zeros(d),
        scale,
        np.zeros(d),
        np.ones(d),
        np.arange(d) < d - 1,
        Rules(integer=(1, 2, 6), one_hot=((3, 4, 5),)),
    )


def test_whole_numbers_go_as_far_as_whole_steps_do() -> None:
    assert reach(space(), "linf", 0.1).tolist() == pytest.approx([6.5, 6, 0, 0, 0, 0, 0])
    assert reach(space(), "linf", 1 / 7).tolist()[2] == 1
    assert reach(space(), "linf", 0.142)[2] == 0


def test_a_category_switches_where_the_ball_holds_two_columns() -> None:
    # the first column alone takes 1, the other two 0.5 each
    assert reach(space(), "linf", 0.5).tolist()[3:6] == [0, 1, 1]
    assert reach(space(), "linf", 1.0).tolist()[3:6] == [1, 1, 1]
    assert reach(space(), "l2", 0.7).tolist()[3:6] == [0, 0, 0]
    assert reach(space(), "l2", 0.7072).tolist()[3:6] == [0, 1, 1]
    assert reach(space(), "l1", 1.0).tolist()[3:6] == [0, 1, 1]
    assert reach(space(), "l1", 1.5).tolist()[3:6] == [1, 1, 1]


def test_a_group_of_which_one_column_may_change_cannot_be_switched() -> None:
    fixed = space()
    fixed.mutable[[3, 4]] = False
    assert reach(fixed, "linf", 9.0)[5] == 0
