"""Limits that are a fraction of the row's own value."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from genlabel_robust.attacks.training.step import training_step
from genlabel_robust.core import ConfigurationError
from genlabel_robust.data import Scaling, Task
from genlabel_robust.data.columns.number_or_category import Number
from genlabel_robust.data.rows import identity_scaling
from genlabel_robust.threat import Constraints, ThreatModel, attack_space
from genlabel_robust.threat.constraints.limits_of_columns import encoded_limits
from genlabel_robust.threat.notices.steps import shares_of_zero
from genlabel_robust.threat.threat_file.read import read_threat
from genlabel_robust.threat.violations import violations

ROWS = np.array([[1000.0, -50.0, 3.0], [2000.0, 0.0, 7.0], [4000.0, 30.0, 9.0], [0.0, 10.0, 5.0]])
NAMES = ("income", "balance", "age")


@pytest.fixture
def task() -> Task:
    y = np.array([0, 1, 0, 1])
    scaling = identity_scaling(3)
    return Task("t", ROWS, y, ROWS, y, np.arange(4), NAMES, ("p", "q"), scaling)


def threat(norm: str = "linf", eps: float = 0.5, **limits: object) -> ThreatModel:
    return ThreatModel(norm, (eps,), "range", Constraints.of(limits))  # type: ignore[arg-type]


@pytest.mark.parametrize("unit", ["range", "std", "raw"])
def test_each_row_moves_by_its_own_share_within_the_box(task: Task, unit: str) -> None:
    limits = Constraints(shares={"income": 0.03, "balance": 0.5})
    space = attack_space(task, ThreatModel("linf", (0.5,), unit, limits))  # type: ignore[arg-type]
    u = space.enter(ROWS)
    low, high = (space.offset + space.scale * edge for edge in space.box(u))
    np.testing.assert_allclose(low[:, 0], [970, 1940, 3880, 0], atol=1e-9)
    np.testing.assert_allclose(high[:, 0], [1030, 2060, 4000, 0], atol=1e-9)
    # of a negative value it is a share of its size, and the training range ends at -50 and 30
    np.testing.assert_allclose(low[:, 1], [-50, 0, 15, 5], atol=1e-9)
    np.testing.assert_allclose(high[:, 1], [-25, 0, 30, 15], atol=1e-9)
    # a feature without one has the whole box
    np.testing.assert_allclose(low[:, 2], 3, atol=1e-9)
    np.testing.assert_allclose(high[:, 2], 9, atol=1e-9)


def test_what_goes_farther_violates_the_threat(task: Task) -> None:
    space = attack_space(task, threat(shares={"income": 0.03}))
    for change, wrong in ((30.0, False), (-30.0, False), (30.1, True), (-30.1, True)):
        assert violations(space, ROWS[:1], ROWS[:1] + np.array([change, 0, 0]))[0] == wrong
    # whole numbers go as far as whole steps do within the share: 3.5 of 7 is 3
    whole = attack_space(task, threat(shares={"age": 0.5}, integer=["age"]))
    low, high = (whole.offset + whole.scale * edge for edge in whole.box(whole.enter(ROWS)))
    np.testing.assert_allclose(low[:, 2], [3, 4, 5, 3], atol=1e-9)
    np.testing.assert_allclose(high[:, 2], [4, 9, 9, 7], atol=1e-9)


def test_a_share_alone_limits_a_feature_of_a_threat_file(tmp_path: Path, task: Task) -> None:
    path = tmp_path / "threat.toml"
    path.write_text("eps = 0.01\n[features.income]\nshare = 0.03\n")
    found = read_threat(path)
    assert found["constraints"]["shares"] == {"income": 0.03}
    space = attack_space(task, threat(eps=0.01, **found["constraints"]))
    np.testing.assert_allclose(0.01 * space.scale, [4000, 0.8, 0.06])
    # with an eps of its own it keeps to both
    path.write_text('eps = 0.01\n[features.income]\nshare = 0.03\neps = 5\nunit = "raw"\n')
    both = read_threat(path)["constraints"]
    assert both["shares"] == {"income": 0.03}
    np.testing.assert_allclose(attack_space(task, threat(eps=0.01, **both)).scale[0] * 0.01, 5)


def test_a_price_and_a_number_of_features_go_with_a_share(tmp_path: Path, task: Task) -> None:
    path = tmp_path / "threat.toml"
    path.write_text("[budget]\ncost = 3\n[features.income]\nshare = 0.03\ncost = 2\n")
    found = read_threat(path)["constraints"]
    assert found == {"shares": {"income": 0.03}, "costs": {"income": 2.0}}
    path.write_text('norm = "l0"\neps = 1\n[features.income]\nshare = 0.03\n')
    space = attack_space(task, threat("l0", 1.0, **read_threat(path)["constraints"]))
    low, high = (space.offset + space.scale * edge for edge in space.box(space.enter(ROWS)))
    np.testing.assert_allclose(high[:3, 0] - low[:3, 0], [60, 120, 120])


@pytest.mark.parametrize("norm", ["linf", "l2", "l0"])
def test_adversarial_training_keeps_to_shares(task: Task, norm: str) -> None:
    space = attack_space(task, threat(norm, 2.0, shares={"income": 0.03, "balance": 0.5}))
    scaling = Scaling("range", np.array([500.0, 3.0, 1.0]), np.array([900.0, 11.0, 2.0]))
    x = torch.from_numpy(scaling.apply(ROWS))
    module = torch.nn.Linear(3, 2)
    y = module(x).argmax(dim=1)
    moved = training_step(space, scaling, norm, 2.0)(module, x, y, np.random.default_rng(0))  # type: ignore[arg-type]
    change = ((moved - x).double().numpy()) * scaling.scale
    room = np.abs(ROWS) * [0.03, 0.5, np.inf]
    room[:, 2] = 6.0
    assert (np.abs(change) <= room + 1e-3).all()
    assert np.abs(change).max() > 0


def test_a_notice_says_where_a_share_is_nothing(task: Task) -> None:
    space = attack_space(task, threat(shares={"income": 0.03, "age": 0.1}))
    (said,) = shares_of_zero(task, space)
    assert "where 'income' (1 of 4 rows) is 0" in said
    assert shares_of_zero(task, replace(space, shares=None)) == []


def test_a_value_that_may_go_missing_has_no_share() -> None:
    part = Number("income", fill=5.0)
    kept = encoded_limits([part], {"shares": {"income": 0.1}})
    assert kept["shares"] == {"income": 0.1}
    freed = {"shares": {"income": 0.1}, "weights": {"income is missing": 1.0}}
    with pytest.raises(ConfigurationError, match="'income' has a share, and 'income is missing'"):
        encoded_limits([part], freed)
