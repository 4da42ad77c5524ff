from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.paper.theorem.theorem import ANGLES, markdown, run

#: Measured for minutes, and seldom changed.
pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return run(tmp_path_factory.mktemp("theorem"))


def row(results, model, norm):
    return next(r for r in results["rows"] if (r["model"], r["norm"]) == (model, norm))


@pytest.mark.parametrize("norm", [1.0, 2.0, 5.0])
def test_the_order_of_logistic_regression_holds_to_0_4_pi_and_fails_at_0_5_pi(results, norm):
    found = row(results, "logistic regression", norm)
    mixup, genlabel, adversarial = (
        np.array(found[k]) for k in ("mixup", "genlabel", "adversarial")
    )
    holds = (mixup >= genlabel) & (genlabel >= adversarial)
    angle = np.abs(ANGLES)
    assert holds[angle <= 0.4].all()
    assert not holds[angle >= 0.5].any()
    assert 0.4 <= found["holds_to"] < found["fails_from"] <= 0.5
    assert found["exact"]


def test_the_order_holds_wherever_all_points_are_classified_correctly(results):
    for found in results["rows"]:
        assert 0.0 < found["correct_to"] < found["fails_from"]
        correct = np.abs(ANGLES) <= found["correct_to"]
        assert (np.array(found["accuracy"])[correct] == 1.0).all()


def test_a_larger_norm_changes_neither_the_budget_nor_the_accuracy(results):
    one, five = (row(results, "ReLU net", norm) for norm in (1.0, 5.0))
    assert not one["exact"]
    assert (one["radius"], one["accuracy"]) == (five["radius"], five["accuracy"])
    assert one["mixup"] != five["mixup"]


def test_the_report_says_where_the_order_fails_under_the_premise(results):
    assert "holds at every angle" in markdown(results)
    broken = [{**found, "fails_from": found["correct_to"]} for found in results["rows"][:1]]
    text = markdown({"rows": broken})
    assert "fails where the premise holds" in text
    assert "logistic regression, norm 1" in text


@pytest.mark.parametrize(
    ("name", "value"), [("alpha", 0.0), ("sigma", -1.0), ("norms", ()), ("norms", (1.0, np.inf))]
)
def test_impossible_settings_are_refused_by_name(name, value, tmp_path):
    with pytest.raises(ConfigurationError, match=name):
        run(tmp_path, **{name: value})
