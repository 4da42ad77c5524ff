"""The meaning of budgets, boxes and reach under the norm L0."""

from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.data.rows import identity_scaling
from genlabel_robust.data.task import Task
from genlabel_robust.threat.box_of_task import attack_space
from genlabel_robust.threat.constraints.constraints import Constraints
from genlabel_robust.threat.norms import of_norm
from genlabel_robust.threat.notices.steps import every_feature, under_one_step
from genlabel_robust.threat.reach import raw_budget, reach, refuse_idle
from genlabel_robust.threat.threat_model import ThreatModel


@pytest.fixture
def task() -> Task:
    """A measure with range 4, an age with range 60, and a category of two columns."""
    a = np.array([0.0, 1, 0, 1])
    x = np.column_stack([[0.0, 1, 2, 4], [20, 30, 50, 80], a, 1 - a])
    y = np.array([0, 1, 0, 1])
    names = ("measure", "age", "to_a", "to_b")
    scaling = identity_scaling(4)
    return Task("t", x, y, x.copy(), y, np.arange(4), names, ("p", "q"), scaling, whole=("age",))


def few(*eps: float, **limits: object) -> ThreatModel:
    limits = {"one_hot": [["to_a", "to_b"]], **limits}
    return ThreatModel("l0", eps or (1.0,), "range", Constraints.of(limits))


@pytest.mark.parametrize("eps", [0.1, 2.5])
def test_a_number_of_features_is_whole(eps: float) -> None:
    with pytest.raises(ConfigurationError, match=rf"eps is {eps}, .*whole number, such as --eps 1"):
        ThreatModel("l0", (1.0, eps))
    # what is spent at prices need not be
    assert few(eps, costs={"age": 0.7}).eps == (eps,)


def test_a_weight_is_no_share_of_a_number_of_features() -> None:
    with pytest.raises(ConfigurationError, match=r"'age' has a weight.*own_eps"):
        few(weights={"age": 2.0})
    both = few(weights={"age": 2.0}, own_eps={"age": 0.2})
    assert both.constraints == Constraints(own_eps={"age": 0.2}, one_hot=(("to_a", "to_b"),))
    with pytest.raises(ConfigurationError, match="own_eps works only with the norm 'l0'"):
        ThreatModel("linf", (0.1,), "range", Constraints(own_eps={"age": 0.2}))


def test_a_table_of_limits_says_own_budgets_for_l0_alone() -> None:
    table = {"weights": {"age": 2.0}, "own_eps": {"age": 0.2}}
    assert of_norm(table, "l0") is table
    for norm in ("linf", "l1", None):
        assert of_norm(table, norm) == {"weights": {"age": 2.0}}


def test_a_feature_reaches_its_whole_box_or_its_own_eps(task: Task) -> None:
    space = attack_space(task, few(1))
    u = space.enter(task.x_test)
    low, high = (space.offset + space.scale * edge for edge in space.box(u))
    assert low[:, :2].tolist() == [[0, 20]] * 4
    assert high[:, :2].tolist() == [[4, 80]] * 4
    # a quarter of the range of 4; whole steps of a sixth of the range of 60
    space = attack_space(task, few(1, own_eps={"measure": 0.25, "age": 0.18}))
    low, high = (space.offset + space.scale * edge for edge in space.box(u))
    np.testing.assert_allclose(low[:, 0], [0, 0, 1, 3])
    np.testing.assert_allclose(high[:, 0], [1, 2, 3, 4])
    np.testing.assert_allclose(low[:, 1], [20, 20, 40, 70])
    np.testing.assert_allclose(high[:, 1], [30, 40, 60, 80])
    assert raw_budget(space, "l0", 1.0).tolist() == [1, pytest.approx(10.8), 1, 1]
    assert reach(space, "l0", 1.0).tolist() == [1, 10, 1, 1]


def test_what_is_not_bought_is_not_reached(task: Task) -> None:
    threat = few(2, costs={"measure": 3.0, "age": 2.0, "to_a": 2.5, "to_b": 2.5})
    space = attack_space(task, threat)
    assert reach(space, "l0", 2.0).tolist() == [0, 60, 0, 0]
    assert reach(space, "l0", 2.5).tolist() == [0, 60, 1, 1]
    refuse_idle(space, threat)
    with pytest.raises(ConfigurationError, match=r"budget of 1\.5 .*nothing.*costs 2;"):
        refuse_idle(space, few(0.5, 1.5, **threat.constraints.as_dict()))


def test_more_features_than_there_are_is_the_whole_box_and_is_said(task: Task) -> None:
    threat = few(1, 3, 20)
    space = attack_space(task, threat)
    (said,) = every_feature(space, threat)
    assert said.startswith("ε = 3 lets an attacker change all 3 features")
    assert not every_feature(space, few(1, 2))
    assert not every_feature(space, ThreatModel("linf", (20.0,)))
    assert not under_one_step(task, space, threat)
