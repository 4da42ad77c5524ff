from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from genlabel_robust.core.errors import ConfigurationError, DataError, UnknownNameError
from genlabel_robust.core.seeds import generator
from genlabel_robust.data.load import load_task
from genlabel_robust.data.rows import rows_of, task_of_rows
from genlabel_robust.data.scaling import fit_scaling
from genlabel_robust.data.splitting.splits import SplitConfig
from genlabel_robust.data.task import Task
from genlabel_robust.runs.results.aggregate import data_fingerprint
from genlabel_robust.threat.box_of_task import attack_space
from genlabel_robust.threat.constraints.constraints import Constraints
from genlabel_robust.threat.norms import UNITS, Norm, Unit
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import ThreatModel
from genlabel_robust.threat.violations import violations

CONSTANT = 2


def task_of(scaling: str = "paper") -> Task:
    """Return a task with three features, the third constant in the training set."""
    rng = generator(0, "space")
    x = np.column_stack([rng.normal(5, 2, 30), rng.uniform(-1e4, 1e4, 30), np.full(30, 0.1)])
    x[25, CONSTANT] = 7.0
    y = np.arange(30) % 2
    return Task(
        "t",
        x[:20],
        y[:20],
        x[20:],
        y[20:],
        np.arange(20, 30),
        ("a", "b", "c"),
        ("p", "q"),
        fit_scaling(scaling, x[:20], x),
    )


def threat(unit: Unit, **limits: Any) -> ThreatModel:
    return ThreatModel("linf", (0.1,), unit, Constraints(**limits))


def space_of(task: Task, norm: Norm, unit: Unit, **limits: Any) -> AttackSpace:
    return attack_space(task, ThreatModel(norm, (1.0,), unit, Constraints(**limits)))


@pytest.mark.parametrize("unit", UNITS)
def test_the_box_holds_the_training_part_and_a_constant_feature_is_pinned(unit: Unit) -> None:
    task = task_of()
    space = attack_space(task, threat(unit))
    u = space.enter(task.x_train)
    assert space.mutable.tolist() == [True, True, False]
    assert (space.scale > 0).all()
    assert (u >= space.low - 1e-12).all()
    assert (u <= space.high + 1e-12).all()
    low, high = space.box(space.enter(task.x_test))
    np.testing.assert_array_equal(low[:, CONSTANT], high[:, CONSTANT])


def test_one_unit_of_range_is_the_training_range() -> None:
    task = task_of()
    space = attack_space(task, threat("range"))
    u = space.enter(task.x_train)
    np.testing.assert_array_equal(u[:, :2].min(axis=0), 0.0)
    np.testing.assert_array_equal(u[:, :2].max(axis=0), 1.0)
    np.testing.assert_array_equal((space.low, space.high), (np.zeros(3), np.ones(3)))
    assert space.scale[CONSTANT] == 1.0


