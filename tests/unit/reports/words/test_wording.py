from __future__ import annotations

import pytest

from genlabel_robust.reports.words.wording import (
    distance,
    interval,
    median_margin,
    percent,
    points,
    threat_sentence,
    with_interval,
)
from genlabel_robust.threat.constraints import Constraints
from genlabel_robust.threat.threat_model import NORMS, UNITS, ThreatModel

ESTIMATE = {"value": 0.9514, "low": 0.8919, "high": 0.98}


def test_a_rate_is_percent_with_one_digit_and_its_interval() -> None:
    assert percent(ESTIMATE) == "95.1"
    assert interval(ESTIMATE) == "89.2–98.0"
    assert with_interval(ESTIMATE) == "95.1 (89.2–98.0)"
    assert with_interval({"value": 1.0, "low": 0.0, "high": 1.0}) == "100.0 (0.0–100.0)"


def test_no_rate_is_not_available() -> None:
    assert (percent(None), interval(None), with_interval(None)) == ("n/a", "", "n/a")


def test_a_difference_is_signed_in_percentage_points() -> None:
    difference = {"value": 0.012, "low": -0.003, "high": 0.027}
    assert points(difference) == "+1.2 (−0.3 to +2.7)"
    assert points({"value": 0.0, "low": -1.0, "high": 1.0}) == "+0.0 (−100.0 to +100.0)"


def test_a_distance_has_three_digits_and_a_null_lies_beyond() -> None:
    assert (distance(0.123456), distance(0.0), distance(None)) == ("0.123", "0", "> found")


@pytest.mark.parametrize(
    ("low", "high", "between"),
    [(0.05, 0.2, "0.05–0.2"), (0.05, None, "0.05–∞"), (0.0, 0.2, "0–0.2"), (0.0, None, "0–∞")],
)
def test_a_median_margin_stands_with_its_interval(
    low: float, high: float | None, between: str
) -> None:
    margin = {"median": 0.1, "median_interval": {"low": low, "high": high}}
    assert median_margin(margin) == ("0.1", between)


def test_a_median_beyond_what_was_broken_has_an_interval_beyond_it() -> None:
    margin = {"median": None, "median_interval": {"low": None, "high": None}}
    assert median_margin(margin) == ("> found", "> found–∞")


@pytest.mark.parametrize(
    ("least", "most", "said"),
    [
        (0.1, 0.12345, "0.1–0.123"),
        (0.1234, 0.12345, "0.123"),
        (0.0, 0.12345, "≤ 0.123"),
        (0.1, None, "> 0.1"),
        (None, None, "> found"),
        (0.0, 0.0, "0"),
    ],
)
def test_a_median_that_is_known_up_to_two_bounds_has_both(
    least: float | None, most: float | None, said: str
) -> None:
    margin = {
        "kind": "interval-censored",
        "median": most,
        "at_least": {"median": least},
        "median_interval": {"low": 0.0, "high": 0.2},
    }
    assert median_margin(margin) == (said, "0–0.2")


def test_no_margin_is_not_available() -> None:
    assert median_margin(None) == ("n/a", "")


def test_every_threat_has_a_sentence_of_its_own() -> None:
    sentences = {threat_sentence({"norm": n, "unit": u}, 0.1) for n in NORMS for u in UNITS}
    assert len(sentences) == len(NORMS) * len(UNITS)
    assert "L∞, ε = 0.1 of each feature's training range" in sentences
    assert all("ε = 0.1 " in sentence for sentence in sentences)


def test_constraints_are_counted_in_the_sentence() -> None:
    limits = Constraints(
        weights={"age": 2}, immutable=("red", "blue"), one_hot=(("low", "high"), ("no", "yes"))
    )
    threat = ThreatModel("l1", (0.5,), "raw", limits)
    assert threat_sentence(threat.as_dict(), 0.5) == (
        "L1, ε = 0.5 in raw feature units; constraints: 1 weights, 2 one-hot, 2 immutable"
    )
