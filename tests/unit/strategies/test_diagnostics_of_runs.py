from __future__ import annotations

import numpy as np
import pytest

import genlabel_robust
from genlabel_robust.core.errors import TooFewExamplesError
from genlabel_robust.core.files.json_values import json_value
from genlabel_robust.core.files.writing import json_text
from genlabel_robust.data.load import load_task
from genlabel_robust.data.splitting.splits import SplitConfig
from genlabel_robust.data.task import Scaling, Task
from genlabel_robust.strategies import DEFAULT_STRATEGIES, STRATEGIES, diagnostics
from genlabel_robust.strategies.diagnostics import DRAWS, POINTS, diagnose, mixing_diagnostics
from genlabel_robust.strategies.genlabel_kde import GenLabelKDE
from genlabel_robust.strategies.mixup import Mixup


@pytest.fixture(scope="module")
def iris():
    return load_task("iris", SplitConfig(), "range")


def task(x, y):
    """Return a task of the rows ``x`` (n, d), which are already scaled."""
    x, d = np.asarray(x, dtype=np.float64), len(x[0])
    return Task(
        name="made",
        x_train=x,
        y_train=np.asarray(y),
        x_test=x,
        y_test=np.asarray(y),
        test_ids=np.arange(len(x)),
        feature_names=tuple(f"x{i}" for i in range(d)),
        classes=tuple("abc"[: max(y) + 1]),
        scaling=Scaling("range", np.zeros(d), np.ones(d)),
        notices=(),
    )


def by_hand(task, strategy, seed=0):
    x = task.scaling.apply(task.x_train)
    return diagnose(
        strategy, x, task.y_train, task.n_classes, seed=seed, draws=DRAWS, points=POINTS
    )


def test_it_is_what_diagnose_says_at_the_settings_of_the_run(iris):
    settings = {"mixup": {"alpha": 0.3}, "genlabel-kde": {"alpha": 2.0, "bandwidth": 0.5}}
    found = mixing_diagnostics(iris, settings, seed=3)
    assert found == {
        "mixup": by_hand(iris, Mixup(alpha=0.3), 3),
        "genlabel-kde": by_hand(iris, GenLabelKDE(alpha=2.0, bandwidth=0.5), 3),
    }
    assert found["genlabel-kde"].foreign_label_rate > 0
    # a setting that counts
    assert found != mixing_diagnostics(iris, {"mixup": {}, "genlabel-kde": {}}, seed=3)


def test_every_strategy_has_its_entry_and_those_that_do_not_mix_have_null(iris):
    found = mixing_diagnostics(iris, {name: {} for name in (*STRATEGIES, "given")}, 0)
    assert list(found) == [*STRATEGIES, "given"]
    assert {name for name, seen in found.items() if seen is None} == {
        "vanilla",
        "adamixup",
        "adamixup-fixed-policy",
        "adversarial",
        "given",
    }
    labelled = {name for name, seen in found.items() if seen and seen.kl_divergence is not None}
    assert labelled == {"genlabel-gm", "genlabel-kde", "genlabel-nn"}
    # one λ, one permutation: the same points for all of them
    rates = {seen.intrusion_rate for seen in found.values() if seen}
    assert len(rates) == 1


def test_the_same_seed_gives_the_same_bytes(iris):
    settings = {name: {} for name in DEFAULT_STRATEGIES}
    one, other = (json_text(json_value(mixing_diagnostics(iris, settings, 0))) for _ in range(2))
    assert one == other
    assert one != json_text(json_value(mixing_diagnostics(iris, settings, 1)))


def test_planted_intrusion_has_a_high_rate_and_far_corners_have_none():
    rng = np.random.default_rng(0)

    def made(centres):
        x = np.repeat(centres, 20, axis=0) + rng.normal(scale=0.01, size=(60, 2))
        return mixing_diagnostics(task(x, np.repeat([0, 1, 2], 20)), {"mixup": {}}, 0)["mixup"]

    # class 1 lies between the others: half of the λ of the pairs 0-2, 2/9 of all.
    # 30 draws of λ: a standard error of 0.02
    between = made([[0.0, 0.0], [0.5, 0.0], [1.0, 0.0]])
    assert between.intrusion_rate == pytest.approx(1 / 9, abs=0.06)
    corners = made([[0.0, 0.0], [1.0, 0.0], [0.5, 0.9]])
    assert corners.intrusion_rate == 0.0
    # four points of the other class between 20 and 20: half of the λ of 800 of 44² pairs
    x = (
        np.concatenate([[-1.0] * 20, [1.0] * 20, [0.0] * 4])[:, None]
        + rng.normal(size=(44, 1)) / 99
    )
    settings = {"genlabel-kde": {"bandwidth": 0.05}}
    seen = mixing_diagnostics(task(x, [0] * 40 + [1] * 4), settings, 0)["genlabel-kde"]
    assert seen.intrusion_rate == pytest.approx(400 / 44**2, abs=0.11)
    assert seen.foreign_label_rate == pytest.approx(400 / 44**2, abs=0.11)


def test_no_more_points_are_looked_at_than_are_needed(iris):
    rng = np.random.default_rng(0)
    big = task(rng.uniform(size=(2000, 2)), np.tile([0, 1], 1000))
    assert mixing_diagnostics(big, {"mixup": {}}, 0)["mixup"].n_points == DRAWS * POINTS
    small = task([[0.0], [0.1], [1.0], [0.9]], [0, 0, 1, 1])
    assert mixing_diagnostics(small, {"mixup": {}}, 0)["mixup"].n_points == DRAWS * 4


def test_a_density_that_cannot_be_fitted_leaves_what_the_points_say(iris, monkeypatch):
    def fails(strategy, *given, **settings):
        if strategy.name != "mixup":
            raise TooFewExamplesError("one row")
        return diagnose(strategy, *given, **settings)

    monkeypatch.setattr(diagnostics, "diagnose", fails)
    found = mixing_diagnostics(iris, {"genlabel-kde": {"alpha": 0.5, "gamma": 0.0}}, 0)
    assert found == {"genlabel-kde": by_hand(iris, Mixup(alpha=0.5))}


def test_diagnose_is_part_of_the_public_interface():
    assert genlabel_robust.diagnose is diagnose
    assert genlabel_robust.Diagnostics(10, 0.5).intrusion_rate == 0.5
    assert {"diagnose", "Diagnostics"} <= set(genlabel_robust.__all__)
