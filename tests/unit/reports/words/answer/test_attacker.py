"""The attacker's abilities in the user's own units, under every norm and constraint."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from genlabel_robust.reports.words.answer.attacker import amount, any_attacker, attacker
from genlabel_robust.runs.results.few_features import FewFeaturesRow, SingleColumn
from genlabel_robust.runs.results.results import Results

NAMES = ("age", "income", "tenure", "ratio", "days")


def features(*names: str, **changes: Any) -> list[dict[str, Any]]:
    sizes = dict(zip(NAMES, (2.5, 4212.04, 1.315, 0.04955, 4.2), strict=True))
    return [{"name": name, "mutable": True, "raw_eps": [sizes[name]], **changes} for name in names]


def words(results: dict[str, Any], *of: dict[str, Any], **threat: Any) -> str:
    results["threat"] |= threat
    results["datasets"]["two"]["features"] = list(of)
    typed = Results(results)
    row = replace(typed.rows[0], eps=typed.threat.eps[-1])
    return attacker(typed, row)


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.04955, "0.04955"), (2.0, "2"), (4212.04, "4,212"), (1234567.8, "1,234,568")],
)
def test_amounts_are_in_the_features_own_unit(value: float, said: str) -> None:
    assert amount(value) == said


def test_a_few_features_are_all_named_with_their_reach(results: dict[str, Any]) -> None:
    assert words(results, *features("ratio")) == "change ratio by up to 0.04955"
    assert words(results, *features("age", "income", "ratio")) == (
        "change age by up to 2.5, income by up to 4,212 and ratio by up to 0.04955"
    )


def test_of_many_the_share_is_said_and_the_first_are_named(results: dict[str, Any]) -> None:
    assert words(results, *features(*NAMES)) == (
        "change each of 5 features by up to 10 % of its range (age by up to 2.5, income by up to "
        "4,212, tenure by up to 1.315 and 2 more)"
    )


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        ("std", "0.1 of its standard deviations"),
        ("raw", "0.1 in its own unit"),
        ("global-range", "10 % of the one range over all scaled features"),
    ],
)
def test_eps_is_said_in_its_unit(unit: str, said: str, results: dict[str, Any]) -> None:
    assert f"change each of 5 features by up to {said} (" in words(
        results, *features(*NAMES), unit=unit
    )


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        ({"weights": {"income": 10.0}, "units": {"income": "range"}}, ""),
        ({}, " (4,212 at most)"),
        ({"weights": {"income": 10.0}, "units": {"income": "raw"}}, " (4,212 at most)"),
    ],
)
def test_a_share_of_the_own_value_is_said_and_the_budget_where_it_limits_too(
    budget: dict[str, Any], said: str, results: dict[str, Any]
) -> None:
    limits = {"shares": {"income": 0.03}, **budget}
    assert words(results, *features("age", "income"), constraints=limits) == (
        f"change age by up to 2.5 and income by up to 3 % of its own value{said}"
    )


def test_features_of_own_budgets_share_none(results: dict[str, Any]) -> None:
    said = words(results, *features(*NAMES), constraints={"weights": {"age": 2.0}})
    assert "by up to its own budget (age" in said


def test_under_other_norms_changes_add_up(results: dict[str, Any]) -> None:
    assert words(results, *features("age", "ratio"), norm="l2") == (
        "change 2 features by an L2 distance of up to 10 % of the ranges (alone age by up to 2.5 "
        "and ratio by up to 0.04955)"
    )
    assert words(results, *features("age", "ratio"), norm="l0", eps=[1.0]) == (
        "change any 1 of 2 features of a row (age and ratio)"
    )


def test_prices_are_spent(results: dict[str, Any]) -> None:
    constraints = {"costs": {"age": 2.0}}
    said = words(results, *features("age", "ratio"), norm="l0", eps=[3.0], constraints=constraints)
    assert (
        said == "spend up to 3 on changes of 2 features, each feature at its price (age and ratio)"
    )


def test_whole_numbers_reach_whole_steps_and_what_is_under_one_is_left_out(
    results: dict[str, Any],
) -> None:
    age = features("age", moves="whole", reach=[2.0])
    days = features("days", moves="whole", reach=[0.0])
    assert words(results, *age, *days) == "change age by up to 2"
    assert words(results, *days) == "change nothing"
    assert words(results, *features("age", mutable=False)) == "change nothing"


def test_one_way_features_and_relations_are_said(results: dict[str, Any]) -> None:
    limits = {"increasing": ["age"], "relations": ["age <= income"]}
    assert words(results, *features("age", "income"), constraints=limits) == (
        "change age by up to 2.5 (up only) and income by up to 4,212 and who keeps to 1 relation "
        "between features"
    )


def test_those_that_alone_break_most_come_first_and_categories_are_one_column(
    results: dict[str, Any],
) -> None:
    columns = (SingleColumn("age", 1, 0, 1), SingleColumn("job", 4, 0, 4))
    results["datasets"]["two"]["features"] = [
        *features("age"),
        {"name": "job=a", "mutable": True, "raw_eps": [1.0], "moves": "category", "reach": [1.0]},
    ]
    typed = Results(results)
    few = FewFeaturesRow(10, 5, 0, columns, {}, 0)
    said = attacker(typed, replace(typed.rows[0], few_features=few))
    assert said == "change job to another category and age by up to 2.5"


def test_several_tables_name_no_features(results: dict[str, Any]) -> None:
    assert any_attacker(Results(results), 0.1) == "change each feature by up to 10 % of its range"


def test_long_and_empty_names_stay_short_and_visible(results: dict[str, Any]) -> None:
    of = [{"name": "w" * 100, "mutable": True, "raw_eps": [1.0]}]
    of += [{"name": " ", "mutable": True, "raw_eps": [1.0]}]
    said = words(results, *of)
    assert f"change {'w' * 39}… by up to 1 and (no name) by up to 1" == said
