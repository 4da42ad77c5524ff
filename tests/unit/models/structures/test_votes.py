"""Soft votes and bagging with members whose probabilities are not sums of leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    BaggingClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from genlabel_robust.certify.certify import unprovable
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.runs.assess.proving import described
from genlabel_robust.structure import NoStructure, Vote

from .conftest import Make

_LINEAR = LogisticRegression()
_FOREST = RandomForestClassifier(4, max_depth=3, random_state=0)


def _soft(*members: Any, weights: Any = None) -> VotingClassifier:
    named = [(f"m{i}", member) for i, member in enumerate(members)]
    return VotingClassifier(named, voting="soft", weights=weights)


VOTES: dict[str, Callable[[], Any]] = {
    "linear and boosted": lambda: _soft(
        make_pipeline(StandardScaler(), _LINEAR),
        GradientBoostingClassifier(n_estimators=6, random_state=0),
        _FOREST,
        weights=[0.5, 2, 1],
    ),
    "histogram and net": lambda: _soft(
        HistGradientBoostingClassifier(max_iter=4),
        MLPClassifier((4,), max_iter=30, random_state=0),
    ),
    "discriminant and search": lambda: _soft(
        LinearDiscriminantAnalysis(), GridSearchCV(_FOREST, {"max_depth": [2]}, cv=2)
    ),
    "bagging of sums": lambda: BaggingClassifier(
        _LINEAR, n_estimators=3, max_features=0.7, random_state=0
    ),
    "a vote in a vote": lambda: _soft(_soft(_LINEAR, _FOREST, weights=[1, 2]), _FOREST),
    "a vote in a pipeline": lambda: make_pipeline(StandardScaler(), _soft(_LINEAR, _FOREST)),
}
BINARY: dict[str, Callable[[], Any]] = {
    "exponential loss": lambda: _soft(
        GradientBoostingClassifier(n_estimators=6, loss="exponential", random_state=0), _FOREST
    ),
    "stochastic gradients": lambda: _soft(SGDClassifier(loss="log_loss", random_state=0), _FOREST),
}


def _table(classes: int) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(classes)
    x = pd.DataFrame(rng.normal(size=(90, 4)).round(2), columns=list("abcd"))
    lead = x["a"] - x["b"] + rng.normal(0, 0.3, 90)
    return x, np.argsort(np.argsort(lead)) * classes // 90


@pytest.mark.nightly(every=3)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    ("name", "classes"),
    [*((name, k) for name in VOTES for k in (2, 3)), *((name, 2) for name in BINARY)],
)
def test_the_vote_gives_the_librarys_own_probabilities(name: str, classes: int, made: Make) -> None:
    x, y = _table(classes)
    model, space, rows = made((VOTES | BINARY)[name]().fit(x, y), x, x, y)

    found = checked_structure(model, space, rows.x)

    assert isinstance(found, Vote), found
    near = np.random.default_rng(0).normal(0, 1.5, (500, 4))
    near = np.clip(near, rows.x.min(axis=0), rows.x.max(axis=0))
    apart = np.abs(found.scores(near) - model.scores(near)).max()
    assert apart < 1e-12
    assert sum(member.weight for member in found.members) == pytest.approx(1)
    assert unprovable(found, space, "linf") is None


@pytest.mark.parametrize("classes", [2, 3])
def test_boosting_libraries_vote_too(classes: int, made: Make) -> None:
    xgboost, lightgbm = pytest.importorskip("xgboost"), pytest.importorskip("lightgbm")
    x, y = _table(classes)
    boosted = xgboost.XGBClassifier(n_estimators=5, max_depth=3, n_jobs=1)
    light = lightgbm.LGBMClassifier(n_estimators=5, verbose=-1, n_jobs=1)
    model, space, rows = made(_soft(boosted, light, _FOREST).fit(x, y), x, x, y)

    found = checked_structure(model, space, rows.x)

    assert isinstance(found, Vote), found
    assert [member.unit for member in found.members] == [2.0**-24, 2.0**-53, 2.0**-53]
    assert np.abs(found.scores(rows.x) - model.scores(rows.x)).max() < found.blur < 1e-5


@pytest.mark.parametrize(
    ("members", "weights", "why"),
    [
        ((_LINEAR, GaussianNB()), None, "GaussianNB"),
        ((_LINEAR, _FOREST), [2, -1], "weights below 0"),
        ((_LINEAR, GradientBoostingClassifier(n_estimators=2, init=_LINEAR)), None, "a constant"),
    ],
)
def test_what_is_not_known_of_a_member_is_said(
    members: Any, weights: Any, why: str, made: Make
) -> None:
    x, y = _table(2)
    model, space, rows = made(_soft(*members, weights=weights).fit(x, y), x, x, y)

    found = checked_structure(model, space, rows.x)

    assert isinstance(found, NoStructure)
    assert why in found.reason


def test_a_slope_that_is_wrong_is_found_out(made: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = _table(2)
    model, space, rows = made(BINARY["exponential loss"]().fit(x, y), x, x, y)
    monkeypatch.setattr("genlabel_robust.models.structures.sklearn.members._slope", lambda *_: 1.0)

    found = checked_structure(model, space, rows.x)

    assert isinstance(found, NoStructure)
    assert "and the model itself" in found.reason


def test_a_vote_is_described_by_its_members(made: Make) -> None:
    x, y = _table(2)
    model, space, rows = made(_soft(_LINEAR, _FOREST).fit(x, y), x, x, y)
    found = checked_structure(model, space, rows.x)
    assert isinstance(found, Vote)

    kind, about = described(found)

    assert kind == "vote"
    assert about.startswith("a vote of 2: linear in 4 features; 4 trees with ")
