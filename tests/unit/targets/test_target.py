from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from genlabel_robust.attacks.art.pgd import PGD
from genlabel_robust.attacks.hopskipjump import HopSkipJump
from genlabel_robust.core.errors import NotApplicableError
from genlabel_robust.core.seeds import generator
from genlabel_robust.data.task import Scaling
from genlabel_robust.models.model import SklearnModel, TorchModel
from genlabel_robust.targets.losses import cross_entropy, margin
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.space import AttackSpace, project
from genlabel_robust.threat.threat_model import within
from genlabel_robust.threat.violations import violations


def in_other_units(target: AttackTarget) -> AttackTarget:
    """Return the same problem in raw features of extreme scales, which model and space undo."""
    d = target.raw.shape[1]
    stretch, shift = np.logspace(-3, 4, d), np.linspace(-50, 50, d)
    model = TorchModel(target.model.module, Scaling("range", shift, stretch), target.n_classes)
    space = AttackSpace(shift, stretch, target.space.low, target.space.high, target.space.mutable)
    raw, pool = (stretch * a + shift for a in (target.raw, target.pool))
    return AttackTarget(model, space, raw, target.y, pool)


@pytest.mark.parametrize("loss", [cross_entropy, margin])
def test_gradients_point_where_finite_differences_do(loss, make_target) -> None:
    target = in_other_units(make_target(n=6, d=4, widths=(8,), immutable=(1,)))
    rows, step = np.arange(6), 1e-3
    _, gradient = target.gradient(target.x, rows, loss)
    shifts = np.eye(target.n_features) * step
    numeric = np.stack(
        [loss_of(target, target.x + s, loss) - loss_of(target, target.x - s, loss) for s in shifts],
        axis=1,
    ) / (2 * step)
    directions = [g / np.linalg.norm(g, axis=1, keepdims=True) for g in (gradient, numeric)]
    # float32 logits, and a kink of a ReLU or of the max may lie within the step
    assert np.median((directions[0] * directions[1]).sum(axis=1)) > 0.999
    if loss == margin:
        assert np.median(np.abs(gradient - numeric)) < 2e-2


def test_the_cross_entropy_has_a_direction_however_far_the_true_class_leads(make_target) -> None:
    near, far = (make_target(n=20, d=4, scale=scale) for scale in (1.0, 1e4))
    rows = np.arange(20)
    leads = far.scores(far.x, rows)
    assert np.median(np.sort(leads, axis=1)[:, -1] - np.sort(leads, axis=1)[:, -2]) > 1000
    _, gradient = far.gradient(far.x, rows, cross_entropy)
    _, nearest = far.gradient(far.x, rows, margin)
    # so far out the nearest rival has all of the weight
    assert np.allclose(gradient, nearest, rtol=1e-3, atol=1e-3 * np.abs(nearest).max())
    _, soft = near.gradient(near.x, rows, cross_entropy)
    assert not np.allclose(soft, near.gradient(near.x, rows, margin)[1], rtol=1e-3)


def loss_of(target: AttackTarget, points, loss):
    rows = np.arange(len(points))
    scores = target.scores(points, rows)
    true = scores[rows, target.y]
    if loss == cross_entropy:
        top = scores.max(axis=1)
        return top + np.log(np.exp(scores - top[:, None]).sum(axis=1)) - true
    scores[rows, target.y] = -np.inf
    return scores.max(axis=1) - true


def test_units_change_nothing_but_the_raw_values(make_target) -> None:
    plain = make_target(n=20, d=5, widths=(8,))
    other = in_other_units(plain)
    rows = np.arange(20)
    points = plain.x + 0.05
    assert (other.x == 0).all()
    assert np.allclose(other.box, plain.box, atol=1e-9)
    assert np.allclose(other.scores(points, rows), plain.scores(points, rows), atol=1e-4)


def test_features_that_did_not_move_keep_their_raw_value_to_the_last_bit(make_target) -> None:
    target = in_other_units(make_target(n=10, d=5, immutable=(2,)))
    rows = np.arange(10)
    assert (target.to_raw(target.x, rows) == target.raw).all()
    points = target.x.copy()
    points[:, 0] += 0.1
    raw = target.to_raw(points, rows)
    assert (raw[:, 1:] == target.raw[:, 1:]).all()
    assert (raw[:, 0] != target.raw[:, 0]).all()


