from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.data.load import load_task
from genlabel_robust.data.splits import SplitConfig
from genlabel_robust.paper import deviations
from genlabel_robust.paper.deviations import MORE, explain, far_lines
from genlabel_robust.paper.protocol import CONFIG, TRIALS, train_table

SEEDS = range(TRIALS)
RATES = CONFIG.learning_rates


@pytest.fixture(scope="module")
def iris():
    task = load_task("iris", SplitConfig(), "paper")
    return task, train_table(task, ["vanilla"], SEEDS)


def planted(published, trials):
    return {
        "dataset": "iris",
        "strategy": "vanilla",
        "n_examples": 45,
        "published": published,
        "measured": float(np.mean(trials)),
        "difference": float(np.mean(trials)) - published,
        "trials": list(trials),
    }


def told(values):
    """A measure that gives ``values`` one after the other, whatever the model."""
    following = iter(values)
    return lambda model: next(following)


def explained(iris, published, trials, further, by_rate):
    """The row, with further trials, and what each rate measures in all of its trials."""
    task, trained = iris
    row = planted(published, trials)
    values = [*further, *np.repeat(by_rate, TRIALS)]
    explain(task, [row], trained, SEEDS, told(values))
    return row


# 25 values of mean 0.8 and standard deviation 0.0408 (ddof 1)
NOISY = 0.8 + 0.04 * np.resize([1, -1], 24)


def test_a_difference_within_the_noise_of_five_trials_is_called_noise(iris):
    row = explained(iris, 0.832, [*NOISY[:4], 0.8], NOISY[4:], [0.8] * 4)
    found = row["deviation"]
    assert found["n_trials"] == 25 == TRIALS + MORE
    assert found["mean"] == pytest.approx(0.8)
    assert found["standard_deviation"] == pytest.approx(0.04)
    # of a difference of means of 5 and of 25
    assert found["standard_errors"] == pytest.approx(0.032 / (0.04 * (1 / 5 + 1 / 25) ** 0.5))
    (line,) = far_lines([row])
    assert line.startswith("- **iris, vanilla**: published 83.20, here 80.00 (−3.20; 7 of the 225 ")
    assert "25 trials give 80.00 with a standard deviation of 4.0 points" in line
    assert "1.6 standard errors away: noise" in line


def test_a_difference_beyond_noise_is_not_called_noise_and_lists_every_rate(iris):
    quiet = 0.8 + 0.1 * (NOISY - 0.8)
    row = explained(iris, 0.9, [*quiet[:4], 0.8], quiet[4:], [0.8, 0.85, 0.95, 0.5])
    assert row["deviation"]["standard_errors"] > 40
    (line,) = far_lines([row])
    assert "standard errors away: more than noise" in line
    assert "the published value lies between them" in line
    for rate, value in zip(RATES, ("80.00", "85.00", "95.00", "50.00"), strict=True):
        assert f"{rate:g}: {value} (" in line


def test_a_value_that_no_rate_gives_is_said_to_be_given_by_none(iris):
    row = explained(iris, 0.99, [0.8] * 5, [0.8] * MORE, [0.8, 0.85, 0.95, 0.5])
    assert row["deviation"]["standard_errors"] is None
    (line,) = far_lines([row])
    assert "which never varies: more than noise" in line
    assert "none of them gives the published value" in line


def test_what_each_rate_gives_is_that_of_its_own_models(iris):
    task, trained = iris
    row = planted(0.5, [0.9])

    def accuracy(model):
        return float((model.predict(task.x_test) == task.y_test).mean())

    explain(task, [row], {"vanilla": trained["vanilla"][:1]}, range(1), accuracy)
    found = {entry["learning_rate"]: entry for entry in row["deviation"]["by_rate"]}
    assert tuple(found) == RATES
    (first, *_) = trained["vanilla"]
    for candidate, scores in first.scores:
        assert found[candidate.learning_rate]["on_folds"] == pytest.approx(scores.mean())
    best = max(found.values(), key=lambda entry: entry["on_folds"])
    weight, bias = first.layers[0]
    z = task.scaling.apply(task.x_test) @ weight + bias
    assert best["measured"] == pytest.approx((z.argmax(axis=1) == task.y_test).mean())


def test_rows_that_are_near_or_unpublished_are_left_alone(iris, monkeypatch):
    task, trained = iris
    monkeypatch.setattr(deviations, "train_table", None)  # nothing may be trained
    near = planted(0.82, [0.8] * 5)
    unknown = planted(0.5, [0.8] * 5) | {"published": None, "difference": None}
    explain(task, [near, unknown], trained, SEEDS, told([]))
    assert "deviation" not in near
    assert "deviation" not in unknown
    assert list(far_lines([near, unknown])) == []
