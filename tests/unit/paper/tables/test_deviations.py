from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.data.load import load_task
from genlabel_robust.data.splitting.splits import SplitConfig
from genlabel_robust.paper.protocol import CONFIG, TRIALS, train_table
from genlabel_robust.paper.tables import deviations
from genlabel_robust.paper.tables.deviation_words import far_lines
from genlabel_robust.paper.tables.deviations import MORE, explain

#: Measured for minutes, and seldom changed.
pytestmark = pytest.mark.nightly

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
    """Return a measure that returns ``values`` in order, for any models."""
    following = iter(values)
    return lambda model: next(following)


def explained(iris, published, trials, further, by_rate, exact=None, off=0.0):
    """Return the row explained by further trials, and by the results of each learning rate.

    ``exact``: the trials without the attack. The trials of a rate are ``off`` apart.
    """
    task, trained = iris
    row = planted(published, trials) | ({} if exact is None else {"exact_trials": list(exact)})
    seeds, apart = range(len(trials)), off * np.resize([1, -1], len(trials))
    values = [*further, *(rate + one for rate in by_rate for one in apart)]
    explain(task, [row], {"vanilla": trained["vanilla"][: len(trials)]}, seeds, told(values))
    return row


def said(row):
    """Return the paragraph about the row, which follows the one about noise."""
    first, empty, line, end = far_lines([row])
    assert first.startswith("Cells that differ by more than 3 points")
    assert (empty, end) == ("", "")
    return line


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
    line = said(row)
    assert line.startswith("- **iris, vanilla**: published 83.20, here 80.00 (−3.20; 7 of the 225 ")
    assert "25 trials give 80.00 with a standard deviation of 4.0 points" in line
    assert "1.6 standard errors away: no more than the noise of initialisation, mixing" in line
    assert "attack" not in line


def test_a_difference_beyond_noise_is_not_called_noise_and_lists_every_rate(iris):
    quiet = 0.8 + 0.1 * (NOISY - 0.8)
    row = explained(iris, 0.9, [*quiet[:4], 0.8], quiet[4:], [0.8, 0.85, 0.95, 0.5])
    assert row["deviation"]["standard_errors"] > 40
    line = said(row)
    assert "standard errors away, beyond 2.1: more than noise" in line
    assert "the published value lies between them" in line
    for rate, value in zip(RATES, ("80.00", "85.00", "95.00", "50.00"), strict=True):
        assert f"{rate:g}: {value} (" in line


QUIET = 0.8 + 0.1 * (NOISY - 0.8)


@pytest.mark.parametrize(
    ("published", "off", "told_of_it"),
    [
        (0.99, 0.01, "none of them gives the published value"),
        (0.99, 0.0, "whether one of them could have given the published value is left open"),
        # 0.01 from the rate 0.01's 0.85, whose error is 0.011 * (2/5)**0.5
        (0.86, 0.01, "the published value is within the noise of 0.01."),
        (0.86, 0.06, "the published value is within the noise of 0.1, 0.01 and 0.001."),
        (0.90, 0.01, "the published value lies between them"),
    ],
)
def test_what_a_rate_could_have_given_has_its_spread(iris, published, off, told_of_it):
    trials = [*QUIET[:4], 0.8]
    row = explained(iris, published, trials, QUIET[4:], [0.8, 0.85, 0.95, 0.5], off=off)
    assert told_of_it in said(row)


def test_trials_that_are_all_alike_tell_nothing_of_noise(iris):
    row = explained(iris, 0.99, [0.8] * 5, [0.8] * MORE, [0.8, 0.85, 0.95, 0.5])
    assert row["deviation"]["standard_errors"] is None
    assert row["deviation"]["noise_up_to"] is None
    assert said(row).endswith("They are all alike, so that their noise is not known: left open.")


def test_the_attacks_spread_is_part_of_the_error(iris):
    """The same trials are far beyond noise where the attack always adds as much."""
    exact = np.array([*QUIET[:4], 0.8])
    always = explained(iris, 0.9, exact + 0.05, QUIET[4:], [0.8] * 4, exact)
    varying = explained(
        iris, 0.9, exact + np.array([0.0, 0.0, 0.05, 0.1, 0.1]), QUIET[4:], [0.8] * 4, exact
    )
    for row in (always, varying):
        assert row["deviation"]["mean"] == pytest.approx(0.85)
        assert row["deviation"]["attack_above_exact"] == pytest.approx(0.05)
    assert "more than noise" in said(always)
    assert "(exact values, and 5.00 ± 0.00 points more" in said(always)
    # the shifts' deviation is 0.05: its part of the error is 0.05 (1/5 + 1/5)**0.5
    assert 1.5 < varying["deviation"]["standard_errors"] < 0.05 / (0.05 * 0.4**0.5)
    assert "(exact values, and 5.00 ± 2.24 points more" in said(varying)
    assert "no more than the noise of initialisation, mixing, choice and attack" in said(varying)


def test_one_attacked_trial_claims_nothing(iris):
    row = explained(iris, 0.9, [0.85], QUIET[:MORE], [0.8] * 4, exact=[0.79])
    assert row["deviation"]["standard_errors"] is None
    assert row["deviation"]["attack_above_exact_error"] is None
    line = said(row)
    assert "known from one trial only, without a standard error" in line
    assert "more than noise is left open" in line
    assert "standard errors away" not in line


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
