"""A row can leave a level that only test rows have, but no row can take it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from genlabel_robust.data.notices import still
from genlabel_robust.data.rows import rows_of, task_of_rows
from genlabel_robust.data.task import Task
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat.box_of_task import attack_space
from genlabel_robust.threat.constraints.constraints import Constraints
from genlabel_robust.threat.constraints.limits_of_columns import encoded_limits
from genlabel_robust.threat.threat_model import ThreatModel
from genlabel_robust.threat.violations import violations

FREE = {"weights": {"job": 10.0}, "units": {"job": "raw"}}


def task_of(known: list[str], tested: list[str]) -> tuple[Task, ThreatModel]:
    """Return a task with a number and a category that the attacker may change."""

    def frame(jobs: list[str]) -> pd.DataFrame:
        return pd.DataFrame({"age": np.arange(len(jobs)) + 20.5, "job": jobs}).astype(
            {"job": object}
        )

    rows = rows_of(frame(tested), frame(known), frozenset({"job"}))
    task = task_of_rows("people", rows, ["no"] * len(tested), ["no", "yes"])
    return task, ThreatModel(
        "linf", (0.1,), "range", Constraints.of(encoded_limits(rows.encoding.parts, FREE))
    )


def with_job(task: Task, row: int, job: str) -> np.ndarray:
    raw = task.x_test[row].copy()
    raw[1:] = 0.0
    raw[task.feature_names.index(f"job={job}")] = 1.0
    return raw


def test_a_row_leaves_a_level_that_training_lacks_and_none_takes_it_on() -> None:
    task, threat = task_of(["cook", "smith", "cook"], ["pilot", "smith"])
    space = attack_space(task, threat)
    assert space.mutable.all()
    for row, job, allowed in [
        (0, "cook", True),
        (0, "smith", True),
        (1, "pilot", False),
        (1, "cook", True),
    ]:
        raw = with_job(task, row, job)[None]
        assert violations(space, task.x_test[row][None], raw)[0] != allowed
        assert space.distance(task.x_test[row][None], raw, "linf")[0] == pytest.approx(0.1)


def test_the_only_level_of_training_can_be_taken_on() -> None:
    task, threat = task_of(["cook", "cook"], ["pilot", "cook"])
    space = attack_space(task, threat)
    assert not violations(space, task.x_test[:1], with_job(task, 0, "cook")[None])[0]
    assert violations(space, task.x_test[1:], with_job(task, 1, "pilot")[None])[0]


def test_a_level_that_no_test_row_has_stays_as_it_is() -> None:
    task, threat = task_of(["cook", "smith", "cook"], ["cook", "smith"])
    assert attack_space(task, threat).mutable.all()
    assert still(task, "reference rows") == []


def test_an_attack_switches_a_level_that_training_lacks() -> None:
    task, threat = task_of(["cook", "smith", "cook"], ["pilot", "smith"])
    space = attack_space(task, threat)
    nothing: Any = None
    target = AttackTarget(nothing, space, task.x_test, task.y_test, task.x_train)
    cook = target.enter(with_job(task, 0, "cook")[None], np.array([0]))
    shown = target.to_raw(0.6 * cook, np.array([0]))
    np.testing.assert_array_equal(shown[0], with_job(task, 0, "cook"))
    pilot = target.enter(with_job(task, 1, "pilot")[None], np.array([1]))
    np.testing.assert_array_equal(target.to_raw(pilot, np.array([1]))[0], task.x_test[1])


def test_a_notice_names_the_level() -> None:
    task, _ = task_of(["cook", "smith", "cook"], ["pilot", "smith"])
    (notice,) = still(task, "reference rows")
    assert notice == (
        "None of the reference rows has 'job=pilot'. If a test row has such a level, the attacker "
        "may change it to another one, but no row is changed to it."
    )
