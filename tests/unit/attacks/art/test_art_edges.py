"""Pitfalls of ART that the attacks work around.

Each test shows the pitfall in plain ART, so that an upgrade which removes it is noticed, and
that it does not affect this package's results.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import requires

import numpy as np
import pytest
import torch
from art.attacks.evasion import (
    FastGradientMethod,
    HopSkipJump,
    ProjectedGradientDescentNumpy,
)
from art.estimators.classification import PyTorchClassifier

from genlabel_robust.attacks import hopskipjump
from genlabel_robust.attacks.apgd import APGD
from genlabel_robust.attacks.art.fgsm import FGSM
from genlabel_robust.attacks.art.gradient_estimator import GradientEstimator
from genlabel_robust.attacks.art.pgd import PGD
from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.attacks.boundary import Boundary
from genlabel_robust.attacks.fab import FAB
from genlabel_robust.attacks.search.bisect import bisect
from genlabel_robust.attacks.verification import verify
from genlabel_robust.certify.exact import exact_margins
from genlabel_robust.core.scores import logit_margin
from genlabel_robust.runs.assess.attacking import attack_model
from genlabel_robust.targets.losses import margin
from genlabel_robust.targets.visited import Visited, lowest_margin
from genlabel_robust.threat.threat_model import ThreatModel, distance


def plain_art(target, *, float32: bool = True) -> PyTorchClassifier:
    estimator = PyTorchClassifier(
        target.model.module,
        loss=torch.nn.CrossEntropyLoss(),
        input_shape=(target.n_features,),
        nb_classes=target.n_classes,
        clip_values=(0.0, 1.0),
        device_type="cpu",
    )
    if float32:
        original = estimator.predict
        estimator.predict = lambda x, **kw: original(x.astype(np.float32), **kw)
    return estimator


@contextmanager
def art_seed(seed: int) -> Iterator[None]:
    """Seed numpy's global state, from which plain ART draws, and restore it after."""
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(state)  # noqa: NPY002


def exact_distances(target, norm: str):
    return exact_margins(target.model, target.space, target.raw, target.y, norm)


def test_packages_that_art_imports_without_declaring_them_are_declared_here() -> None:
    assert any(line.startswith("packaging") for line in requires("genlabel-robust") or [])
    assert not any(
        line.startswith("packaging") for line in requires("adversarial-robustness-toolbox") or []
    )


def test_plain_hopskipjump_crashes_on_doubles_and_ours_does_not(make_target) -> None:
    target = make_target(n=3)
    with pytest.raises(RuntimeError, match=r"dtype|Double"):
        HopSkipJump(plain_art(target, float32=False), max_iter=2, verbose=False).generate(
            target.raw.astype(np.float32)
        )
    result = hopskipjump.HopSkipJump(iterations=2)(target, "l2", 0.1, 0)
    assert (result.outcome == Outcome.BROKEN).all()


def test_plain_starts_ignore_the_global_seed_and_ours_do_not(make_target) -> None:
    target = make_target(n=2)

    def plain() -> np.ndarray:
        with art_seed(7):
            attack = HopSkipJump(plain_art(target), max_iter=1, init_eval=2, verbose=False)
            return attack.generate(target.raw.astype(np.float32))

    assert not np.array_equal(plain(), plain())
    ours = [hopskipjump.HopSkipJump(iterations=1)(target, "l2", 0.1, 7).points for _ in range(2)]
    assert np.array_equal(*ours)


def test_a_misclassified_example_is_never_attacked_into_robustness(make_target) -> None:
    target = make_target(n=20)
    wrong = (target.y + 1) % target.n_classes
    attacks = (FGSM(), PGD(steps=5, restarts=1), hopskipjump.HopSkipJump(iterations=2))
    attacked = attack_model(
        target.model,
        target.space,
        target.raw,
        wrong,
        target.pool,
        ThreatModel("linf", (0.1,)),
        attacks,
        0,
    )
    assert (attacked.outcomes == Outcome.MISCLASSIFIED).all()
    assert (attacked.distances == 0.0).all()
    # plain ART moves them: it attacks the prediction, whatever label it is given
    plain = HopSkipJump(plain_art(target), max_iter=1, verbose=False)
    moved = plain.generate(target.raw.astype(np.float32), np.eye(target.n_classes)[wrong])
    assert (np.abs(moved - target.raw) > 1e-3).any(axis=1).mean() > 0.5