def test_an_offset_far_beyond_float32_changes_nothing(make_target) -> None:
    """A time stamp of 1.7e9 has steps of 128 in float32: only perturbations may be cast."""
    plain = make_target(n=40, d=3, widths=(16,), seed=3)
    shifted = AttackTarget(
        TorchModel(plain.model.module, Scaling("range", np.full(3, 1.7e9), np.ones(3)), 3),
        AttackSpace(
            np.zeros(3), np.ones(3), np.full(3, 1.7e9), np.full(3, 1.7e9 + 1), plain.space.mutable
        ),
        plain.raw + 1.7e9,
        plain.y,
        plain.pool + 1.7e9,
    )
    one, other = (PGD(steps=10, restarts=2)(t, "linf", 0.3, 0) for t in (plain, shifted))
    assert np.allclose(one.points, other.points, atol=1e-5)
    assert (one.outcome == other.outcome).all()
    # each example draws from its own content, so the walks differ; what they find must not
    far = [np.abs(HopSkipJump()(t, "linf", 0.3, 0).points).max(axis=1) for t in (plain, shifted)]
    assert np.median(far[0] / far[1]) == pytest.approx(1.0, abs=0.02)


def test_entering_and_leaving_agree(make_target) -> None:
    target = in_other_units(make_target(n=10, d=5, immutable=(2,)))
    rows = np.arange(10)
    points = target.x + np.linspace(-0.1, 0.1, target.n_features)
    assert np.allclose(target.enter(target.to_raw(points, rows), rows), points, atol=1e-9)
    assert (target.enter(target.raw, rows) == target.x).all()


def test_the_model_is_shown_rows_that_exist_whatever_the_point(make_mixed_target) -> None:
    target = make_mixed_target(n=200)
    low, high = target.box
    share = generator(0, "points").uniform(-0.2, 1.2, low.shape)
    points, rows = low + share * (high - low), np.arange(200)
    raw = target.to_raw(points, rows)
    assert not violations(target.space, target.raw, raw).any()
    assert (raw[:, (3, 5)] == np.rint(raw[:, (3, 5)])).all()
    assert (raw != target.raw).any(axis=0).tolist() == [True] * 4 + [False] + [True] * 4
    np.testing.assert_allclose(target.enter(raw, rows), target.valid(points, rows), atol=1e-12)
    for norm in ("linf", "l2", "l1"):
        far = target.space.distance(target.raw, raw, norm)
        np.testing.assert_allclose(target.distance(points, rows, norm), far, atol=1e-12)
    # without what is rounded, the same points would be shown rows that do not exist
    loose = replace(target.space, rules=Rules(increasing=(2,), decreasing=(3,)))
    free = AttackTarget(target.model, loose, target.raw, target.y, target.pool)
    assert violations(target.space, target.raw, free.to_raw(points, rows)).all()


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_in_a_ball_the_model_is_shown_points_of_the_ball(norm, make_mixed_target) -> None:
    target = make_mixed_target(n=200)
    low, high = target.box
    rows, share = np.arange(200), generator(0, "points").random(low.shape)
    points = project(low + share * (high - low), target.x, low, high, 0.8, norm)
    assert not within(target.distance(points, rows, norm), 0.8).all()
    target.ball = (norm, 0.8)
    assert within(target.distance(points, rows, norm), 0.8).all()
    assert (
        target.subset(rows[5:]).valid(points[5:], rows[:-5]) == target.valid(points, rows)[5:]
    ).all()


def test_scores_are_those_of_what_is_shown_and_gradients_those_of_the_point(
    make_mixed_target,
) -> None:
    target = make_mixed_target(n=20)
    rows, points = np.arange(20), target.x.copy()
    # a quarter of a step: shown unmoved, and yet the gradient is another one
    points[:, 4] = np.where(target.box[1][:, 4] > 0, 0.25, -0.25) / 6
    scores, gradient = target.gradient(points, rows, margin)
    assert (scores == target.scores(target.x, rows)).all()
    assert (gradient != target.gradient(target.x, rows, margin)[1]).any()
    loose = AttackTarget(
        target.model, replace(target.space, rules=Rules()), target.raw, target.y, target.pool
    )
    assert (gradient == loose.gradient(points, rows, margin)[1]).all()


def test_a_model_without_gradients_says_so(make_target) -> None:
    target = make_target(n=4)
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier().fit(target.pool, target.model.predict(target.pool))
    model = SklearnModel(tree, target.model.scaling, 3)
    blind = AttackTarget(model, target.space, target.raw, target.y, target.pool)
    assert not blind.offers("gradients")
    assert blind.offers("scores")
    with pytest.raises(NotApplicableError):
        blind.gradient(blind.x, np.arange(4), margin)
