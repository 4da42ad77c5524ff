from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel_robust.cli.commands.evaluate import evaluate
from genlabel_robust.core.errors import ConfigurationError, UnknownNameError
from genlabel_robust.runs.config.resolve import resolve
from genlabel_robust.runs.config.run_config import SETTINGS, RunConfig


def assigned(*assignments: str) -> RunConfig:
    return resolve({"assignments": assignments})[0]


def test_nothing_given_is_the_default_and_no_source() -> None:
    config, sources = resolve({"datasets": (), "seeds": None, "config_file": None})
    assert config == RunConfig()
    assert sources == {}


def test_every_setting_but_the_tables_has_an_option() -> None:
    options = {parameter.name for parameter in evaluate.params}
    assert set(SETTINGS) - {"settings", "constraints"} <= options


def test_an_option_is_recorded_with_its_source() -> None:
    config, sources = resolve({"seeds": 3, "eps": ("0.1:0.3:3", "0.5")})
    assert (config.seeds, config.eps) == (3, (0.1, 0.2, 0.3, 0.5))
    assert sources == {"seeds": "option", "eps": "option"}


def test_an_assignment_wins_over_an_option_and_both_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("seeds = 2\nseed = 3\nsplit_seed = 4\n[train]\nepochs = 5\nbatch_size = 6\n")
    given_ = {
        "config_file": str(file),
        "seed": 7,
        "split_seed": 8,
        "assignments": ("split_seed=9", "train.epochs=10"),
    }
    config, sources = resolve(given_)
    assert (config.seeds, config.seed, config.split_seed) == (2, 7, 9)
    assert config.settings == {"train": {"epochs": 10, "batch_size": 6}}
    assert sources == {
        "seeds": "file a.toml",
        "seed": "option",
        "split_seed": "option",
        "settings": "option",
    }


@pytest.mark.parametrize(
    ("assignment", "table", "value"),
    [
        ("train.epochs=50", {"train": {"epochs": 50}}, 50),
        ("train.learning_rate=1e-3", {"train": {"learning_rate": 0.001}}, 0.001),
        ("attack.pgd.steps=5", {"attack": {"pgd": {"steps": 5}}}, 5),
        ("strategy.mixup.alpha=0.2", {"strategy": {"mixup": {"alpha": 0.2}}}, 0.2),
        ("architecture.mlp.widths=[8, 8]", {"architecture": {"mlp": {"widths": [8, 8]}}}, [8, 8]),
        (
            "architecture.sklearn:svc.kernel=rbf",
            {"architecture": {"sklearn:svc": {"kernel": "rbf"}}},
            "rbf",
        ),
        ("train.shuffle = true", {"train": {"shuffle": True}}, True),
    ],
)
def test_a_value_is_read_as_toml_or_else_as_text(
    assignment: str, table: dict[str, Any], value: Any
) -> None:
    config = assigned(assignment)
    assert config.settings == table
    found: Any = config.settings
    while isinstance(found, dict):
        (found,) = found.values()
    assert type(found) is type(value)


def test_two_assignments_fill_one_table() -> None:
    config = assigned("attack.pgd.steps=5", "attack.pgd.restarts=2", "attack.pgd.steps=6")
    assert config.settings == {"attack": {"pgd": {"steps": 6, "restarts": 2}}}


@given(st.integers(1, 10**9))
def test_a_whole_number_comes_through_unchanged(value: int) -> None:
    assert assigned(f"seed={value}", f"train.epochs={value}").seed == value


@given(st.text(st.characters(categories=("L",)), min_size=1, max_size=12))
def test_an_unknown_key_names_the_known_ones(key: str) -> None:
    if key in {*SETTINGS, "train", "strategy", "architecture", "attack"}:
        return
    with pytest.raises(UnknownNameError, match="known: architecture, architectures, attack"):
        assigned(f"{key}=1")


def test_constraints_come_from_a_table_and_an_assignment_replaces_one_kind(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(
        'seeds = 2\n[constraints]\nimmutable = ["hue"]\nincreasing = ["ash"]\n'
        "[constraints.weights]\nalcohol = 0.5\n"
    )
    config, sources = resolve({"config_file": str(file)})
    assert config.constraints == {
        "weights": {"alcohol": 0.5},
        "immutable": ["hue"],
        "increasing": ["ash"],
    }
    assert sources["constraints"] == "file a.toml"
    config, sources = resolve(
        {
            "config_file": str(file),
            "assignments": (
                'constraints.immutable=["ash", "magnesium"]',
                "constraints.increasing=[]",
                "constraints.weights.a.b (cm)=2",
                "constraints.one_hot=[['red', 'blue']]",
            ),
        }
    )
    assert config.constraints == {
        "weights": {"alcohol": 0.5, "a.b (cm)": 2.0},
        "immutable": ["ash", "magnesium"],
        "one_hot": [["red", "blue"]],
    }
    assert sources["constraints"] == "option"


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("constraints=1", "'constraints' is set as constraints.KIND"),
        ("constraints.=1", "'constraints' is set as constraints.KIND"),
        ("constraints.immutable.hue=1", "constraints.weights.NAME=NUMBER"),
        (
            "constraints.immutable=hue",
            "--set: immutable has 'hue'; it must be a list of feature names",
        ),
        ("constraints.imutable=['hue']", "--set: there is no constraint 'imutable'; did you mean"),
        ("constraints.weights.hue=0", "--set: the weight of feature 'hue' is 0; it must be a"),
        ("constraints.weights=[1]", "--set: weights is"),
        ("constraints.one_hot=['hue']", "--set: one_hot has 'hue'"),
    ],
)
def test_a_constraint_that_is_none_is_refused_in_one_sentence(
    assignment: str, message: str
) -> None:
    with pytest.raises((ConfigurationError, UnknownNameError), match=re.escape(message)) as caught:
        assigned(assignment)
    assert "\n" not in str(caught.value)


def test_constraints_that_contradict_each_other_are_refused_wherever_they_were_set() -> None:
    with pytest.raises(ConfigurationError, match="by both immutable and increasing"):
        assigned("constraints.immutable=['a']", "constraints.increasing=['a']")


@pytest.mark.parametrize("assignment", ["seeds", "", "=", "=1", " =1"])
def test_an_assignment_without_key_or_value_is_refused(assignment: str) -> None:
    with pytest.raises(ConfigurationError, match="must be KEY=VALUE"):
        assigned(assignment)


@pytest.mark.parametrize("assignment", ["settings=1", "config_file=a", "assignments=a", "form=csv"])
def test_what_is_no_setting_of_a_run_cannot_be_set(assignment: str) -> None:
    with pytest.raises(UnknownNameError):
        assigned(assignment)


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("seeds=1.0", "a whole number"),
        ("seeds='1'", "a whole number"),
        ("seeds=true", "a whole number"),
        ("test_share=half", "a number"),
        ("test_share=true", "a number"),
        ("tune=1", "true or false"),
        ("norm=2", "a text"),
        ("out=[]", "a text"),
        ("datasets=[['iris']]", "a list of names"),
        ("datasets=1", "a list of names"),
        ("eps={a=1}", "a list of numbers"),
        ("eps=[[0.1]]", "a list of numbers"),
    ],
)
def test_a_value_of_another_type_is_refused(assignment: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        assigned(assignment)
