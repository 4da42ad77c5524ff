from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.attacks.boundary import Boundary, _draw_in, _turn
from genlabel_robust.attacks.search.starts import blended_noise
from genlabel_robust.attacks.suite import build_attack, find_suite
from genlabel_robust.certify.exact import exact_margins
from genlabel_robust.core.errors import UnknownNameError
from genlabel_robust.targets.watch import Watch
from genlabel_robust.threat.threat_model import distance


def test_a_long_walk_comes_to_the_exact_margin_of_an_affine_model(make_target) -> None:
    target = make_target(n=25, d=4)
    points = Boundary(steps=2500)(target, "l2", 0, 0).points
    exact = exact_margins(target.model, target.space, target.raw, target.y, "l2")
    ratio = distance(points, "l2") / exact
    assert np.median(ratio) < 1.002
    assert ratio.min() > 1 - 1e-4


def test_every_step_asks_one_question_and_every_tenth_another(make_target) -> None:
    target = make_target(n=6)
    short, long = (Boundary(steps=s)(target, "l2", 0, 0).queries for s in (250, 750))
    assert (long - short == 500 + 50).all()


def test_the_papers_suite_is_its_protocol() -> None:
    ((name, settings),) = find_suite("paper-1").listed("l2").items()
    assert build_attack(name, settings) == Boundary(
        steps=25_000,
        spherical_step=0.01,
        source_step=0.01,
        step_adaptation=1.5,
        update_stats_every_k=10,
        init="noise",
    )


def test_begun_from_noise_it_ends_on_the_boundary_though_not_always_at_its_nearest_part(
    make_target,
) -> None:
    target = make_target(n=40, d=4, k=4)
    exact = exact_margins(target.model, target.space, target.raw, target.y, "l2")
    ratios = {
        init: distance(Boundary(steps=4000, init=init)(target, "l2", 0, 0).points, "l2") / exact
        for init in ("pool", "noise")
    }
    assert all(ratio.min() > 1 - 1e-4 for ratio in ratios.values())
    assert np.median(ratios["noise"]) < 1.02
    # what the published tables overestimate: walks that end at a farther facet
    assert (ratios["noise"] > 1.2).sum() > (ratios["pool"] > 1.2).sum()


def test_from_noise_the_first_adversarial_blend_is_the_start(make_target) -> None:
    target = make_target(n=30, d=4, k=3)
    points, found = blended_noise(target, 0)
    rows = np.arange(30)
    assert found.all()
    assert (target.predict(points, rows) != target.y).all()
    low, high = target.box
    assert ((points >= low) & (points <= high)).all()
    shorter = 0.5 * points  # a start is at most a blend beyond the boundary, on its ray
    beyond = target.predict(shorter, rows) != target.y
    assert beyond.mean() < 0.2


def test_an_unknown_init_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'noise'"):
        Boundary(init="nois")


def test_a_turn_keeps_the_distance_and_has_the_given_length() -> None:
    rng = np.random.default_rng(0)
    points, noise = rng.normal(size=(2, 50, 6))
    turned = _turn(points, noise, np.full(50, 0.3))
    np.testing.assert_allclose(distance(turned, "l2"), distance(points, "l2"))
    cosine = (turned * points).sum(axis=1) / distance(points, "l2") ** 2
    # a right-angled move of 0.3 turns by arctan 0.3
    np.testing.assert_allclose(np.arccos(cosine), np.arctan(0.3))


def test_drawing_in_never_moves_outward() -> None:
    points = np.array([[2.0, 0.0], [2.0, 0.0]])
    turned = np.array([[0.0, 2.0], [0.0, 1.0]])
    drawn = _draw_in(turned, points, np.array([0.25, 0.25]))
    assert drawn.tolist() == [[0.0, 1.5], [0.0, 1.0]]


def test_the_nearest_point_ever_asked_about_is_returned(make_target) -> None:
    target = make_target(n=15, widths=(16,))
    target.watch = Watch(target.x, "l2")
    result = Boundary(steps=300)(target, "l2", 0, 0)
    assert (distance(result.points, "l2") <= target.watch.distances * (1 + 1e-12)).all()


def test_an_example_gets_the_same_alone_and_in_company(make_target) -> None:
    target = make_target(n=9, widths=(16,))
    attack = Boundary(steps=350)
    together = attack(target, "l2", 0, 5)
    for row in (0, 7):
        alone = attack(target.subset(np.array([row])), "l2", 0, 5)
        assert (alone.points[0] == together.points[row]).all()
        assert alone.queries[0] == together.queries[row]


def test_one_feature_is_no_obstacle(make_target) -> None:
    target = make_target(n=8, d=1, k=2, seed=1)
    result = Boundary(steps=100)(target, "l2", 0, 0)
    exact = exact_margins(target.model, target.space, target.raw, target.y, "l2")
    assert (result.outcome == Outcome.BROKEN).all()
    np.testing.assert_allclose(distance(result.points, "l2"), exact, rtol=1e-4)