def test_plain_hopskipjump_stops_off_the_boundary_and_ours_is_bisected(make_target) -> None:
    target = make_target(n=20, d=8)
    exact = exact_distances(target, "l2")
    with art_seed(0):
        plain = HopSkipJump(plain_art(target), max_iter=10, verbose=False)
        points = plain.generate(target.raw.astype(np.float32))
    attack = hopskipjump.HopSkipJump(iterations=10)
    ours, _ = verify(target, attack, attack(target, "l2", 0.1, 0), "l2", 0.1)
    assert np.median(distance(points - target.raw, "l2") / exact) > 1.1
    assert np.median(ours / exact) < 1.03


def test_points_that_rounding_brought_back_across_the_boundary_are_pushed_out(
    make_target,
) -> None:
    """ART hands back float32: a point found on the boundary may be on the near side of it."""
    target = make_target(n=40, d=4)
    rows = np.arange(40)
    attack = Boundary(steps=200)
    result = attack(target, "l2", 0.1, 0)
    on_boundary = bisect(target, result.points, rows, halvings=40)
    rounded = target.x + (1 - 1e-7) * (on_boundary - target.x)
    lost = target.predict(rounded, rows) == target.y
    assert lost.mean() > 0.2
    found, raw = verify(target, attack, replace(result, points=rounded), "l2", 0.1)
    assert np.isfinite(found).all()
    assert (target.model.predict(raw) != target.y).all()


def test_plain_pgd_steps_as_far_whatever_the_ball_and_ours_does_not(make_target) -> None:
    """At ε = 0.01 every iterate of plain ART is a corner of the ball."""
    target = make_target(n=60)
    x, labels = target.raw.clip(0, 1).astype(np.float32), np.eye(3, dtype=np.float32)[target.y]
    plain = ProjectedGradientDescentNumpy(plain_art(target), eps=0.01, max_iter=1, verbose=False)
    assert np.abs(plain.generate(x, labels) - x).max() == pytest.approx(0.01, rel=1e-3)
    ours = PGD(steps=1, restarts=1, step_ratio=0.25)(target, "linf", 0.01, 0)
    assert np.abs(ours.points).max() == pytest.approx(0.0025, rel=1e-3)


def test_the_best_visited_point_is_kept_not_the_last(make_target) -> None:
    target = make_target(n=30, widths=(16,))
    everyone = np.arange(30)
    visited = Visited(target, lowest_margin(target))
    # steps as long as the ball is wide make the iterates jump about
    attack = ProjectedGradientDescentNumpy(
        GradientEstimator(visited, margin, everyone),
        norm=np.inf,
        eps=0.2,
        eps_step=0.4,
        max_iter=25,
        verbose=False,
        batch_size=30,
    )
    labels = np.eye(target.n_classes, dtype=np.float32)[target.y]
    last = attack.generate(target.x.astype(np.float32), labels).astype(np.float64)
    last_margin = logit_margin(target.scores(last, everyone), target.y)
    assert (visited.rank <= last_margin + 1e-6).all()
    assert (visited.rank < last_margin - 1e-3).any()


def test_more_restarts_never_break_less(make_target) -> None:
    target = make_target(n=60, widths=(16,), seed=3)
    few, many = (
        PGD(steps=3, restarts=count)(target, "linf", 0.08, 0).outcome == Outcome.BROKEN
        for count in (1, 6)
    )
    assert (many | ~few).all()


def test_plain_fgsm_restarts_keep_a_batch_where_ours_keep_each_example(make_target) -> None:
    target = make_target(n=60, widths=(16,), seed=3)
    x, labels = target.raw.clip(0, 1).astype(np.float32), np.eye(3, dtype=np.float32)[target.y]
    with art_seed(0):
        plain = FastGradientMethod(plain_art(target), eps=0.08, num_random_init=20, batch_size=60)
        batch = target.model.predict(plain.generate(x, labels).astype(np.float64)) != target.y
    ours = PGD(steps=1, restarts=20, step_ratio=1.0)(target, "linf", 0.08, 0)
    assert (ours.outcome == Outcome.BROKEN).sum() >= batch.sum()


