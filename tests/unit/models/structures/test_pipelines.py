"""Pipelines around trees: every kind of column, and the output of every transformer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.feature_selection import SelectKBest
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)
from sklearn.tree import DecisionTreeClassifier

from genlabel_robust.models.structures.structure_of import structure_of
from genlabel_robust.structure import NoStructure

from .conftest import Agrees, Make

xgboost = pytest.importorskip("xgboost")
lightgbm = pytest.importorskip("lightgbm")

CORES: dict[str, Callable[[], Any]] = {
    "gradient boosting": lambda: GradientBoostingClassifier(n_estimators=15, random_state=0),
    "forest": lambda: RandomForestClassifier(8, random_state=0),
    "histogram boosting": lambda: HistGradientBoostingClassifier(max_iter=15),
    "xgboost": lambda: xgboost.XGBClassifier(n_estimators=15, n_jobs=1),
    "lightgbm": lambda: lightgbm.LGBMClassifier(n_estimators=15, n_jobs=1, verbose=-1),
}
NUMBERS, TEXTS = ["age", "hours", "gain", "tenure"], ["education", "occupation"]
WHOLE = ("age", "hours", "gain")


def _people(n: int = 200) -> tuple[pd.DataFrame, Any]:
    """Return a small table like those of credit and income models, with missing values."""
    rng = np.random.default_rng(0)
    x = pd.DataFrame(
        {
            "age": rng.integers(17, 90, n),
            "education": rng.choice(["HS", "BA", "MA"], n, p=[0.6, 0.3, 0.1]),
            "hours": rng.integers(5, 99, n),
            "occupation": rng.choice(["Exec", "Sales", "Craft", "Admin"], n).astype(object),
            "married": rng.random(n) < 0.5,
            "gain": np.where(rng.random(n) < 0.7, 0, rng.integers(100, 9000, n)),
            "tenure": rng.gamma(2.0, 3.0, n).round(1),
        }
    )
    score = 0.05 * x["age"] + 0.03 * x["hours"] + 0.5 * x["married"] + (x["occupation"] == "Exec")
    y = (score + 0.0003 * x["gain"] + 0.1 * x["tenure"] > score.median() + 1).astype(int)
    x.loc[rng.random(n) < 0.08, "occupation"] = np.nan
    x.loc[rng.random(n) < 0.08, "tenure"] = np.nan
    return x, y


def _before(*, sparse: bool) -> ColumnTransformer:
    number = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    text = make_pipeline(
        SimpleImputer(strategy="most_frequent"),
        OneHotEncoder(handle_unknown="ignore", sparse_output=sparse),
    )
    parts = [("n", number, NUMBERS), ("t", text, TEXTS), ("b", "passthrough", ["married"])]
    return ColumnTransformer(parts, sparse_threshold=1.0 if sparse else 0.0)


@pytest.mark.nightly(every=3)
@pytest.mark.parametrize(
    ("name", "free"), [*((name, ("occupation", "married")) for name in CORES), ("forest", ())]
)
@pytest.mark.filterwarnings("ignore:X does not have valid feature names:UserWarning")
def test_a_realistic_pipeline_is_its_structure(
    name: str, free: tuple[str, ...], made: Make, agrees: Agrees
) -> None:
    x, y = _people()
    sparse = name in ("xgboost", "lightgbm", "forest")
    model = make_pipeline(_before(sparse=sparse), CORES[name]()).fit(x, y)
    agrees(*made(model, x[:80], x, y, free=free, whole=WHOLE))


@pytest.mark.nightly(every=2)
@pytest.mark.parametrize("sparse", [True, False], ids=["sparse", "dense"])
@pytest.mark.parametrize("name", ["xgboost", "lightgbm", "zeros missing to lightgbm"])
@pytest.mark.filterwarnings("ignore:X does not have valid feature names:UserWarning")
def test_what_is_nearly_zero_is_what_the_library_takes_it_for(
    name: str, sparse: bool, made: Make, agrees: Agrees
) -> None:
    rng = np.random.default_rng(0)
    x = pd.DataFrame({"a": rng.integers(-2, 3, 200) * 1.0, "b": rng.choice(list("abcd"), 200)})
    y = ((x["a"] == 0) ^ (x["b"] == "c") ^ (rng.random(200) < 0.1)).astype(int)
    before = ColumnTransformer(
        [("n", MaxAbsScaler(), ["a"]), ("t", OneHotEncoder(sparse_output=sparse), ["b"])],
        sparse_threshold=float(sparse),
    )
    core = CORES[name.rpartition(" ")[2]]()
    if name.startswith("zeros"):
        core.set_params(zero_as_missing=True)
    agrees(*made(make_pipeline(before, core).fit(x, y), x[:80], x, y))


#: What stands before a tree, and on which columns it works.
_STEPS: dict[str, Any] = {
    "standard": StandardScaler(),
    "min-max": MinMaxScaler(clip=True),
    "max-abs": MaxAbsScaler(),
    "robust": RobustScaler(),
    "quantile": QuantileTransformer(n_quantiles=30),
    "power": PowerTransformer(),
    "logarithm": FunctionTransformer(np.log1p),
    "negative": FunctionTransformer(np.negative),
    "binary": Binarizer(threshold=40.0),
    "bins": KBinsDiscretizer(4, encode="ordinal", quantile_method="averaged_inverted_cdf"),
    "one-hot bins": KBinsDiscretizer(4, quantile_method="averaged_inverted_cdf"),
    "one-hot numbers": OneHotEncoder(handle_unknown="ignore"),
    "codes of numbers": OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
    "selection": SelectKBest(k=1),
    "both": FeatureUnion([("a", StandardScaler()), ("b", RobustScaler())]),
    "chain": make_pipeline(MinMaxScaler(), FunctionTransformer(np.sqrt), StandardScaler()),
}


@pytest.mark.nightly(every=3)
@pytest.mark.parametrize(
    ("name", "whole"),
    [
        *((name, ()) for name in _STEPS),
        *((name, ("age", "hours")) for name in ("one-hot bins", "one-hot numbers", "quantile")),
    ],
)
def test_a_step_before_a_tree_is_folded_into_its_thresholds(
    name: str, whole: tuple[str, ...], made: Make, agrees: Agrees
) -> None:
    x, y = _people()
    x = x[["age", "hours"]]
    tree = DecisionTreeClassifier(max_depth=6, random_state=0)
    agrees(*made(make_pipeline(_STEPS[name], tree).fit(x, y), x[:80], x, y, whole=whole))


@pytest.mark.parametrize(
    "step",
    [
        OneHotEncoder(drop="if_binary", min_frequency=0.2, handle_unknown="infrequent_if_exist"),
        OneHotEncoder(drop="first"),
        OrdinalEncoder(encoded_missing_value=-1),
        TargetEncoder(cv=2),
        make_pipeline(SimpleImputer(strategy="constant", fill_value="?"), OneHotEncoder()),
    ],
    ids=["infrequent", "one dropped", "codes", "targets", "imputed"],
)
def test_an_encoder_of_texts_is_followed(step: Any, made: Make, agrees: Agrees) -> None:
    x, y = _people()
    x = x[["occupation", "education", "married"]]
    before = ColumnTransformer([("t", step, TEXTS)], remainder="passthrough", sparse_threshold=0)
    tree = DecisionTreeClassifier(max_depth=6, random_state=0)
    agrees(*made(make_pipeline(before, tree).fit(x, y), x[:80], x, y, free=["occupation"]))


@pytest.mark.parametrize("strategy", ["median", "constant"])
def test_an_imputer_and_its_indicator_are_followed(
    strategy: str, made: Make, agrees: Agrees
) -> None:
    x, y = _people()
    x = x[["tenure", "age"]]
    before = SimpleImputer(strategy=strategy, add_indicator=True)
    tree = DecisionTreeClassifier(max_depth=6, random_state=0)
    found = agrees(*made(make_pipeline(before, StandardScaler(), tree).fit(x, y), x[:80], x, y))
    assert found.feature.max() <= 2


@pytest.mark.nightly(every=2)
@pytest.mark.parametrize("free", [(), ("occupation",)], ids=["fixed", "freed"])
@pytest.mark.parametrize("name", ["histogram boosting", "lightgbm"])
def test_sets_of_categories_are_followed(
    name: str, free: tuple[str, ...], made: Make, agrees: Agrees
) -> None:
    x, y = _people()
    x = x.astype(dict.fromkeys(TEXTS, "category"))
    model = CORES[name]()
    if name == "histogram boosting":
        model.set_params(categorical_features="from_dtype")
    else:
        model.set_params(min_data_per_group=5, cat_smooth=1)
    agrees(*made(model.fit(x, y), x[:80], x, y, free=free))


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (PCA(2), "the pipeline's PCA is none of the transformers"),
        (KNNImputer(), "the pipeline's KNNImputer is none"),
        (SimpleImputer(missing_values=0), "takes 0 for missing"),
        (FunctionTransformer(np.sin), "function sin is none that is known to be monotone"),
        (
            make_pipeline(StandardScaler(), OneHotEncoder(handle_unknown="ignore")),
            "takes numbers that were changed before it",
        ),
    ],
)
def test_a_step_that_cannot_be_followed_has_a_reason(step: Any, reason: str, made: Make) -> None:
    x, y = _people()
    x = x[["age", "hours"]]
    model = make_pipeline(step, DecisionTreeClassifier(max_depth=3)).fit(x, y)
    asked, space, rows = made(model, x[:80], x, y)

    found = structure_of(asked, space, rows.x)

    assert isinstance(found, NoStructure)
    assert reason in found.reason
