from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.data.rows import identity_scaling, rows_of, task_of_rows
from genlabel_robust.data.task import Task
from genlabel_robust.threat.box_of_task import attack_space
from genlabel_robust.threat.constraints.constraints import Constraints
from genlabel_robust.threat.constraints.costs import switch_cost, weighted_by_cost
from genlabel_robust.threat.constraints.limits_of_columns import encoded_limits, freed
from genlabel_robust.threat.reach import refuse_idle
from genlabel_robust.threat.threat_model import ThreatModel, distance

NAMES = ("measure", "age", "red", "green", "blue")


@pytest.fixture
def task() -> Task:
    """A measure with range 4, an age with range 60, and a category of three columns."""
    colours = np.eye(3)[[0, 1, 2, 0]]
    x = np.column_stack([[0.0, 1, 2, 4], [20, 30, 50, 80], colours])
    y = np.array([0, 1, 0, 1])
    return Task(
        "t",
        x,
        y,
        x.copy(),
        y,
        np.arange(4),
        NAMES,
        ("p", "q"),
        identity_scaling(5),
        whole=("age",),
    )


def priced(*eps: float, **limits: object) -> ThreatModel:
    return ThreatModel("l1", eps or (1.0,), "range", Constraints.of(limits))


def price(task: Task, threat: ThreatModel, changes: dict[int, float]) -> float:
    space = attack_space(task, threat)
    changed = task.x_test[:1].copy()
    for column, by in changes.items():
        changed[0, column] += by
    return float(space.distance(task.x_test[:1], changed, "l1")[0])


def test_a_cost_is_the_price_of_one_unit_of_eps(task: Task) -> None:
    threat = priced(costs={"measure": 3.0, "age": 0.5}, units={"age": "raw"})
    # a quarter of the range of 4, and ten years
    assert price(task, threat, {0: 1.0}) == pytest.approx(0.75)
    assert price(task, threat, {1: 10.0}) == pytest.approx(5.0)
    # a feature without a cost has the price 1
    assert price(task, priced(costs={"age": 2.0}), {0: 4.0}) == pytest.approx(1.0)


@pytest.mark.parametrize("cost", [0.5, 3.0])
def test_a_switch_costs_its_price_whatever_the_columns_that_it_moves(
    cost: float, task: Task
) -> None:
    group = NAMES[2:]
    threat = priced(one_hot=[group], costs=dict.fromkeys(group, cost))
    assert price(task, threat, {2: -1.0, 4: 1.0}) == pytest.approx(cost)
    # without a price of its own, in a threat with prices, it costs 1
    assert price(task, priced(one_hot=[group], costs={"age": 7.0}), {2: -1, 3: 1}) == 1.0
    # and where nothing has a price, the way of two columns, as before
    assert price(task, priced(one_hot=[group]), {2: -1, 3: 1}) == 2.0


def test_a_feature_with_a_weight_of_its_own_keeps_it(task: Task) -> None:
    threat = priced(costs={"age": 7.0}, weights={"measure": 0.5})
    assert price(task, threat, {0: 4.0}) == pytest.approx(2.0)


def test_the_columns_of_one_category_have_one_price(task: Task) -> None:
    group = NAMES[2:]
    with pytest.raises(ConfigurationError, match=r"'red' 2\.0, 'green' none.*the same"):
        attack_space(task, priced(one_hot=[group], costs={"red": 2.0}))
    assert switch_cost(("red", "green"), Constraints()) == 1.0


def test_a_freed_category_and_a_freed_flag_cost_their_price() -> None:
    frame = pd.DataFrame(
        {"age": [1.0, None, 3.0, 8.0], "city": ["a", "b", "c", "a"], "y": [0, 1, 0, 1]}
    )
    limits = {"costs": {"city": 5.0, "age is missing": 4.0, "age": 7.0}}
    assert freed(limits) == {"city", "age is missing", "age"}
    rows = rows_of(frame.drop(columns="y"), free=freed(limits))
    task = task_of_rows("t", rows, frame["y"], ("0", "1"))
    threat = ThreatModel(
        "l1", (9.0,), "std", Constraints.of(encoded_limits(rows.encoding.parts, limits))
    )
    space = attack_space(task, threat)
    before, after = task.x_test[:1], task.x_test[:1].copy()
    columns = {name: i for i, name in enumerate(task.feature_names)}
    after[0, columns["city=a"]], after[0, columns["city=c"]] = 0.0, 1.0
    assert space.distance(before, after, "l1")[0] == pytest.approx(5.0)
    after = before.copy()
    after[0, columns["age is missing"]] = 1.0
    assert space.distance(before, after, "l1")[0] == pytest.approx(4.0)


def test_without_costs_nothing_is_touched(task: Task) -> None:
    limits = Constraints(weights={"age": 2.0}, one_hot=(NAMES[2:],))
    assert weighted_by_cost(task, limits) is limits


def test_costs_do_not_add_up_under_other_norms() -> None:
    for norm in ("linf", "l2"):
        with pytest.raises(ConfigurationError, match=r"costs.*do not add up.*'l1'"):
            ThreatModel(norm, (1.0,), "range", Constraints(costs={"age": 1.0}))  # type: ignore[arg-type]


def test_a_budget_that_buys_nothing_is_refused_with_the_cheapest_price(task: Task) -> None:
    group = NAMES[2:]
    limits = {
        "immutable": ["measure"],
        "one_hot": [group],
        "costs": {"age": 120.0, **dict.fromkeys(group, 2.5)},
    }
    threat = priced(0.5, 1.5, **limits)
    with pytest.raises(ConfigurationError, match=r"budget of 1\.5.*nothing.*costs 2;"):
        refuse_idle(attack_space(task, threat), threat)
    enough = priced(0.5, 2.0, **limits)
    refuse_idle(attack_space(task, enough), enough)
    # a continuous feature moves a little for any budget
    small = priced(1e-3, costs={"age": 120.0})
    refuse_idle(attack_space(task, small), small)


def test_lengths_in_attack_space_are_prices(task: Task) -> None:
    space = attack_space(task, priced(costs={"measure": 3.0}))
    assert distance(np.array([1 / space.scale[0]]), "l1") == pytest.approx(0.75)
