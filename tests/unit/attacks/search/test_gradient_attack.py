from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.attacks.search.gradient_attack import Run, plan_runs, run_gradient_attack
from genlabel_robust.targets.losses import cross_entropy, margin
from genlabel_robust.targets.watch import Watch
from genlabel_robust.threat.threat_model import distance, within

EPS = 0.08


def losses(runs) -> list:
    return [run.loss_of(np.arange(1)) for run in runs]


def beginnings(runs, target) -> list[str]:
    return [
        "random" if run.begin is None else "example" if run.begin is target.x else "start"
        for run in runs
    ]


def test_untargeted_restarts_take_the_losses_in_turn_first_from_the_example(make_target) -> None:
    target = make_target(n=4)
    runs = plan_runs(target, 5, 0, None)
    assert losses(runs) == [margin, cross_entropy, margin, cross_entropy, margin]
    assert beginnings(runs, target) == ["example"] * 2 + ["random"] * 3


@pytest.mark.parametrize("targets", [0, 3])
def test_with_two_classes_no_run_is_made_twice(targets, make_target) -> None:
    target = make_target(n=4, k=2)
    runs = plan_runs(target, 3, targets, None)
    assert losses(runs) == [margin] * 3
    assert beginnings(runs, target) == ["example", "random", "random"]


def test_targeted_restarts_go_after_the_likeliest_classes_one_after_the_other(make_target) -> None:
    target = make_target(n=4, k=6, widths=(8,))
    runs = plan_runs(target, 2, 3, None)
    assert losses(runs[:2]) == [margin, cross_entropy]
    assert beginnings(runs, target) == ["example"] * 2 + ["random"] * 6
    scores = target.model.scores(target.raw)
    ranking = np.argsort(-scores, axis=1)
    rows = np.array([3, 1])  # losses are asked for the rows that are still open
    for number, run in enumerate(runs[2:]):
        weights = run.loss_of(rows)(scores[rows], target.y[rows])
        assert (weights.argmax(axis=1) == ranking[rows, 1 + number % 3]).all()
        assert (weights.argmin(axis=1) == target.y[rows]).all()


def test_points_of_a_smaller_ball_are_one_more_beginning_before_all_others(make_target) -> None:
    target = make_target(n=4)
    runs = plan_runs(target, 2, 0, target.x + 0.01)
    assert beginnings(runs, target) == ["start", "example", "example"]


def visit_beginning(visited, loss_of, rows, begin) -> None:
    visited.scores(begin, rows)


def test_broken_examples_are_left_out_of_later_runs(make_target) -> None:
    target = make_target(n=40)
    seen: list[list[int]] = []

    def walk(visited, loss_of, rows, begin) -> None:
        seen.append(rows.tolist())
        visited.scores(begin, rows)

    runs = 30 * [Run(lambda rows: margin, None)]
    result = run_gradient_attack(target, "linf", 0.5, 0, runs, walk)
    assert all(set(later) <= set(earlier) for earlier, later in pairwise(seen))
    assert len(seen[-1]) < len(seen[0]) == 40
    # asked about until it broke, and not after
    for row in range(40):
        assert result.queries[row] == sum(row in rows for rows in seen)


def test_an_example_draws_the_same_points_in_any_company(make_target) -> None:
    target = make_target(n=30, widths=(8,))
    drawn: dict[bytes, list[np.ndarray]] = {}

    def walk(visited, loss_of, rows, begin) -> None:
        for row, point in zip(rows, begin, strict=True):
            drawn.setdefault(visited.target.raw[row].tobytes(), []).append(point)
        visited.scores(begin, rows)

    runs = 5 * [Run(lambda rows: margin, None)]
    run_gradient_attack(target, "l2", 0.3, 7, runs, walk)
    together, drawn = drawn, {}
    for row in reversed(range(30)):
        run_gradient_attack(target.subset(np.array([row])), "l2", 0.3, 7, runs, walk)
    assert {len(points) for points in together.values()} != {5}
    for key, points in together.items():
        np.testing.assert_array_equal(points, drawn[key])


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_beginnings_lie_in_the_ball_and_in_the_box(norm, make_target) -> None:
    target = make_target(n=50)
    begins = []

    def walk(visited, loss_of, rows, begin) -> None:
        low, high = (edge[rows] for edge in target.box)
        assert ((low <= begin) & (begin <= high)).all()
        assert within(distance(begin, norm), EPS).all()
        begins.append(begin)

    start = np.full(target.x.shape, 1.0)
    runs = [Run(lambda rows: margin, start), Run(lambda rows: margin, None)]
    run_gradient_attack(target, norm, EPS, 0, runs, walk)
    assert len(begins[0]) == 50
    assert len(np.unique(begins[1], axis=0)) == len(begins[1]) > 20


def test_nothing_visited_that_breaks_is_survival(make_target) -> None:
    target = make_target(n=10)
    runs = [Run(lambda rows: margin, target.x)]
    result = run_gradient_attack(target, "linf", EPS, 0, runs, visit_beginning)
    assert (result.outcome == Outcome.SURVIVED).all()


def step_by_signs(visited, loss_of, rows, begin) -> None:
    """Make a short step along the signs of the gradient, whose end depends on the start."""
    _, gradient = visited.gradient(begin, rows, loss_of(rows))
    low, high = (edge[rows] for edge in visited.target.box)
    ball = np.clip(begin + 0.2 * EPS * np.sign(gradient), -EPS, EPS)
    visited.scores(np.clip(ball, low, high), rows)


@pytest.mark.parametrize("targets", [0, 3])
@pytest.mark.parametrize("seed", range(4))
def test_runs_at_once_give_what_they_give_one_after_the_other(seed, targets, make_target) -> None:
    results, targeted = [], []
    for at_once in (False, True):
        target = make_target(n=120, d=5, k=4, widths=(8,), seed=seed)
        target.watch = Watch(target.x, "linf", target.space)
        runs = plan_runs(target, 8, targets, target.x + 0.01)
        results.append(
            run_gradient_attack(target, "linf", EPS, 7, runs, step_by_signs, at_once=at_once)
        )
        targeted.append(target)
    apart, together = results
    assert 0 < (apart.outcome == Outcome.BROKEN).sum() < 120
    assert len(np.unique(apart.queries)) > 2  # some break in a late run
    for part in ("points", "outcome", "queries"):
        assert getattr(apart, part).tobytes() == getattr(together, part).tobytes(), part
    assert apart.health == together.health
    first, second = (target.watch for target in targeted)
    assert first.points.tobytes() == second.points.tobytes()
    assert first.distances.tobytes() == second.distances.tobytes()


def test_runs_at_once_are_few_large_batches(make_target) -> None:
    target = make_target(n=40, widths=(8,))
    sizes = []

    def walk(visited, loss_of, rows, begin) -> None:
        sizes.append(len(rows))
        visited.scores(begin, rows)

    runs = plan_runs(target, 20, 0, None)
    run_gradient_attack(target, "linf", 1e-6, 0, runs, walk, at_once=True)
    assert sizes == [40, 40, 18 * 40]
