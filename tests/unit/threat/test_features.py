from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.data.rows import rows_of, task_of_rows
from genlabel_robust.data.task import Task
from genlabel_robust.threat.box_of_task import attack_space
from genlabel_robust.threat.constraints.constraints import Constraints, Rules
from genlabel_robust.threat.constraints.limits_of_columns import encoded_limits, freed
from genlabel_robust.threat.features import Features
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import ThreatModel, distance


def encoded(limits: dict[str, object]) -> tuple[Task, ThreatModel]:
    """A number that may be missing, two mutable categories of one table, and a plain number."""
    frame = pd.DataFrame(
        {
            "age": [1.0, None, 3.0, 8.0],
            "city": ["a", "b", "c", "a"],
            "hours": [1.5, 2.5, 3.5, 4.5],
            "y": [0, 1, 0, 1],
        }
    )
    rows = rows_of(frame.drop(columns="y"), free=freed(limits))
    task = task_of_rows("t", rows, frame["y"], ("0", "1"))
    constraints = Constraints.of(encoded_limits(rows.encoding.parts, limits))
    return task, ThreatModel("l0", (2.0,), "range", constraints)


FREED = {"own_eps": {"city": 1.0, "age is missing": 1.0}, "units": {"city": "raw"}}


def test_a_switch_and_a_number_with_its_flag_are_one_feature_each() -> None:
    task, threat = encoded(FREED)
    space = attack_space(task, threat)
    columns = {name: i for i, name in enumerate(task.feature_names)}

    def features(**changes: float) -> float:
        after = task.x_test[:1].copy()
        for name, value in changes.items():
            after[0, columns[name]] = value
        return float(space.distance(task.x_test[:1], after, "l0")[0])

    switch = {"city=a": 0.0, "city=c": 1.0}
    assert features() == 0.0
    assert features(**switch) == 1.0
    assert features(**{"age is missing": 1.0}) == 1.0
    assert features(**{"age is missing": 1.0, "age": 4.0}) == 1.0
    assert features(**switch, age=4.0, hours=2.0) == 3.0


def test_prices_are_those_of_the_tables_columns() -> None:
    costs = {"city": 5.0, "age": 2.5, "hours": 0.5}
    task, threat = encoded({"costs": costs})
    space = attack_space(task, threat)
    assert sorted(space.touchable.price.tolist()) == [0.5, 2.5, 5.0]
    after = task.x_test[:1].copy()
    after[0, task.feature_names.index("hours")] += 1.0
    after[0, task.feature_names.index("age")] += 1.0
    assert space.distance(task.x_test[:1], after, "l0")[0] == 3.0


def test_two_prices_of_one_column_are_refused() -> None:
    task, threat = encoded({"costs": {"age": 2.0, "age is missing": 3.0}})
    with pytest.raises(ConfigurationError, match=r"'age' 2\.0, 'age is missing' 3\.0.*one cost"):
        attack_space(task, threat)


def test_columns_of_a_group_are_one_feature_where_nothing_else_is_said() -> None:

    space = AttackSpace(
        np.zeros(4),
        np.ones(4),
        np.zeros(4),
        np.ones(4),
        np.ones(4, dtype=bool),
        Rules(one_hot=((1, 2, 3),)),
    )
    delta = np.array([[0.5, 0, 0, 0], [0, -1, 1, 0], [0.5, -1, 0, 1.0], [0, 0, 0, 0]])
    assert space.length(delta, "l0").tolist() == [1, 1, 2, 0]


def test_a_length_under_l0_is_never_told_without_a_space() -> None:
    with pytest.raises(ValueError, match="attack space"):
        distance(np.ones((2, 3)), "l0")


def test_a_projection_keeps_the_largest_moves_that_the_budget_buys() -> None:
    few = Features(np.array([0, 1, 1, 2]), np.array([1.0, 2.0, 4.0]))
    delta = np.array([[0.3, 0.1, -0.9, 0.5]])
    size = np.abs(delta)
    for eps, kept in (
        (0.5, []),
        (1, [0]),
        (2, [1, 2]),
        (3, [0, 1, 2]),
        (6, [1, 2, 3]),
        (7, [0, 1, 2, 3]),
    ):
        found = few.project(delta, size, eps)[0]
        assert np.flatnonzero(found).tolist() == kept, eps
        assert (found[kept] == delta[0, kept]).all()
        assert few.length(found != 0) <= eps


def test_a_projection_changes_nothing_in_the_ball_and_ends_in_it() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        d = int(rng.integers(1, 7))
        few = Features(np.sort(rng.integers(0, 3, d)), rng.uniform(0.5, 3.0, 3))
        delta = rng.normal(size=(5, d)) * (rng.random((5, d)) < 0.6)
        eps = float(rng.uniform(0.3, 6.0))
        found = few.project(delta, np.abs(delta), eps)
        assert (few.length(found != 0) <= eps).all()
        inside = few.length(delta != 0) <= eps
        assert (found[inside] == delta[inside]).all()
        assert ((found == delta) | (found == 0)).all()


def test_the_features_of_some_columns_keep_their_prices() -> None:
    few = Features(np.array([0, 1, 1, 2]), np.array([1.0, 2.0, 4.0])).among(np.array([2, 3]))
    assert few.length(np.array([[True, False], [True, True], [False, True]])).tolist() == [2, 6, 4]
    assert Features.single(3).whole
    assert not Features(np.arange(1), np.array([0.5])).whole
    none = Features.single(3).among(np.zeros(0, dtype=np.int64))
    assert none.length(np.zeros((2, 0), dtype=bool)).tolist() == [0, 0]
