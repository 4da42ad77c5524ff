"""The full search against values recorded before the short search existed."""

from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.data import SplitConfig, load_task
from genlabel_robust.models import ARCHITECTURES
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.grid import Candidate
from genlabel_robust.trainers.torch_trainer import train

#: By version 0.1's only search: iris, 8 epochs, seed 7.
RECORDED = {
    "logistic": {
        "chosen": Candidate(0.1, "kde", 0.4),
        "means": [0.780952, 0.780952, 0.8, 0.714286, 0.552381, 0.485714, 0.8, 0.828571, 0.72381],
        "total": 86.42857142857149,
        "bias": [0.6779834032058716, -0.16547910869121552, -0.10496477037668228],
        "sums": [5.2281813621521],
    },
    "mlp": {
        "chosen": Candidate(0.01, "gaussian", 0.8),
        "means": [0.72381, 0.647619, 0.819048, 0.72381, 0.67619, 0.752381, 0.733333, 0.742857],
        "total": 137.0,
        "bias": [0.0763414278626442, 0.051447492092847824, -0.006030326709151268],
        "sums": [117.10685729980469, 510.98284912109375, 15.212602615356445],
    },
}


@pytest.fixture(scope="module")
def iris():
    task = load_task("iris", SplitConfig(), "range")
    return task.scaling.apply(task.x_train), task.y_train


def searched(iris, architecture, search):
    config = TrainConfig(epochs=8, search=search)
    return train(*iris, 3, ARCHITECTURES.load(architecture), "genlabel-cv", {}, config, 7)


@pytest.mark.parametrize("architecture", RECORDED)
def test_the_full_search_chooses_and_trains_what_the_only_search_did(iris, architecture):
    then, now = RECORDED[architecture], searched(iris, architecture, "full")
    assert now.chosen == then["chosen"]
    means = [values.mean() for _, values in now.scores]
    np.testing.assert_allclose(means[: len(then["means"])], then["means"], atol=1e-6)
    assert sum(values.sum() for _, values in now.scores) == pytest.approx(then["total"])
    np.testing.assert_allclose(now.layers[-1][1], then["bias"], rtol=1e-4)
    sums = [np.abs(weight).sum() for weight, _ in now.layers]
    np.testing.assert_allclose(sums, then["sums"], rtol=1e-5)


def test_what_the_short_search_trains_scores_as_in_the_full_one(iris):
    full, short = (searched(iris, "mlp", search) for search in ("full", "short"))
    known = dict(full.scores)
    trained = [(one, values) for one, values in short.scores if not np.isnan(values).all()]
    assert [one for one, _ in trained] != list(known)
    for one, values in trained:
        seen = ~np.isnan(values)
        # a row at the boundary may fall on either side of it, in other company
        assert np.abs(values[seen] - known[one][seen]).max() <= 1 / 21 + 1e-9
        assert np.abs(values[seen] - known[one][seen]).sum() <= 1 / 21 + 1e-9
    assert short.chosen in dict(trained)
    alone = TrainConfig(epochs=8, learning_rate=short.chosen.learning_rate)
    again = train(
        *iris,
        3,
        ARCHITECTURES.load("mlp"),
        "genlabel-gm" if short.chosen.density == "gaussian" else "genlabel-kde",
        {"gamma": short.chosen.gamma},
        alone,
        7,
    )
    for (weight, bias), (w, b) in zip(short.layers, again.layers, strict=True):
        np.testing.assert_array_equal(weight, w)
        np.testing.assert_array_equal(bias, b)


def test_logistic_regressions_are_searched_in_full(iris):
    full, short = (searched(iris, "logistic", search) for search in ("full", "short"))
    assert full.chosen == short.chosen
    assert not any(np.isnan(values).any() for _, values in short.scores)
