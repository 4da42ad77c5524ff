from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from genlabel_robust.attacks.training.step import training_step
from genlabel_robust.certify.exact import exact_margins
from genlabel_robust.core.seeds import generator
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.threat_model import distance


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_attacked_batches_stay_in_the_threat_and_raise_the_loss(norm, make_target) -> None:
    target = make_target(n=50, widths=(16,), immutable=(2,))
    target.raw = target.raw.clip(0, 1)
    step = training_step(target.space, target.model.scaling, norm, 0.1)
    x = torch.from_numpy(target.raw.astype(np.float32))
    y = torch.from_numpy(target.y)
    attacked = step(target.model.module, x, y, generator(0, "step"))
    moved = (attacked - x).numpy().astype(np.float64)
    assert distance(moved, norm).max() <= 0.1 + 1e-6
    assert (moved[:, 2] == 0).all()
    assert attacked.min() >= 0
    assert attacked.max() <= 1
    before, after = (
        torch.nn.functional.cross_entropy(target.model.module(points), y)
        for points in (x, attacked)
    )
    assert after > before
    assert not attacked.requires_grad


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_monotone_features_move_one_way_only(norm, make_target) -> None:
    target = make_target(n=50, widths=(16,))
    space = replace(target.space, rules=Rules(increasing=(0, 1), decreasing=(4,)))
    step = training_step(space, target.model.scaling, norm, 0.3)
    x = torch.from_numpy(target.raw.astype(np.float32))
    moved = step(target.model.module, x, torch.from_numpy(target.y), generator(0, "step")) - x
    assert (moved[:, :2] >= 0).all()
    assert (moved[:, 4] <= 0).all()
    assert (moved[:, 2] < 0).any()
    assert (moved[:, 2] > 0).any()


def test_in_l1_an_affine_model_is_attacked_nearly_as_well_as_can_be(make_target) -> None:
    target = make_target(n=200, d=8, k=2)
    exact = exact_margins(target.model, target.space, target.raw, target.y, "l1")
    eps = float(np.median(exact))
    step = training_step(target.space, target.model.scaling, "l1", eps, steps=40)
    x = torch.from_numpy(target.raw.astype(np.float32))
    attacked = step(target.model.module, x, torch.from_numpy(target.y), generator(0, "step"))
    broken = target.model.predict(attacked.numpy().astype(np.float64)) != target.y
    assert not broken[exact > eps * 1.001].any()
    assert broken[exact < eps].mean() > 0.8


def test_the_step_draws_only_from_the_generator_it_is_given(make_target) -> None:
    target = make_target(n=10)
    step = training_step(target.space, target.model.scaling, "linf", 0.1)
    x, y = torch.from_numpy(target.raw.astype(np.float32)), torch.from_numpy(target.y)
    state = torch.get_rng_state()
    first, second = (step(target.model.module, x, y, generator(1, "s")) for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_attacked_rows_exist_where_features_are_constrained(norm, make_mixed_target) -> None:
    target = make_mixed_target(n=60)
    scaling = target.model.scaling
    step = training_step(target.space, scaling, norm, 1.1)
    x = torch.from_numpy(scaling.apply(target.raw))
    attacked = step(target.model.module, x, torch.from_numpy(target.y), generator(0, "step"))
    raw = scaling.offset + scaling.scale * attacked.numpy().astype(np.float64)
    moved = raw - target.raw
    assert (np.abs(moved[:, [3, 5]] - np.rint(moved[:, [3, 5]])) < 1e-4).all()
    assert (np.abs(moved[:, 5]) > 0.5).any()
    assert (moved[:, 2] > -1e-6).all()
    assert (moved[:, 3] < 1e-4).all()
    assert (attacked[:, 4] == x[:, 4]).all()
    assert np.isin(raw[:, 6:].round(5), (0.0, 1.0)).all()
    assert (raw[:, 6:].sum(axis=1).round(5) == 1).all()
    assert (np.abs(moved[:, 6:]) > 0.5).any()
    assert distance(moved / target.space.scale, norm).max() <= 1.1 * (1 + 1e-4)
    changed = target.model.predict(raw) != target.y
    assert changed.mean() > 0.3
