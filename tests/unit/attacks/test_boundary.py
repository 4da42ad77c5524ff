from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.attacks.boundary import Boundary, StepLengths, _draw_in, _turn
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


YES, NO = np.ones(1, dtype=bool), np.zeros(1, dtype=bool)


def after(notes: list[tuple[np.ndarray, np.ndarray]]) -> tuple[float, float]:
    lengths = StepLengths(0.01, 0.02, 1.5, 1)
    for kept, reached in notes:
        lengths.adapt(kept, reached)
    return lengths.sideways[0] / 0.01, lengths.inward[0] / 0.02


def middling(count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return records that make neither rule act: 40 % success sideways, 20 % for whole steps."""
    return [(YES if i % 5 < 2 else NO, YES if i % 5 == 0 else NO) for i in range(count)]


def test_nothing_changes_between_the_bounds() -> None:
    assert after(middling(300)) == (1.0, 1.0)


def test_sideways_success_lengthens_both_after_a_hundred_notes() -> None:
    whole = [reached for _, reached in middling(200)]
    assert after([(YES, r) for r in whole[:99]]) == (1.0, 1.0)
    assert after([(YES, r) for r in whole[:100]]) == (1.5, 1.5)
    # the hundred begin anew: the next change needs as many again
    assert after([(YES, r) for r in whole[:199]]) == (1.5, 1.5)
    assert after([(YES, r) for r in whole[:200]]) == (1.5**2, 1.5**2)


def test_sideways_failure_shortens_both() -> None:
    notes = [(NO, reached) for _, reached in middling(100)]
    np.testing.assert_allclose(after(notes), (1 / 1.5, 1 / 1.5))


def test_whole_steps_change_the_inward_length_alone_after_thirty_notes() -> None:
    kept = [sideways for sideways, _ in middling(30)]
    assert after([(s, YES) for s in kept[:29]]) == (1.0, 1.0)
    assert after([(s, YES) for s in kept]) == (1.0, 1.5)
    np.testing.assert_allclose(after([(s, NO) for s in kept]), (1.0, 1 / 1.5))


def test_each_walk_has_lengths_of_its_own_and_ends_when_they_are_negligible() -> None:
    lengths = StepLengths(0.01, 2e-7, 1.5, 3)
    for _ in range(60):
        lengths.adapt(np.array([True, False, True]), np.array([True, False, False]))
    # two thirties of failures: 2e-7 / 1.5² is below 1e-7
    assert lengths.keep_going().tolist() == [0]
    np.testing.assert_allclose(lengths.inward, [2e-7 * 1.5**2])
    lengths.adapt(YES, YES)
    assert len(lengths.sideways) == 1