def test_logits_times_a_thousand_hide_nothing(make_target) -> None:
    normal, scaled = (make_target(n=60, scale=scale, seed=1) for scale in (1.0, 1000.0))
    assert (normal.y == scaled.y).all()
    attack = PGD(steps=20, restarts=2)
    broken = [attack(t, "linf", 0.1, 0).outcome == Outcome.BROKEN for t in (normal, scaled)]
    assert (broken[0] == broken[1]).all()
    assert broken[0].any()
    # plain ART's cross-entropy sees no gradient there
    gradient = plain_art(scaled).loss_gradient(
        scaled.raw.astype(np.float32), np.eye(3, dtype=np.float32)[scaled.y]
    )
    assert (gradient == 0).all(axis=1).mean() > 0.5


def test_results_that_overshoot_eps_are_projected(make_target) -> None:
    target = make_target(n=50)
    result = PGD(steps=5, restarts=1)(target, "linf", 0.1, 0)
    assert np.abs(result.points - target.x).max() <= 0.1 + 1e-12


@pytest.mark.parametrize("attack", [FGSM(), PGD(5, 2), APGD(5, 1), FAB(5, 1)], ids=lambda a: a.name)
def test_gradients_that_are_not_finite_are_counted_not_followed(attack, make_target) -> None:
    target = make_target(n=10, widths=(8,))
    with torch.no_grad():
        target.model.module[0].weight[0] = torch.nan
    result = attack(target, "linf", 0.1, 0)
    assert result.health.nonfinite == result.health.rows > 0
    assert np.isfinite(result.points).all()


@pytest.mark.parametrize("attack", [FGSM(), PGD(5, 2), APGD(5, 1), FAB(5, 1)], ids=lambda a: a.name)
def test_gradients_that_are_zero_are_counted(attack, make_target) -> None:
    target = make_target(n=10)
    with torch.no_grad():
        target.model.module[0].weight.zero_()
    target.y = target.model.predict(target.raw)
    health = attack(target, "linf", 0.1, 0).health
    assert health.zero == health.rows > 0


def test_plain_pgd_in_l1_ends_at_the_first_wall_and_is_not_offered(make_target) -> None:
    """Its step moves one feature, that of the largest gradient, wall or not."""
    target = make_target(n=20, d=3, k=2)
    with torch.no_grad():
        target.model.module[0].weight.copy_(torch.tensor([[0.0, 0, 0], [2.0, 1, 1]]))
        target.model.module[0].bias.copy_(torch.tensor([0.0, -2.3]))
    target.raw[:] = [0.9, 0.05, 0.05]
    target.y[:] = 0
    assert exact_distances(target, "l1") == pytest.approx(0.3, rel=1e-5)
    plain = ProjectedGradientDescentNumpy(
        plain_art(target), norm=1, eps=0.5, eps_step=0.05, max_iter=50, verbose=False
    )
    x = target.raw.astype(np.float32)
    moved = plain.generate(x, np.eye(2, dtype=np.float32)[target.y]) - x
    assert moved == pytest.approx(np.tile([0.1, 0, 0], (20, 1)), abs=1e-6)
    assert "l1" not in PGD.norms


def test_plain_art_returns_rows_without_a_start_unchanged_and_ours_says_so(make_target) -> None:
    target = make_target(n=5)
    with torch.no_grad():  # one class everywhere: there is nothing to find
        target.model.module[0].weight.zero_()
        target.model.module[0].bias.copy_(torch.tensor([9.0, 0.0, 0.0]))
    target.y[:] = 0
    plain = HopSkipJump(plain_art(target), max_iter=1, verbose=False)
    x = target.raw.astype(np.float32)
    assert (plain.generate(x) == x).all()
    result = hopskipjump.HopSkipJump(iterations=1)(target, "linf", 0.1, 0)
    assert (result.outcome == Outcome.NO_START).all()


def test_a_rare_class_is_still_found_as_a_start(make_target) -> None:
    """One class holds a thousandth of the box: uniform draws miss it, a training row does not."""
    target = make_target(n=20, d=3, k=2)
    with torch.no_grad():
        target.model.module[0].weight.copy_(torch.tensor([[0.0, 0, 0], [1.0, 1, 1]]))
        target.model.module[0].bias.copy_(torch.tensor([0.0, -2.83]))
    target.y[:] = 0
    target.raw = np.clip(target.raw, 0.0, 0.9)
    target.pool[0] = 0.99
    result = hopskipjump.HopSkipJump(iterations=2)(target, "linf", 0.1, 0)
    assert (result.outcome == Outcome.BROKEN).all()
