"""Limits on the columns of a table, converted to limits on the encoded features of a task."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from genlabel_robust.core.errors import ConfigurationError, UnknownFeatureError
from genlabel_robust.data.rows import rows_of, task_of_rows
from genlabel_robust.data.task import Task
from genlabel_robust.threat import Constraints, Norm, ThreatModel, attack_space
from genlabel_robust.threat.constraints.limits_of_columns import limits_of_features

FRAME = pd.DataFrame(
    {
        "age": [20.0, 30.0, 40.0, 50.0],
        "years": [1.0, np.nan, 3.0, 4.0],
        "job": ["a", "b", "c", "a"],
        "own": [True, False, True, False],
    }
)


def task() -> Task:
    rows = rows_of(FRAME, FRAME, free=[*FRAME])
    made = task_of_rows("t", rows, np.array([0, 1, 0, 1]), (0, 1))
    return replace(made, limited="columns", left_out=("id",))


def mutable(limits: dict[str, object]) -> set[str]:
    made = task()
    norm: Norm = "l1" if "costs" in limits else "linf"
    space = attack_space(made, ThreatModel(norm, (0.1,), "range", Constraints.of(limits)))
    return {name for name, may in zip(made.feature_names, space.mutable, strict=True) if may}


def test_without_limits_numbers_alone_may_change() -> None:
    assert mutable({}) == {"age", "years"}


@pytest.mark.parametrize(
    "limits",
    [{"weights": {"job": 10.0}}, {"units": {"job": "raw"}}, {"costs": {"job": 3.0}}],
)
def test_a_budget_frees_all_levels_of_a_category(limits: dict[str, object]) -> None:
    found = mutable(limits)
    assert found == {"age", "years", "job=a", "job=b", "job=c"}


def test_a_freed_category_is_one_group_and_a_freed_mark_moves_by_whole_steps() -> None:
    limits = {"weights": {"own": 10.0, "years is missing": 10.0}}
    made = task()
    names = made.feature_names
    space = attack_space(made, ThreatModel("linf", (0.1,), "range", Constraints.of(limits)))
    (group,) = space.rules.one_hot
    assert [names[i] for i in group] == ["own=False", "own=True"]
    assert [names[i] for i in space.rules.integer] == ["years is missing"]


def test_what_says_a_user_is_immutable_stays_so() -> None:
    assert mutable({"immutable": ["age", "job", "own", "id"]}) == {"years"}


def test_tasks_whose_limits_name_features_have_them_as_they_are() -> None:
    limits = Constraints.of({"immutable": ["job=a"]})
    assert limits_of_features(replace(task(), limited="features"), limits) is limits


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"weights": {"id": 2.0}}, "feature 'id' has weights of its own, but the column was left"),
        ({"bounds": {"id": {"low": 0}}}, "feature 'id' has bounds of its own.*--keep 'id'"),
        ({"integer": ["job"]}, "'job' is a category, so"),
        ({"weights": {"job=a": 2.0}}, "'job=a' is one level of the category 'job'"),
    ],
)
def test_what_cannot_be_is_refused(limits: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        mutable(limits)


def test_a_column_that_there_is_not_is_named() -> None:
    with pytest.raises(UnknownFeatureError, match="'agee'"):
        mutable({"immutable": ["agee"]})
