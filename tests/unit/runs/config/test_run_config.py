from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from genlabel_robust.core.errors import ConfigurationError, UnknownNameError
from genlabel_robust.core.files.writing import digest
from genlabel_robust.runs.config.keywords import of_keywords
from genlabel_robust.runs.config.run_config import SETTINGS, RunConfig
from genlabel_robust.threat.constraints.constraints import Constraints


def test_how_a_run_is_executed_is_no_part_of_its_identity() -> None:
    assert RunConfig(jobs=1, out="a").short_hash == RunConfig(jobs=2, out="b").short_hash


#: A second value for every setting that decides what comes out.
OTHER: dict[str, Any] = {
    "datasets": ("wine",),
    "strategies": ("vanilla",),
    "architectures": ("logistic",),
    "eps": (0.2,),
    "norm": "l2",
    "unit": "std",
    "suite": "quick",
    "attacks": ("pgd",),
    "checks": "full",
    "early_stop": True,
    "transfer": True,
    "max_seconds": 60.0,
    "seeds": 2,
    "seed": 1,
    "split": "paper",
    "split_seed": 1,
    "test_share": 0.4,
    "test_file": "a.csv",
    "group": "g",
    "drop": ("d",),
    "max_examples": 9,
    "constraints": {"immutable": ["hue"]},
    "scaling": "standard",
    "tune": True,
    "settings": {"train": {"epochs": 1}},
    "search": "full",
    "proofs": "full",
    "device": "cuda",
    "category": ("zip",),
    "by": ("sex",),
    "keep": ("id",),
    "whole_numbers": "continuous",
    "certify": "exact",
    "certify_seconds": 60.0,
}


def test_every_other_setting_is_part_of_its_identity() -> None:
    none = {"jobs", "cluster", "out", "title", "purpose"}
    assert set(OTHER) == {field.name for field in fields(RunConfig)} - none
    hashes = {replace(RunConfig(), **{name: value}).short_hash for name, value in OTHER.items()}
    assert len(hashes | {RunConfig().short_hash}) == len(OTHER) + 1


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf"), "5", True])
def test_a_time_budget_is_a_number_of_seconds(value: object) -> None:
    with pytest.raises(ConfigurationError, match=f"max_seconds is {value!r}; it must be a"):
        RunConfig(max_seconds=value)  # type: ignore[arg-type]


def test_younger_settings_leave_the_default_run_its_name() -> None:
    assert RunConfig().short_hash == "92215ec262"


def test_the_short_search_is_another_run_than_the_only_one_that_there_was() -> None:
    before = RunConfig(search="full", proofs="full").named
    older = {k: v for k, v in before.items() if k not in ("search", "proofs")}
    assert digest(older)[:10] == "9eea087e66"
    assert RunConfig().identity["search"] == "short"
    with pytest.raises(UnknownNameError, match="no search 'fulll'; did you mean 'full'"):
        RunConfig(search="fulll")


def test_short_proofs_are_another_run_than_the_full_ones_that_there_were() -> None:
    older = {k: v for k, v in RunConfig(proofs="full").named.items() if k != "proofs"}
    assert digest(older)[:10] == "a8bf872b0d"
    with pytest.raises(UnknownNameError, match="no search for proofs 'fulll'; did you mean 'full'"):
        RunConfig(proofs="fulll")


def test_no_time_budget_is_no_part_of_the_identity() -> None:
    assert "max_seconds" not in RunConfig().identity
    assert RunConfig(max_seconds=5).identity["max_seconds"] == 5.0


def test_how_whole_numbers_are_changed_is_told_by_the_hash_of_the_data() -> None:
    """So that the folders of older runs, which took all numbers for continuous, are known."""
    assert RunConfig(whole_numbers="continuous").identity == RunConfig().identity
    with pytest.raises(UnknownNameError, match="no way to change whole numbers 'continous'"):
        RunConfig(whole_numbers="continous")


def test_constraints_that_limit_nothing_are_none() -> None:
    assert RunConfig(constraints={"immutable": [], "weights": {}}) == RunConfig()
    assert "constraints" not in RunConfig().identity


@pytest.mark.parametrize(
    ("constraints", "message"),
    [
        (["hue"], r"constraints is .'hue'.; it must be a table"),
        ({"imutable": ["hue"]}, "no constraint 'imutable'; did you mean 'immutable'"),
        ({"immutable": "hue"}, "immutable has 'hue'; it must be a list"),
        ({"weights": {"hue": "two"}}, "weight of feature 'hue' is 'two'; it must be a number"),
    ],
)
def test_bad_constraints_are_refused(constraints: Any, message: str) -> None:
    with pytest.raises((ConfigurationError, UnknownNameError), match=message):
        RunConfig(constraints=constraints)


def test_constraints_may_be_given_as_the_object() -> None:
    given = Constraints(weights={"hue": 2}, integer=("age",))
    config = RunConfig(constraints=given)  # type: ignore[arg-type]
    assert config == RunConfig(constraints={"integer": ["age"], "weights": {"hue": 2.0}})


def test_repeated_names_count_once_and_keep_their_order() -> None:
    config = RunConfig(strategies=("mixup", "vanilla", "mixup"), eps=(0.2, 0.1, 0.2))
    assert config.strategies == ("mixup", "vanilla")
    assert config.eps == (0.2, 0.1)


@pytest.mark.parametrize("name", ["seeds", "seed", "split_seed", "max_examples", "jobs"])
@pytest.mark.parametrize("value", [-1, 1.0, "1", True])
def test_a_count_is_a_whole_number(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} is {value!r}"):
        RunConfig(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["datasets", "strategies", "architectures", "eps"])
def test_a_run_without_any_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} is empty"):
        RunConfig(**{name: ()})  # type: ignore[arg-type]


def test_an_unknown_table_names_the_nearest_one() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'attack'"):
        RunConfig(settings={"attacks": {}})


def test_keywords_may_be_single_values() -> None:
    single = {"datasets": "iris", "eps": 0.2, "strategies": ["mixup"], "seeds": 1}
    config = RunConfig(**of_keywords(single, SETTINGS, "setting"))
    assert config == RunConfig(datasets=("iris",), eps=(0.2,), strategies=("mixup",), seeds=1)


def test_an_unknown_keyword_names_the_nearest_one() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'datasets'"):
        of_keywords({"dataset": "iris"}, SETTINGS, "setting")
