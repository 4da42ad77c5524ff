"""Settings as keyword arguments: tables under their own names, and suggestions for typos."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import genlabel_robust
from genlabel_robust.core import ConfigurationError, UnknownNameError
from genlabel_robust.runs.config.keywords import of_keywords
from genlabel_robust.runs.config.run_config import SETTINGS


def resolved(**keywords: Any) -> dict[str, Any]:
    return of_keywords(keywords, SETTINGS, "setting")


def test_tables_are_keywords_and_join_those_of_settings() -> None:
    attack, train = {"pgd": {"steps": 7}}, {"epochs": 20}
    assert resolved(eps=0.2, train=train) == {"eps": 0.2, "settings": {"train": train}}
    assert resolved(settings={"attack": attack}, train=train)["settings"] == {
        "attack": attack,
        "train": train,
    }
    assert resolved(eps=0.2) == {"eps": 0.2}


def test_a_table_that_is_there_twice_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="train is given twice, as train= and in settings"):
        resolved(settings={"train": {"epochs": 1}}, train={"epochs": 2})


@pytest.mark.parametrize(
    ("keywords", "told"),
    [
        (
            {"epochs": 20},
            "there is no setting 'epochs'; it belongs to train: write train={'epochs'",
        ),
        (
            {"immutable": ["age"]},
            "to constraints: write constraints={'immutable': ['age']}",
        ),
        ({"dataset": "iris"}, "there is no setting 'dataset'; did you mean 'datasets'"),
        ({"trian": {}}, "there is no setting 'trian'; did you mean 'train'"),
    ],
)
def test_a_guess_is_told_how_it_is_spelled(keywords: dict[str, Any], told: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        resolved(**keywords)
    assert told in str(caught.value)


@pytest.mark.parametrize("job", [genlabel_robust.evaluate, genlabel_robust.audit])
def test_both_jobs_tell_it(job: Callable[..., Any]) -> None:
    rows = () if job is genlabel_robust.evaluate else (np.sign, np.zeros((4, 2)), [0, 1, 0, 1])
    with pytest.raises(UnknownNameError, match="write constraints="):
        job(*rows, immutable=["x"])


def test_a_run_takes_tables_as_keywords(tmp_path: Any) -> None:
    run = genlabel_robust.evaluate(
        datasets="iris",
        strategies="vanilla",
        architectures="logistic",
        seeds=1,
        suite="quick",
        checks="off",
        train={"epochs": 3},
        attack={"fgsm": {}},
        out=str(tmp_path),
        jobs=1,
    )
    assert run.results.rows[0].n_seeds == 1
