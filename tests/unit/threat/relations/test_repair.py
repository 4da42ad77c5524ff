from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.threat.threat_model import TOLERANCE, distance
from genlabel_robust.threat.violations import violations

CATEGORIES = ("education", "tier", "married")


@pytest.mark.parametrize("seed", range(24))
def test_what_the_model_is_shown_keeps_to_relations_ball_and_box(
    table, asked, held, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    train, test = table(2 * seed, 150), table(2 * seed + 1, 24)
    test.loc[[0, 1], "tenure"] += 10
    test.loc[[2], "total"] += 1.5
    if seed % 3 == 0:
        for frame in (train, test):
            frame.loc[rng.random(len(frame)) < 0.1, "tenure"] = np.nan
    norm = ("linf", "l2", "l1")[seed % 3 if seed < 12 else 0]
    eps = float(rng.choice([0.05, 0.2, 1.0]))
    free = [name for name in CATEGORIES if rng.random() < 0.6]
    relations = [str(one) for one in rng.choice([*held], 4, replace=False)]
    limits = {
        "weights": dict.fromkeys(free, 2 / eps),
        "units": dict.fromkeys(free, "raw"),
        "relations": relations,
        **({"immutable": ["total"]} if seed % 4 == 0 else {"increasing": ["age"]}),
        **({"continuous": ["hours"]} if seed % 2 else {}),
    }
    own = asked(test, train, limits, norm, eps)
    target, rows = own.target, np.repeat(np.arange(24), 8)
    low, high = (edge[rows] for edge in target.box)
    clean = {name: np.asarray(held[name](test), dtype=bool) for name in relations}
    for ball in ((norm, eps), None):
        target.ball = ball
        drawn = rng.uniform(-1, 1, low.shape) * np.where(rng.random(low.shape) < 0.5, eps, 0.0)
        points = np.clip(drawn, low, high)
        if ball is None:
            points = low + rng.random(low.shape) * (high - low)
        elif norm != "linf":
            points *= np.minimum(1, eps / np.maximum(distance(points, norm), 1e-300))[:, None]
        shown, raw = target.valid(points, rows), target.to_raw(points, rows)
        assert not violations(target.space, target.raw[rows], raw).any()
        if ball is not None:
            far = target.space.distance(target.raw[rows], raw, norm)
            assert (far <= eps * (1 + TOLERANCE) * (1 + 1e-12)).all()
        # what exists is its own neighbour, and nobody's company matters
        assert np.allclose(target.valid(shown, rows), shown, rtol=0, atol=1e-12)
        assert np.array_equal(target.valid(points[5:6], rows[5:6]), shown[5:6])
        frame = own.task.encoding.frame(raw)
        for name in relations:
            # a row that breaks a relation may break it still
            assert (np.asarray(held[name](frame)) | ~clean[name][rows]).all(), name


def test_a_sum_moves_with_its_parts(table, asked) -> None:
    own = asked(table(1, 10), table(0, 100), {"relations": ["a + b + c == total"]})
    target, rows = own.target, np.arange(10)
    names = own.task.feature_names
    points = np.zeros((10, target.n_features))
    points[:, names.index("b")] = 0.02
    moved = target.to_raw(points, rows) - target.raw
    assert np.allclose(moved[:, names.index("total")], moved[:, names.index("b")])
    assert (moved[:, names.index("b")] > 0.1).all()
    assert not moved[:, [names.index("a"), names.index("c")]].any()


def test_a_number_follows_the_category_that_it_is_a_table_of(table, asked) -> None:
    limits = {
        "weights": {"education": 10.0, "education_num": 70.0},
        "units": {"education": "raw", "education_num": "raw"},
        "relations": ["education_num == table(education)"],
    }
    own = asked(table(1, 40), table(0, 100), limits)
    target, rows, names = own.target, np.arange(40), own.task.feature_names
    points = np.zeros((40, target.n_features))
    axes = {names[axis]: place for place, axis in enumerate(target.space.axes)}
    for level in ("BA", "HS", "MA"):
        points[:, axes[f"education={level}"]] = -1.0
    points[:, axes["education=PhD"]] = 1.0
    frame = own.task.encoding.frame(target.to_raw(points, rows))
    assert (frame["education"] == "PhD").all()
    assert (frame["education_num"] == 16).all()


def test_a_category_stays_where_the_number_cannot_follow(table, asked) -> None:
    limits = {
        "weights": {"education": 10.0},
        "units": {"education": "raw"},
        "relations": ["education_num == table(education)"],
        "immutable": ["education_num"],
    }
    test = table(1, 40)
    own = asked(test, table(0, 100), limits)
    points = np.where(np.random.default_rng(0).random((40, own.target.n_features)) < 0.5, -0.1, 0.1)
    frame = own.task.encoding.frame(own.target.to_raw(points, np.arange(40)))
    assert (frame["education"] == test["education"]).all()


def test_a_broken_relation_stays_broken_only_as_far_as_it_was(table, asked) -> None:
    test = table(1, 30)
    test["tenure"] = test["age"] - 16.0 + np.linspace(-3, 3, 30)
    own = asked(test, table(0, 100), {"relations": ["tenure <= age - 16"]}, eps=1.0)
    target, rows = own.target, np.repeat(np.arange(30), 20)
    points = np.random.default_rng(0).uniform(-1, 1, (600, target.n_features))
    frame = own.task.encoding.frame(target.to_raw(points, rows))
    over = (frame["tenure"] - frame["age"] + 16).to_numpy()
    before = np.linspace(-3, 3, 30)[rows]
    assert (over <= np.maximum(before, 0) + 1e-6).all()
    assert (over[before > 1] < -1).any()


def test_the_gradient_is_that_of_all_that_moves(table, asked) -> None:
    own = asked(table(1, 5), table(0, 100), {"relations": ["a + b + c == total"]})
    names, moves = own.task.feature_names, own.target.space.repair.moves
    scale = own.target.space.scale[own.target.space.axes]
    place = {name: i for i, name in enumerate(names[axis] for axis in own.target.space.axes)}
    gradient = np.zeros((1, len(scale)))
    # the slope of a model that looks at the sum alone
    gradient[0, place["total"]] = scale[place["total"]]
    pulled = moves.pulled(gradient)[0]
    assert pulled[place["total"]] == 0
    for name in "abc":
        assert pulled[place[name]] == pytest.approx(scale[place[name]])
