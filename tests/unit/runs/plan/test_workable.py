"""A run in which no attack can work is refused before anything is trained or attacked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import genlabel_robust
from genlabel_robust.core.errors import NotApplicableError
from genlabel_robust.runs.audit import audit
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.plan.recipe_plan import make_plan
from genlabel_robust.runs.plan.workable import refuse_unworkable

X = np.random.default_rng(0).uniform(size=(40, 3))
Y = (X[:, 0] > 0.5).astype(int)
WHITE = {"suite": "quick", "attacks": ("fgsm", "pgd")}


def never(*_: object, **__: object) -> None:
    pytest.fail("the run went on")


def labels(x: np.ndarray) -> np.ndarray:
    return (x[:, 0] > 0.5).astype(int)


def probabilities(x: np.ndarray) -> np.ndarray:
    return np.stack([1 - x[:, 0], x[:, 0]], axis=1)


@pytest.mark.parametrize(
    ("model", "gives"), [(labels, "labels only"), (probabilities, "scores and no gradients")]
)
def test_an_audit_in_which_no_attack_can_work_ends_at_the_plan(
    model: Callable[..., np.ndarray], gives: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genlabel_robust.runs.evaluate.assess_cell", never)
    monkeypatch.setattr("genlabel_robust.runs.evaluate.run_canaries", never)
    with pytest.raises(NotApplicableError) as told:
        audit(model, X, Y, out=str(tmp_path / "run"), **WHITE)
    assert str(told.value) == (
        "no attack of suite custom (from quick-2) can work here: fgsm needs gradients; pgd needs "
        f"gradients, but the model gives {gives}; choose another suite, such as standard, or "
        "--attack with one that needs decisions"
    )
    assert not (tmp_path / "run").exists()


def test_a_run_in_which_no_attack_can_work_trains_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genlabel_robust.runs.evaluate.execute", never)
    forests = ("sklearn:random-forest", "sklearn:ridge")
    with pytest.raises(NotApplicableError, match="labels only or scores and no gradients"):
        genlabel_robust.evaluate(
            datasets="iris", architectures=forests, out=str(tmp_path / "run"), **WHITE
        )
    assert not (tmp_path / "run").exists()


def test_one_model_that_can_be_attacked_is_enough() -> None:
    config = RunConfig(datasets=("iris",), architectures=("mlp", "sklearn:random-forest"), **WHITE)
    assert refuse_unworkable(make_plan(config)) is None


@pytest.mark.parametrize(
    ("architecture", "knowledge"),
    [
        ("mlp", "gradients"),
        ("sklearn:random-forest", "scores"),
        ("sklearn:ridge", "decisions"),
        ("sklearn:svc", "decisions"),
    ],
)
def test_what_can_be_asked_of_a_model_is_known_before_it_is_trained(
    architecture: str, knowledge: str
) -> None:
    plan = make_plan(RunConfig(datasets=("iris",), architectures=(architecture,)))
    assert {plan.knowledge(cell) for cell in plan.cells} == {knowledge}
