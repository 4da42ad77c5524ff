from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from genlabel_robust.attacks.blocks import run_attack
from genlabel_robust.attacks.lattice_search import LatticeSearch
from genlabel_robust.attacks.verification import verify
from genlabel_robust.certify.exact import exact_margins, refuse_impossible
from genlabel_robust.core.errors import AttackError
from genlabel_robust.data.task import Scaling
from genlabel_robust.models.model import TorchModel
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.space import AttackSpace


def arguments(target, norm: str = "linf"):
    return target.model, target.space, target.raw, target.y, norm


def test_an_attack_nearer_than_possible_is_refused_and_named(make_target) -> None:
    target = make_target(n=10)
    exact = exact_margins(*arguments(target))
    refuse_impossible(*arguments(target), exact, ("a", "b"), np.stack([exact, exact * 1.2]))
    with pytest.raises(AttackError, match="'b' reports"):
        refuse_impossible(*arguments(target), exact, ("a", "b"), np.stack([exact, exact * 0.9]))


def test_a_net_is_neither_exact_nor_refused(make_target) -> None:
    target = make_target(n=5, widths=(8,))
    assert exact_margins(*arguments(target)) is None
    refuse_impossible(*arguments(target), None, ("a",), np.zeros((1, 5)))


def test_among_whole_numbers_the_distance_is_exact_in_linf_and_the_impossible_is_refused(
    make_mixed_target,
) -> None:
    target = make_mixed_target(n=30, widths=())
    exact = exact_margins(*arguments(target))
    assert exact is not None
    attack = LatticeSearch()
    found, _ = verify(target, attack, run_attack(attack, target, "linf", 1.0, 0), "linf", 1.0)
    assert np.isfinite(found).sum() > 10
    assert (found >= exact * (1 - 1e-5)).all()
    # the search breaks all that can be broken within its ball
    assert (np.isfinite(found) == (exact <= 1.0)).all()
    refuse_impossible(*arguments(target), exact, ("a",), found[None])
    with pytest.raises(AttackError, match="'a' reports"):
        refuse_impossible(*arguments(target), exact, ("a",), exact[None] * 0.9)


@pytest.mark.parametrize("norm", ["l2", "l1"])
def test_among_whole_numbers_other_norms_are_exact_too_and_at_least_the_continuous_distance(
    norm: str, make_mixed_target
) -> None:
    target = make_mixed_target(n=15, widths=())
    exact = exact_margins(*arguments(target, norm))
    continuous = replace(target.space, rules=replace(target.space.rules, integer=(), one_hot=()))
    least = exact_margins(target.model, continuous, target.raw, target.y, norm)
    assert (exact >= least * (1 - 1e-9)).all()
    assert (exact > least * 1.01).sum() > 4
    for known in (exact, None):
        refuse_impossible(*arguments(target, norm), known, ("a",), exact[None])
        with pytest.raises(AttackError, match="'a' reports"):
            refuse_impossible(*arguments(target, norm), known, ("a",), exact[None] * 0.9)


def test_monotone_features_keep_the_distance_exact_and_never_shorten_it(make_target) -> None:
    target = make_target(n=40)
    plain = exact_margins(*arguments(target))
    target.space = replace(target.space, rules=Rules(increasing=(0, 1), decreasing=(2,)))
    one_way = exact_margins(*arguments(target))
    assert (one_way >= plain).all()
    assert (one_way > plain * 1.01).sum() > 10


def test_distances_are_those_of_attack_space_whatever_the_scaling(make_target) -> None:
    target = make_target(n=20, d=4)
    stretch, shift = np.array([1e-3, 1.0, 50.0, 1e4]), np.array([5.0, -3.0, 0.0, 1e3])
    raw = target.raw * stretch + shift
    model = TorchModel(target.model.module, Scaling("range", shift, stretch), 3)
    low, high = target.space.low, target.space.high
    in_range = AttackSpace(shift, stretch, low, high, target.space.mutable)
    plain = exact_margins(*arguments(target))
    assert np.allclose(exact_margins(model, in_range, raw, target.y, "linf"), plain, rtol=1e-6)
    # the same model attacked in raw units of one feature that all scales share
    raw_space = AttackSpace(
        np.zeros(4), np.ones(4), low * stretch + shift, high * stretch + shift, np.ones(4, bool)
    )
    by_hand = exact_margins(model, raw_space, raw, target.y, "linf")
    weight, bias = model.affine()
    logits = ((raw - shift) / stretch) @ weight.T + bias
    for row in range(20):
        rivals = [k for k in range(3) if k != target.y[row]]
        free = min(
            (logits[row, target.y[row]] - logits[row, k])
            / np.abs((weight[k] - weight[target.y[row]]) / stretch).sum()
            for k in rivals
        )
        # without the box it would be this; the box can only push it further away
        assert by_hand[row] >= free * (1 - 1e-6)
