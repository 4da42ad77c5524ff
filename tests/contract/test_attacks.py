"""The contract of every registered attack."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import pytest

from genlabel_robust.attacks import ATTACKS
from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.attacks.blocks import run_attack
from genlabel_robust.attacks.suite import attack_settings, build_attack
from genlabel_robust.attacks.verification import verify
from genlabel_robust.certify.exact import exact_margins
from genlabel_robust.core.errors import UnknownNameError
from genlabel_robust.parts.contracts import attacks as contract
from genlabel_robust.threat.norms import NORMS
from genlabel_robust.threat.violations import violations

#: Budgets small enough for tests, large enough for the promises below.
BUDGETS = {
    "pgd": {"steps": 40, "restarts": 4},
    "hopskipjump": {"iterations": 12},
    "boundary": {"steps": 1500},
    "fab": {"steps": 15, "restarts": 1},
    "evolutionary": {"queries": 1500},
    "square": {"moves": 50},
    "lattice-search": {"iterations": 10, "restarts": 2},
}
CASES = [(name, norm) for name, norm in product(ATTACKS, NORMS) if norm in ATTACKS.load(name).norms]
EPS = contract.EPS


def attack_named(name):
    return build_attack(name, BUDGETS.get(name, {}))


@pytest.mark.nightly(but=[f"net-{name}-{norm}" for name, norm in CASES])
@pytest.mark.parametrize(("name", "norm"), CASES)
@pytest.mark.parametrize("widths", [(), (16,)], ids=["affine", "net"])
def test_points_stay_in_the_box_and_in_the_ball(name, norm, widths, make_target) -> None:
    target = make_target(n=25, widths=widths)
    contract.points_stay_in_the_box_and_the_ball(attack_named(name), target, norm)


@pytest.mark.nightly(but=[f"{name}-{ATTACKS.load(name).norms[-1]}" for name in ATTACKS])
@pytest.mark.parametrize(("name", "norm"), CASES)
def test_what_is_claimed_broken_is_broken(name, norm, make_target) -> None:
    target = make_target(n=20, widths=(16,))
    attack = attack_named(name)
    result = attack(target, norm, 0.5, 0)
    distances, raw = verify(target, attack, result, norm, 0.5)
    claimed = result.outcome == Outcome.BROKEN
    assert claimed.any()
    assert np.isfinite(distances[claimed]).all()
    assert (target.model.predict(raw[claimed]) != target.y[claimed]).all()


@pytest.mark.nightly(but=[f"{name}-{ATTACKS.load(name).norms[0]}" for name in ATTACKS])
@pytest.mark.parametrize(("name", "norm"), CASES)
def test_the_same_seed_gives_the_same_bytes_and_leaves_the_global_state_alone(name, norm) -> None:
    contract.the_seed_decides(attack_named(name), norm)


@pytest.mark.nightly(but=[f"{name}-{ATTACKS.load(name).norms[0]}" for name in ATTACKS])
@pytest.mark.parametrize(("name", "norm"), CASES)
def test_immutable_features_do_not_move(name, norm, make_target) -> None:
    target = make_target(n=12, immutable=(1, 3))
    attack = attack_named(name)
    _, raw = verify(target, attack, attack(target, norm, EPS[norm], 0), norm, EPS[norm])
    found = np.isfinite(raw).all(axis=1)
    assert found.any()
    assert (raw[found][:, [1, 3]] == target.raw[found][:, [1, 3]]).all()


@pytest.mark.parametrize(("name", "norm"), CASES)
def test_every_verified_point_exists_where_features_are_constrained(
    name, norm, make_mixed_target
) -> None:
    target = make_mixed_target(n=12)
    attack = attack_named(name)
    found, raw = verify(target, attack, run_attack(attack, target, norm, 0.6, 0), norm, 0.6)
    broken = np.isfinite(found)
    assert broken.sum() >= 2
    assert not violations(target.space, target.raw[broken], raw[broken]).any()
    assert (target.model.predict(raw[broken]) != target.y[broken]).all()
    far = target.space.distance(target.raw[broken], raw[broken], norm)
    np.testing.assert_allclose(found[broken], far, rtol=1e-12)


@pytest.fixture(scope="module")
def distances(make_target):
    """Return a function: attack, norm -> verified and exact distances on an affine model."""

    @cache
    def found(name, norm):
        target, attack = make_target(n=25, d=4), attack_named(name)
        verified, _ = verify(target, attack, attack(target, norm, EPS[norm], 0), norm, EPS[norm])
        return verified, exact_margins(target.model, target.space, target.raw, target.y, norm)

    return found


@pytest.mark.parametrize(("name", "norm"), CASES)
def test_no_verified_distance_is_below_the_exact_one(name, norm, distances) -> None:
    found, exact = distances(name, norm)
    assert (found >= exact - 1e-6).all()


@pytest.mark.parametrize(
    ("name", "norm"), [c for c in CASES if ATTACKS.load(c[0]).kind == "minimum"]
)
def test_a_minimum_distance_attack_comes_within_five_percent_on_affine_models(
    name, norm, distances
) -> None:
    found, exact = distances(name, norm)
    assert np.median(found / exact) < 1.05


@pytest.mark.parametrize("name", list(ATTACKS))
def test_queries_are_counted_for_every_example(name, make_target) -> None:
    contract.counts_queries(attack_named(name), make_target(n=10), ATTACKS.load(name).norms[0])


@pytest.mark.parametrize("name", list(ATTACKS))
def test_an_unknown_setting_names_the_nearest(name) -> None:
    with pytest.raises(UnknownNameError, match=name):
        build_attack(name, {"stepz": 3})


@pytest.mark.parametrize("name", list(ATTACKS))
def test_resolved_settings_build_the_same_attack(name) -> None:
    attack = attack_named(name)
    assert build_attack(name, attack_settings(attack)) == attack
