"""Models whose prediction for a row depends on other rows are found; others pass."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.neighbors import KNeighborsClassifier
from torch import nn

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.data.rows import rows_of
from genlabel_robust.models.as_model import as_model
from genlabel_robust.models.company import refuse_variation, variation

X = np.random.default_rng(0).normal(size=(120, 3))
Y = (X[:, 0] > 0).astype(int)
#: Labels that no forest learns: its two trees disagree on many rows.
NOISE = np.random.default_rng(1).integers(0, 2, len(X))


def net(*parts: nn.Module) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 8), *parts, nn.ReLU(), nn.Linear(8, 2))


def traced(module: nn.Module) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch, that programs go out of fashion
        return torch.jit.trace(module, torch.randn(8, 3), check_trace=False)


def two(first: Any) -> Any:
    return np.stack([-first, first], axis=1)


def by_lot(x: Any) -> Any:
    """Return labels that are random if the first feature is near 0, like randomly broken ties."""
    near = np.abs(x[:, 0]) < 0.3
    return np.where(near, np.random.default_rng().integers(0, 2, len(x)), x[:, 0] > 0)


class Tied(RandomForestClassifier):
    """A forest that breaks ties at random; its probabilities are deterministic."""

    def predict(self, x: Any) -> Any:
        odds = self.predict_proba(x)
        drawn = np.random.default_rng().integers(0, 2, len(x))
        return np.where(odds[:, 0] == odds[:, 1], drawn, odds.argmax(axis=1))


VARYING: dict[str, tuple[Any, str]] = {
    "dropout in a trace": (traced(net(nn.Dropout(0.5))), "chance"),
    "labels by lot": (by_lot, "chance"),
    "ties by lot": (Tied(2, random_state=0).fit(X, NOISE), "chance"),
    "noise on scores": (
        lambda x: two(x[:, 0]) + np.random.default_rng().normal(size=(len(x), 2)),
        "chance",
    ),
    "batch normalization in a trace": (traced(net(nn.BatchNorm1d(8))), "company"),
    "a function that scales by its batch": (
        lambda x: two((x[:, 0] - x[:, 0].mean()) / (x[:, 0].std() + 1)),
        "company",
    ),
    "labels by rank": (lambda x: (x[:, 0] >= np.median(x[:, 0])).astype(int), "company"),
    "labels by position": (lambda x: np.arange(len(x)) % 2, "company"),
}


@pytest.mark.parametrize("name", VARYING)
def test_answers_that_are_not_the_row_s_own_are_refused(name: str) -> None:
    given, kind = VARYING[name]
    found = variation(as_model(given, rows_of(X), (0, 1)), X)
    assert found is not None
    assert found.kind == kind
    told = {"chance": "depend on chance", "company": "the other rows in the batch"}[kind]
    with pytest.raises(ConfigurationError, match=rf"{told}.*--random-model .*random_model=True"):
        refuse_variation(found)


STEADY: dict[str, Any] = {
    "a module left in training": net(nn.BatchNorm1d(8), nn.Dropout(0.5)),
    "a forest": RandomForestClassifier(5, random_state=0).fit(X, Y),
    "neighbours": KNeighborsClassifier(4).fit(X, Y),
    "a function of labels": lambda x: (x[:, 0] > 0).astype(int),
    "scores whose last bits differ with the batch": lambda x: two(x[:, 0] + 1e-6 * len(x) / 120),
    "scores that are all but one": lambda x: 0.5 + 1e-9 * len(x) * two(x[:, 0]),
    "a probability that is sure": lambda x: 1 / (1 + np.exp(-90 * x[:, 0])),
}


@pytest.mark.parametrize("name", STEADY)
def test_a_function_of_a_row_passes(name: str) -> None:
    found = variation(as_model(STEADY[name], rows_of(X), (0, 1)), X)
    assert found is None
    refuse_variation(found)


def test_a_score_may_move_by_a_ten_thousandth_of_its_range_and_no_more() -> None:
    span = np.ptp(X[:, 0])
    for share, passes in ((0.9e-4, True), (1.2e-4, False)):
        model = as_model(
            lambda x, share=share: two(x[:, 0] + share * span * (len(x) < 100)), rows_of(X), (0, 1)
        )
        assert (variation(model, X) is None) == passes


def test_logarithms_of_probabilities_are_compared_as_probabilities() -> None:
    class Last(nn.Module):
        """Returns 1, or the next float32 below, depending on the batch size."""

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            odds = torch.sigmoid(30 * x[:, 0])
            return torch.clamp(odds, max=1 - 6e-8 * (len(x) > 100))

    model = as_model(Last(), rows_of(X), (0, 1))
    apart = np.abs(model.scores(X)[:8] - model.scores(X[:8])).max()
    assert apart > 10  # what is seen of the last bit in a logarithm
    assert variation(model, X) is None


def test_a_model_must_answer_for_one_row_as_for_many() -> None:
    def ask(x: Any) -> Any:
        if len(x) < 2:
            raise ValueError("too few rows")
        return two(x[:, 0])

    with pytest.raises(ConfigurationError, match="must be able to predict a single row"):
        variation(as_model(ask, rows_of(X), (0, 1)), X)


def test_a_large_table_is_asked_in_part() -> None:
    asked: list[int] = []

    def ask(x: Any) -> Any:
        asked.append(len(x))
        return two(x[:, 0])

    many = np.zeros((50_000, 1))
    model = as_model(ask, rows_of(np.ones((3, 1))), (0, 1))
    asked.clear()
    assert variation(model, many) is None
    assert max(asked) == 4096
    assert sum(asked) < 60_000
