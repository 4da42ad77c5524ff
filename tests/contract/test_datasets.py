from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.data import DATASETS, SCALINGS, SplitConfig, load_task
from genlabel_robust.threat.box_of_task import attack_space
from genlabel_robust.threat.norms import UNITS, Unit
from genlabel_robust.threat.threat_model import ThreatModel

datasets = pytest.mark.parametrize("name", list(DATASETS))


@datasets
def test_every_data_set_loads_with_finite_features_and_every_class_on_both_sides(name: str) -> None:
    task = load_task(name, SplitConfig(), "range")
    assert task.name == name
    for x, y in ((task.x_train, task.y_train), (task.x_test, task.y_test)):
        assert x.dtype == np.float64
        assert y.dtype == np.int64
        assert x.shape == (len(y), task.n_features)
        assert np.isfinite(x).all()
        assert set(y) == set(range(task.n_classes))
    assert len(task.feature_names) == task.n_features
    assert len(task.test_ids) == len(set(task.test_ids)) == len(task.y_test)
    n = len(task.y_train) + len(task.y_test)
    assert len(task.y_test) == pytest.approx(0.3 * n, abs=1)


@datasets
def test_the_same_split_seed_gives_the_same_task_and_another_seed_another(name: str) -> None:
    first, again, other = (load_task(name, SplitConfig(seed=s), "range") for s in (0, 0, 1))
    assert first.content_hash == again.content_hash
    assert first.content_hash != other.content_hash


@datasets
@pytest.mark.parametrize("scaling", SCALINGS)
def test_every_scaling_gives_models_finite_float32(name: str, scaling: str) -> None:
    task = load_task(name, SplitConfig(max_examples=20), scaling)
    for x in (task.x_train, task.x_test):
        scaled = task.scaling.apply(x)
        assert scaled.dtype == np.float32
        assert np.isfinite(scaled).all()


@datasets
@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_has_a_box_that_holds_the_training_part(name: str, unit: Unit) -> None:
    task = load_task(name, SplitConfig(), "paper")
    space = attack_space(task, ThreatModel("linf", (0.1,), unit))
    u = space.enter(task.x_train)
    assert ((u >= space.low - 1e-9) & (u <= space.high + 1e-9)).all()
    assert space.mutable.any()


@datasets
def test_every_data_set_has_one_line_of_description(name: str) -> None:
    text = DATASETS.describe(name)
    assert text
    assert "\n" not in text
