"""Structures of every library, with and without missing values, for two and three classes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

from genlabel_robust.data.task import Scaling
from genlabel_robust.model_files.reading import Permission, read_model_file
from genlabel_robust.models.model import SklearnModel
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.models.structures.structure_of import structure_of
from genlabel_robust.structure import NoStructure, TreeEnsemble

from .conftest import Agrees, Make, box_of

xgboost = pytest.importorskip("xgboost")
lightgbm = pytest.importorskip("lightgbm")

_QUIET: dict[str, Any] = {"verbose": -1, "n_jobs": 1, "min_child_samples": 5}
pytestmark = [
    # of xgboost 3.4, which still has both
    pytest.mark.filterwarnings("ignore:.*booster=dart:UserWarning"),
    pytest.mark.filterwarnings("ignore:`XGBRFClassifier` is deprecated:FutureWarning"),
]

_TREE = DecisionTreeClassifier(max_depth=3, random_state=0)
_VOTES = [
    ("a", RandomForestClassifier(3, random_state=0)),
    ("b", make_pipeline(StandardScaler(), _TREE)),
]

#: Models that take finite numbers, and those that take missing ones too.
FINITE: dict[str, Callable[[], Any]] = {
    "extra tree": lambda: ExtraTreeClassifier(max_depth=5, random_state=0),
    "gradient boosting": lambda: GradientBoostingClassifier(n_estimators=8, random_state=0),
    "boosting from zero": lambda: GradientBoostingClassifier(n_estimators=8, init="zero"),
    "bagging": lambda: BaggingClassifier(_TREE, n_estimators=4, max_features=0.7, random_state=0),
    "voting": lambda: VotingClassifier(_VOTES, voting="soft", weights=[0.3, 2]),
}
MISSING: dict[str, Callable[[], Any]] = {
    "tree": lambda: DecisionTreeClassifier(max_depth=4, random_state=0),
    "forest": lambda: RandomForestClassifier(6, random_state=0),
    "extra trees": lambda: ExtraTreesClassifier(4, random_state=0),
    "histogram boosting": lambda: HistGradientBoostingClassifier(max_iter=8, max_bins=40),
    "search": lambda: GridSearchCV(_TREE, {"max_depth": [2, 3]}, cv=2),
    "xgboost": lambda: xgboost.XGBClassifier(n_estimators=8, max_depth=4, n_jobs=1),
    "dart": lambda: xgboost.XGBClassifier(
        n_estimators=8, booster="dart", rate_drop=0.5, base_score=0.3, num_parallel_tree=2, n_jobs=1
    ),
    "forest of xgboost": lambda: xgboost.XGBRFClassifier(n_estimators=5, n_jobs=1),
    "lightgbm": lambda: lightgbm.LGBMClassifier(n_estimators=8, **_QUIET),
    "no missing to lightgbm": lambda: lightgbm.LGBMClassifier(
        n_estimators=5, use_missing=False, **_QUIET
    ),
    "zero missing to lightgbm": lambda: lightgbm.LGBMClassifier(
        n_estimators=5, zero_as_missing=True, **_QUIET
    ),
    "forest of lightgbm": lambda: lightgbm.LGBMClassifier(
        n_estimators=5, boosting_type="rf", bagging_freq=1, bagging_fraction=0.6, **_QUIET
    ),
}


def _table(classes: int, *, missing: bool) -> tuple[pd.DataFrame, Any]:
    rng = np.random.default_rng(classes)
    x = pd.DataFrame(
        {
            "wide": rng.normal(size=150) * 1e4,
            "thin": rng.normal(size=150).round(1),
            "zeros": np.where(rng.random(150) < 0.4, 0.0, rng.normal(size=150)),
        }
    )
    score = x["wide"] / 1e4 + x["thin"] ** 2 + x["zeros"]
    y = np.digitize(score, np.quantile(score, [0.5] if classes == 2 else [0.35, 0.7]))
    return (x.mask(rng.random(x.shape) < 0.1) if missing else x), y


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", FINITE)
def test_a_model_of_finite_numbers_is_its_structure(
    name: str, classes: int, made: Make, agrees: Agrees
) -> None:
    x, y = _table(classes, missing=False)
    model = FINITE[name]().fit(x, y)
    agrees(*made(model, x[:60], x, y))


@pytest.mark.nightly(every=2)
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", MISSING)
def test_a_model_of_missing_numbers_is_its_structure(
    name: str, classes: int, made: Make, agrees: Agrees
) -> None:
    x, y = _table(classes, missing=True)
    model = MISSING[name]().fit(x, y)
    agrees(*made(model, x[:60], x, y))


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("policy", ["SymmetricTree", "Lossguide"])
def test_a_model_of_catboost_is_its_structure(
    policy: str, classes: int, made: Make, agrees: Agrees
) -> None:
    catboost = pytest.importorskip("catboost")
    x, y = _table(classes, missing=True)
    model = catboost.CatBoostClassifier(
        iterations=8,
        depth=3,
        grow_policy=policy,
        verbose=0,
        allow_writing_files=False,
        thread_count=1,
    )
    agrees(*made(model.fit(x, y), x[:60], x, y))


@pytest.mark.parametrize("classes", [2, 3])
def test_early_stopping_leaves_the_best_rounds(classes: int, made: Make, agrees: Agrees) -> None:
    x, y = _table(classes, missing=True)
    model = xgboost.XGBClassifier(n_estimators=60, early_stopping_rounds=2, n_jobs=1)
    model.fit(x[:75], y[:75], eval_set=[(x[75:], y[75:])], verbose=False)
    assert model.best_iteration < 59

    found = agrees(*made(model, x[:60], x, y))

    assert len(found.roots) == (model.best_iteration + 1) * (1 if classes == 2 else 3)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("suffix", [".json", ".ubj", ".txt"])
def test_a_file_of_a_library_is_its_structure(
    suffix: str, classes: int, made: Make, agrees: Agrees, tmp_path: Path
) -> None:
    x, y = _table(classes, missing=True)
    path = tmp_path / f"model{suffix}"
    if suffix == ".txt":
        model = lightgbm.LGBMClassifier(n_estimators=6, **_QUIET).fit(x, y)
        model.booster_.save_model(path)
    else:
        model = xgboost.XGBClassifier(n_estimators=6, n_jobs=1).fit(x, y)
        model.save_model(path)
    read = read_model_file(path, path.read_bytes(), Permission()).model

    agrees(*made(read, x[:60], x, y))


def test_a_class_that_the_model_never_saw_is_never_the_largest() -> None:
    x, y = _table(3, missing=False)
    raw = x.to_numpy()
    seen = y > 0
    scaling = Scaling("range", raw.min(axis=0), np.ptp(raw, axis=0))
    for estimator in (GradientBoostingClassifier(n_estimators=5), RandomForestClassifier(3)):
        estimator.fit(scaling.apply(raw[seen]), y[seen])
        model = SklearnModel(estimator, scaling, 3)

        found = checked_structure(model, box_of(raw), raw)

        assert isinstance(found, TreeEnsemble)
        assert (found.scores(raw).argmax(axis=1) == model.predict(raw)).all()


def test_classes_keep_the_order_of_the_data(made: Make, agrees: Agrees) -> None:
    x, y = _table(3, missing=False)
    names = np.array(["low", "high", "mid"])[y]
    agrees(*made(RandomForestClassifier(5, random_state=0).fit(x, names), x[:60], x, names))


def test_a_model_of_one_leaf_is_a_structure(made: Make, agrees: Agrees) -> None:
    x, y = _table(2, missing=False)
    model = xgboost.XGBClassifier(n_estimators=2, gamma=1e9, n_jobs=1).fit(x, y)
    found = agrees(*made(model, x[:60], x, y))
    assert (found.feature < 0).all()


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (KNeighborsClassifier(), "nothing is known of the inside of KNeighborsClassifier"),
        (VotingClassifier(_VOTES, voting="hard"), "only soft votes are read"),
        (
            VotingClassifier([("a", KNeighborsClassifier())], voting="soft"),
            "probabilities of KNeighborsClassifier, of which nothing is known",
        ),
        (
            GradientBoostingClassifier(n_estimators=2, init=DecisionTreeClassifier()),
            "begins with DecisionTreeClassifier",
        ),
        (xgboost.XGBClassifier(n_estimators=2, missing=0.0), r"takes 0\.0 for a missing value"),
        (xgboost.XGBClassifier(n_estimators=2, objective="binary:logitraw"), "objective is"),
        (
            lightgbm.LGBMClassifier(n_estimators=2, linear_tree=True, **_QUIET),
            "leaves are linear models",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:[\\s\\S]*:UserWarning")
def test_what_is_no_sum_of_leaves_has_a_reason(model: Any, reason: str, made: Make) -> None:
    x, y = _table(2, missing=False)
    asked, space, rows = made(model.fit(x, y), x[:60], x, y)

    found = structure_of(asked, space, rows.x)

    assert isinstance(found, NoStructure)
    assert re.search(reason, found.reason)
