from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from genlabel_robust.reports.words.wording import (
    counted,
    distance,
    distance_words,
    eps_axis,
    headed,
    interval,
    margin_words,
    median_margin,
    percent,
    points,
    threat_sentence,
)
from genlabel_robust.runs.results.margins import Margin
from genlabel_robust.statistics.censored_quantiles import Bounds, censored_summary
from genlabel_robust.statistics.estimate import Estimate
from genlabel_robust.statistics.quantiles import Interval
from genlabel_robust.threat.constraints.constraints import KINDS, Constraints
from genlabel_robust.threat.norms import NORMS, UNITS
from genlabel_robust.threat.threat_model import ThreatModel


def estimate(value: float, low: float, high: float) -> Estimate:
    return Estimate(value, low, high, 0.95, "wilson", 100)


def margin(median: float | None, low: float | None, high: float | None, **changes: Any) -> Margin:
    between = Interval(low=low, high=high, level=0.95, method="order statistics")
    return Margin("linf", "attack", median, 0.0, 0.0, None, 0.5, between, **changes)


def test_a_rate_is_percent_with_one_digit_and_its_interval() -> None:
    assert percent(estimate(0.9514, 0.8919, 0.98)) == "95.1"
    assert interval(estimate(0.9514, 0.8919, 0.98)) == "89.2–98.0"
    assert interval(estimate(1.0, 0.0, 1.0)) == "0.0–100.0"


def test_no_rate_is_not_available() -> None:
    assert (percent(None), interval(None)) == ("n/a", "")


def test_a_difference_is_signed_in_percentage_points() -> None:
    assert points(estimate(0.012, -0.003, 0.027)) == "+1.2 (−0.3 to +2.7)"
    assert points(estimate(0.0, -1.0, 1.0)) == "+0.0 (−100.0 to +100.0)"


def test_a_distance_has_three_digits_and_a_null_lies_beyond() -> None:
    assert (distance(0.123456), distance(0.0), distance(None)) == ("0.123", "0", "not reached")


@pytest.mark.parametrize(
    ("low", "high", "between"),
    [(0.05, 0.2, "0.05–0.2"), (0.05, None, "0.05–∞"), (0.0, 0.2, "0–0.2"), (0.0, None, "0–∞")],
)
def test_a_median_margin_stands_with_its_interval(
    low: float, high: float | None, between: str
) -> None:
    assert median_margin(margin(0.1, low, high)) == ("0.1", between)


def test_a_median_beyond_what_was_broken_is_not_reached() -> None:
    assert median_margin(margin(None, None, None)) == ("not reached", "")


@pytest.mark.parametrize(
    ("least", "most", "said"),
    [
        (0.1, 0.12345, "0.1–0.123"),
        (0.1234, 0.12345, "0.123"),
        (0.0, 0.12345, "≤ 0.123"),
        (0.1, None, "> 0.1"),
        (None, None, "not reached"),
        (0.0, 0.0, "0"),
    ],
)
def test_a_median_that_is_known_up_to_two_bounds_has_both(
    least: float | None, most: float | None, said: str
) -> None:
    found = margin(most, 0.0, 0.2, median_bounds=Bounds(low=least, high=most))
    assert median_margin(found) == (said, "0–0.2")


def test_a_median_is_shown_up_to_what_is_sure_and_not_up_to_what_is_estimated() -> None:
    """45 of 100 rows are proved at 0.1, 40 are broken: so shared out, the median is above 0.1."""
    low, high = np.repeat([0.0, 0.11], [55, 45]), np.repeat([0.05, 0.2], [40, 60])
    found = Margin("linf", "interval-censored", **censored_summary(low[None], high[None], (0.1,)))
    assert found.at_least is not None
    assert found.at_least["median"] == pytest.approx(0.1)
    assert median_margin(found)[0] == "≤ 0.2"


def test_no_margin_is_not_available() -> None:
    assert median_margin(None) == ("n/a", "")


def test_every_threat_has_a_sentence_of_its_own() -> None:
    norms = [norm for norm in NORMS if norm != "l0"]
    sentences = {threat_sentence(ThreatModel(n, (0.1,), u), 0.1) for n in norms for u in UNITS}
    assert len(sentences) == len(norms) * len(UNITS)
    assert "L∞, ε = 0.1 of each feature's training range" in sentences
    assert all("ε = 0.1 " in sentence for sentence in sentences)


def test_few_features_and_prices_are_told_as_what_they_are() -> None:
    few = ThreatModel("l0", (1.0, 3.0))
    assert threat_sentence(few, 1.0) == "L0, any change of up to 1 feature of a row"
    assert threat_sentence(few, 3.0) == "L0, any change of up to 3 features of a row"
    assert (
        margin_words(few)
        == "the smallest number of features that suffice to change the model's label"
    )
    prices = Constraints(costs={"age": 2.0})
    priced = ThreatModel("l0", (2.5,), constraints=prices)
    assert threat_sentence(priced, 2.5).startswith("L0, a budget of 2.5, from which each feature ")
    assert distance_words(priced) == "in prices"
    assert "lowest price" in margin_words(priced)
    along = ThreatModel("l1", (2.5,), constraints=prices)
    assert "a budget of 2.5, from which each change is paid" in threat_sentence(along, 2.5)
    assert margin_words(along) == "the distance to the decision boundary, in prices"
    plain = ThreatModel("linf", (0.1,))
    assert margin_words(plain) == "the distance to the decision boundary, in the unit of ε"


def test_constraints_are_counted_in_the_sentence() -> None:
    limits = Constraints(
        weights={"age": 2}, immutable=("red", "blue"), one_hot=(("low", "high"), ("no", "yes"))
    )
    assert threat_sentence(ThreatModel("l1", (0.5,), "raw", limits), 0.5) == (
        "L1, the own budgets of features, and ε = 0.5 in raw feature units where there is none; "
        "constraints: 2 immutable, 2 one-hot groups, 1 own budget"
    )


def test_a_budget_of_its_own_is_not_called_a_share_of_epsilon() -> None:
    """ε = 0.03 is the full budget, where the file has that ε: not 3 % of a feature's budget."""
    own = Constraints(weights={"income": 2000.0}, units={"income": "raw"})
    threat = ThreatModel("linf", (0.015, 0.03), constraints=own)
    assert eps_axis(threat) == "ε: at 0.03 each feature has its full budget"
    assert distance_words(threat) == "in ε; 0.03: full budget"
    assert margin_words(threat).endswith("in the unit of ε, where 0.03 is the full budget")
    full, half = (threat_sentence(threat, eps) for eps in (0.03, 0.015))
    rest = "of each feature's training range where there is none; constraints: 1 own unit"
    assert full == f"L∞, the own budgets of features, and ε = 0.03 {rest}, 1 own budget"
    assert half.startswith("L∞, 0.5 of the own budgets of features, and ε = 0.015 of each ")


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_kind_of_constraint_is_counted_in_words(kind: str) -> None:
    one, two = counted(kind, 1), counted(kind, 2)
    assert one.startswith("1 ")
    assert two == f"2 {headed(kind)}"
    assert "_" not in one + two
