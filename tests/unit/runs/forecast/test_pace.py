from __future__ import annotations

import math

import numpy as np
import pytest

from genlabel_robust.data import SplitConfig, load_task
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.forecast.pace import Line, Pace, _trained_on, measure
from genlabel_robust.runs.plan.recipe_plan import make_plan


def test_a_line_goes_through_both_timings() -> None:
    line = Line.through(8, 1.8, 64, 7.4)
    assert (line.fixed, line.each) == pytest.approx((1.0, 0.1))
    assert line.at(100) == pytest.approx(11.0)
    assert line.at(2048, blocks=2) == pytest.approx(206.8)


def test_no_part_of_a_line_is_negative() -> None:
    assert Line.through(8, 2.0, 64, 1.0) == Line(1.5, 0.0)
    assert Line.through(1, 1.0, 4, 8.0).fixed == 0.0
    assert Line.through(8, 2.0, 8, 1.0) == Line(2.0, 0.0)


def test_costly_checks_are_made_on_fifty_rows_unless_all_are_asked_for() -> None:
    pace = Pace({}, 0, Line(1.0, 0.01), light=0.001, probes=4.0, most=math.inf)
    assert pace.checked(1000, "off") == 0.0
    assert pace.checked(1000, "light") == pytest.approx(1.0)
    assert pace.checked(1000, "quick") == pytest.approx(1.0 + 4.0 * 1.5)
    # a thousand rows are four blocks
    assert pace.checked(1000, "full") == pytest.approx(1.0 + 4.0 * 14.0)


def test_a_budget_of_time_limits_the_attacks() -> None:
    pace = Pace({}, 0, Line(1.0, 1.0), light=0.0, probes=0.0, most=3.0)
    assert (pace.attacked(1), pace.attacked(50)) == (2.0, 3.0)


def test_a_large_task_is_trained_on_in_part_with_every_class_in_it() -> None:
    task = load_task("digits", SplitConfig(), "range")
    part, share = _trained_on(task)
    assert len(part.y_train) <= 1000 < len(task.y_train)
    assert share == len(part.y_train) / len(task.y_train)
    assert (np.bincount(part.y_train) > 60).all()
    assert part.x_test is task.x_test
    small = load_task("iris", SplitConfig(), "range")
    assert _trained_on(small) == (small, 1.0)


def test_each_strategy_has_its_own_time_and_none_where_it_cannot_train() -> None:
    config = RunConfig(
        datasets=("iris",),
        strategies=("vanilla", "adversarial"),
        seeds=1,
        suite="quick",
        architectures=("sklearn:decision-tree",),
        checks="off",
    )
    plan = make_plan(config)
    pace = measure(plan.cells, plan.tasks["iris"])
    vanilla, adversarial = plan.cells
    assert pace.train["adversarial"] is None
    assert pace.seconds(adversarial, 45) == 0.0
    assert pace.seconds(vanilla, 45) >= (pace.train["vanilla"] or 0.0) > 0.0
    assert pace.weights > 1000