def test_one_unit_of_std_is_the_training_deviation() -> None:
    task = task_of()
    space = attack_space(task, threat("std"))
    u = space.enter(task.x_train)[:, :2]
    np.testing.assert_allclose(u.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(u.std(axis=0), 1.0)
    np.testing.assert_array_equal(space.low[:2], u.min(axis=0))
    np.testing.assert_array_equal(space.high[:2], u.max(axis=0))
    assert space.scale[CONSTANT] == 1.0


def test_raw_is_the_identity() -> None:
    task = task_of()
    space = attack_space(task, threat("raw"))
    np.testing.assert_array_equal(space.enter(task.x_test), task.x_test)
    np.testing.assert_array_equal(space.high, task.x_train.max(axis=0))


@pytest.mark.parametrize("scaling", ["paper", "standard", "range"])
def test_one_unit_of_the_global_range_is_one_scalar_in_scaled_features(scaling: str) -> None:
    task = task_of(scaling)
    space = attack_space(task, threat("global-range"))
    scaled = (task.x_train - task.scaling.offset) / task.scaling.scale
    extent = scaled.max() - scaled.min()
    np.testing.assert_allclose(space.enter(task.x_train) * extent, scaled, rtol=1e-12, atol=1e-12)
    assert len(np.unique(space.low)) == len(np.unique(space.high)) == 1
    np.testing.assert_allclose(space.high - space.low, 1.0)


@pytest.mark.parametrize("unit", UNITS)
def test_a_task_of_constants_only_has_a_finite_space(unit: Unit) -> None:
    x = np.full((4, 2), 3.0)
    y = np.array([0, 1, 0, 1])
    task = Task(
        "t", x, y, x, y, np.arange(4), ("a", "b"), ("p", "q"), fit_scaling("standard", x, x)
    )
    space = attack_space(task, threat(unit))
    assert not space.mutable.any()
    assert np.isfinite(space.enter(x)).all()


@pytest.mark.parametrize("unit", UNITS)
def test_a_weight_multiplies_a_features_own_budget_and_leaves_its_box(unit: Unit) -> None:
    task = task_of()
    plain, weighted = (attack_space(task, threat(unit, weights=w)) for w in ({}, {"b": 3.0}))
    np.testing.assert_allclose(weighted.scale, plain.scale * [1.0, 3.0, 1.0], rtol=1e-15)
    for space in (plain, weighted):
        low, high = space.box(space.enter(task.x_test))
        raw = [space.offset + space.scale * edge for edge in (low, high)]
        expected = plain.box(plain.enter(task.x_test))
        np.testing.assert_allclose(
            raw, [plain.offset + plain.scale * edge for edge in expected], rtol=1e-12, atol=1e-9
        )
    moved = task.x_test + np.array([0.0, plain.scale[1], 0.0])
    np.testing.assert_allclose(weighted.distance(task.x_test, moved, "linf"), 1 / 3)


@pytest.mark.parametrize("unit", UNITS)
def test_a_feature_with_a_unit_of_its_own_is_measured_by_that(unit: Unit) -> None:
    task = task_of()
    own = attack_space(task, threat(unit, units={"b": "raw"}, weights={"b": 3.0}))
    plain = attack_space(task, threat(unit))
    assert own.scale[1] == 3.0
    for part in ("offset", "scale", "low", "high"):
        np.testing.assert_array_equal(getattr(own, part)[[0, 2]], getattr(plain, part)[[0, 2]])
    low, high = (own.offset + own.scale * edge for edge in (own.low, own.high))
    np.testing.assert_allclose(
        (low[1], high[1]), (task.x_train[:, 1].min(), task.x_train[:, 1].max())
    )


@pytest.mark.parametrize("unit", UNITS)
def test_bounds_replace_the_training_range_and_the_box_contains_its_row(unit: Unit) -> None:
    task = task_of()
    x = task.x_test.copy()
    x[:3, 1] = -3e4, 0.0, 3e4
    task = replace(task, x_test=x)
    plain = attack_space(task, threat(unit))
    bounds = {"b": {"low": -2e4, "high": 5.0}, "a": {"high": 100.0}}
    space = attack_space(task, threat(unit, bounds=bounds, weights={"b": 0.5}))
    low, high = (space.offset + space.scale * edge for edge in space.box(space.enter(x)))
    np.testing.assert_allclose(low[:3, 1], [-3e4, -2e4, -2e4], rtol=1e-12)
    np.testing.assert_allclose(high[:3, 1], [5.0, 5.0, 3e4], rtol=1e-12)
    np.testing.assert_allclose(high[:, 0], 100.0, rtol=1e-12)
    untouched = plain.offset + plain.scale * plain.box(plain.enter(x))[0]
    np.testing.assert_allclose(low[:, 0], untouched[:, 0], rtol=1e-12)
    inside, outside = x.copy(), x.copy()
    inside[:, 1], outside[:, 1] = np.clip(5.0, low[:, 1], high[:, 1]), high[:, 1] + 1e-6
    assert not violations(space, x, inside).any()
    assert violations(space, x, outside).all()


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("norm", ["linf", "l0"])
def test_a_constant_feature_with_bounds_changes_where_its_budget_is_no_share(
    unit: Unit, norm: Norm
) -> None:
    task = task_of()
    here = space_of(task, norm, unit, bounds={"c": {"low": -1.0, "high": 2.0}})
    own = space_of(task, norm, unit, bounds={"c": {"high": 2.0}}, units={"c": "raw"})
    for space, free, least in ((here, unit == "raw" or norm == "l0", -1.0), (own, True, 0.1)):
        assert space.mutable.tolist() == [True, True, free]
        low, high = (
            (space.offset + space.scale * edge)[0, CONSTANT]
            for edge in space.box(space.enter(task.x_train))
        )
        assert (low, high) == pytest.approx((least, 2.0) if free else (0.1, 0.1))


def test_a_constant_feature_without_room_or_without_bounds_stays_pinned() -> None:
    task = task_of()
    for limits in (
        {"units": {"c": "raw"}, "weights": {"c": 9.0}},
        {"units": {"c": "raw"}, "bounds": {"c": {"high": 0.1}}},
    ):
        assert not attack_space(task, threat("range", **limits)).mutable[CONSTANT]
    with pytest.raises(ConfigurationError, match=r"low = 50 of feature 'c' lies beyond .* both"):
        attack_space(task, threat("raw", bounds={"c": {"low": 50.0}}))


def test_bounds_keep_the_fingerprints_of_other_threats_apart() -> None:
    task = task_of()
    limits = [
        {},
        {"bounds": {"a": {"low": -1.0}}},
        {"bounds": {"a": {"low": -2.0}}},
        {"units": {"a": "raw"}},
    ]
    prints = [
        data_fingerprint(task, attack_space(task, threat("range", **given))) for given in limits
    ]
    assert len({p["attack_space"] for p in prints}) == 4


def test_a_bound_beyond_the_training_ranges_other_edge_needs_both() -> None:
    with pytest.raises(ConfigurationError, match=r"low = 500 of feature 'a' lies beyond .* both"):
        attack_space(task_of(), threat("range", bounds={"a": {"low": 500}}))
    space = attack_space(task_of(), threat("raw", bounds={"a": {"low": 500, "high": 600}}))
    assert (space.low[0], space.high[0]) == (500, 600)


def test_features_named_immutable_join_those_that_are_constant() -> None:
    space = attack_space(task_of(), threat("range", immutable=("a",)))
    assert space.mutable.tolist() == [False, True, False]


def test_a_constraint_on_a_feature_that_is_not_there_names_the_nearest() -> None:
    task = replace(task_of(), feature_names=("age", "income", "tenure"))
    with pytest.raises(UnknownNameError, match="did you mean 'income'"):
        attack_space(task, threat("range", increasing=("incom",)))


@pytest.mark.parametrize("row", [[0.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.5, 0.5, 0.0]])
def test_a_test_row_without_exactly_one_1_in_a_group_is_refused_by_its_number(row) -> None:
    task = task_of()
    x = np.eye(3)[np.arange(10) % 3]
    good = replace(task, x_test=x)
    assert attack_space(good, threat("raw", one_hot=(("a", "b", "c"),))).rules.one_hot
    x = x.copy()
    x[4] = row
    with pytest.raises(DataError, match=r"row 24 of its source .*\['a', 'b', 'c'\]"):
        attack_space(replace(task, x_test=x), threat("raw", one_hot=(("a", "b", "c"),)))


@pytest.mark.parametrize(
    ("number", "outside"), [(446, 1), (468, 1), (755, 1), (683, 0), (763, 0), (1413, 0)]
)
def test_the_papers_split_has_the_test_rows_outside_the_box_that_are_known(
    real_folder: Path, number: int, outside: int
) -> None:
    """446, 468 and 755 have one such row each on the recovered split, the others none."""
    task = load_task(f"openml:{number}", SplitConfig(kind="paper"), "paper")
    space = attack_space(task, threat("global-range"))
    u = space.enter(task.x_test)
    rows = ((u < space.low - 1e-12) | (u > space.high + 1e-12)).any(axis=1)
    assert rows.sum() == outside


def encoded(frame: dict[str, list[Any]], free: Collection[str] = ()) -> Task:
    """Return the task of an audit on ``frame``, which is also the reference."""
    rows = rows_of(pd.DataFrame(frame), free=free)
    return task_of_rows("t", rows, np.arange(len(rows.x)) % 2, (0, 1))


@pytest.mark.parametrize("unit", UNITS)
def test_missing_values_count_in_no_measure(unit: Unit) -> None:
    values = [0.0, 1.0, 5.0, 10.0]
    whole, gaps = encoded({"a": values * 2}), encoded({"a": values + [None] * 36})
    assert gaps.feature_names == ("a", "a is missing")
    plain, spaced = attack_space(whole, threat(unit)), attack_space(gaps, threat(unit))
    for part in ("offset", "scale", "low", "high", "mutable"):
        assert getattr(plain, part)[0] == getattr(spaced, part)[0]


@pytest.mark.parametrize("unit", UNITS)
def test_a_column_without_a_value_is_pinned_and_widens_nothing(unit: Unit) -> None:
    here = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [900.0, None, 1000.0]})
    rows = rows_of(here, pd.DataFrame({"a": [1.0, 2.0, 4.0], "b": [None] * 3}))
    space = attack_space(task_of_rows("t", rows, [0, 1, 0], (0, 1)), threat(unit))
    assert space.mutable.tolist() == [True, False, False]
    assert np.isfinite(space.enter(rows.x)).all()
    assert space.scale[0] == pytest.approx(
        {"range": 3.0, "raw": 1.0, "std": np.std([1, 2, 4]), "global-range": 3.0}[unit]
    )


@pytest.mark.parametrize("free", [(), ("c",)])
def test_the_global_range_is_that_of_numbers_only(free: tuple[str, ...]) -> None:
    frame = {
        "a": [0.25, 0.5, None, 0.75],
        "c": list("wxyz"),
        "d": [0.5, 0.5, 0.75, 0.25],
    }
    task = encoded(frame, free)
    space = attack_space(task, threat("global-range"))
    assert (space.scale == 0.5).all()
    low, high = (space.offset + space.scale * edge for edge in (space.low, space.high))
    numbers = [task.feature_names.index(name) for name in ("a", "d")]
    assert (low[numbers] == 0.25).all()
    assert (high[numbers] == 0.75).all()
    # what says which level it is, or that a value is missing, can still take each of its values
    assert (low <= task.x_train.min(axis=0)).all()
    assert (high >= task.x_train.max(axis=0)).all()


def test_a_table_of_categories_only_has_a_global_range() -> None:
    task = encoded({"c": list("wxyz"), "d": [True, False, True, True]}, ("c",))
    assert (attack_space(task, threat("global-range")).scale == 1.0).all()
