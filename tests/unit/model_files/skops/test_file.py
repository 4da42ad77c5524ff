from __future__ import annotations

import functools
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn import calibration
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import FeatureAgglomeration
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.feature_selection import SelectKBest, mutual_info_classif
from sklearn.impute import IterativeImputer, SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeClassifier, SGDClassifier
from sklearn.model_selection import (
    GridSearchCV,
    RepeatedStratifiedKFold,
    TunedThresholdClassifierCV,
)
from sklearn.multiclass import OutputCodeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.data.task import Scaling
from genlabel_robust.model_files.reading import Permission, Reading, read_model_file
from genlabel_robust.models.model import SklearnModel
from genlabel_robust.runs.folder.weights import weights_file

CLASSIFIERS: dict[str, Any] = {
    "random forest": RandomForestClassifier(5),
    "extra trees": ExtraTreesClassifier(5),
    "histograms": HistGradientBoostingClassifier(max_iter=5),
    "histograms, early": HistGradientBoostingClassifier(max_iter=5, early_stopping=True),
    "boosting": GradientBoostingClassifier(n_estimators=5),
    "logistic": LogisticRegression(),
    "support vectors": SVC(),
    "linear support vectors": LinearSVC(),
    "net": MLPClassifier(tol=10.0, n_iter_no_change=1),
    "neighbours": KNeighborsClassifier(),
    "all neighbours": KNeighborsClassifier(algorithm="brute"),
    "a ball tree": KNeighborsClassifier(algorithm="ball_tree", metric="manhattan"),
    "bayes": GaussianNB(),
    "calibrated": CalibratedClassifierCV(SVC()),
    "isotonic": CalibratedClassifierCV(GaussianNB(), method="isotonic"),
    "voting": VotingClassifier([("a", LogisticRegression()), ("b", RandomForestClassifier(3))]),
    "stacking": StackingClassifier([("a", LogisticRegression()), ("b", DecisionTreeClassifier())]),
    "tree": DecisionTreeClassifier(),
    "ridge": RidgeClassifier(),
    "sgd": SGDClassifier(loss="log_loss"),
    "ada": AdaBoostClassifier(n_estimators=3),
    "bagging": BaggingClassifier(n_estimators=3, max_features=0.5),
    "search": GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}),
    "selected": make_pipeline(SelectKBest(k=2), LogisticRegression()),
    "components": make_pipeline(PCA(2), SVC()),
    "absolute": make_pipeline(FunctionTransformer(np.abs), LogisticRegression()),
}
#: Estimators whose own helpers skops does not know, with those of their rows and labels.
HELPED: dict[str, tuple[Any, str]] = {
    "categories by type": (HistGradientBoostingClassifier(max_iter=3), "typed"),
    "categories by name": (
        HistGradientBoostingClassifier(max_iter=3, categorical_features=["k"]),
        "typed",
    ),
    "categories by number": (
        HistGradientBoostingClassifier(max_iter=3, categorical_features=[1]),
        "coded",
    ),
    "temperature": (CalibratedClassifierCV(GaussianNB(), method="temperature", cv=3), "numbers"),
    "imputed by each other": (
        make_pipeline(IterativeImputer(max_iter=2), LogisticRegression()),
        "numbers",
    ),
    "chosen by information": (
        make_pipeline(SelectKBest(mutual_info_classif, k=1), LogisticRegression()),
        "numbers",
    ),
    "search by a score": (
        GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, scoring="roc_auc", cv=3),
        "numbers",
    ),
    "search, repeated": (
        GridSearchCV(
            LogisticRegression(), {"C": [0.1, 1.0]}, cv=RepeatedStratifiedKFold(n_splits=2)
        ),
        "numbers",
    ),
    "tuned threshold": (TunedThresholdClassifierCV(LogisticRegression()), "numbers"),
    "code of classes": (OutputCodeClassifier(LogisticRegression()), "numbers"),
    "groups of features": (
        make_pipeline(FeatureAgglomeration(2), LogisticRegression()),
        "numbers",
    ),
}
#: What needs a table without zeros left out.
DENSE = ("histograms", "histograms, early", "bayes", "isotonic")


def read(content: bytes, types: tuple[str, ...] = ()) -> Reading:
    return read_model_file(Path("m.skops"), content, Permission(types=types))


def quiet(fit: Callable[[], Any]) -> Any:
    # one thread: small fits only wait for others
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")  # that a fit did not converge is no matter here
        return fit()


def columns(dense: bool) -> ColumnTransformer:
    words = make_pipeline(
        SimpleImputer(strategy="most_frequent"),
        OneHotEncoder(handle_unknown="ignore", sparse_output=not dense),
    )
    return ColumnTransformer(
        [
            (
                "numbers",
                make_pipeline(SimpleImputer(strategy="median"), StandardScaler()),
                [*"abcd"],
            ),
            ("words", words, ["k"]),
            ("order", OrdinalEncoder(categories=[["low", "high"]]), ["o"]),
        ],
        sparse_threshold=0.0 if dense else 1.0,
    )


@pytest.mark.nightly(every=3)
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_usual_classifiers_and_pipelines_need_no_names_of_types(name: str, data: Any) -> None:
    x, y = data("iris")
    frame = pd.DataFrame(x, columns=[*"abcd"]).copy()  # pandas 2 would write into x
    rng = np.random.default_rng(0)
    frame["k"], frame["o"] = rng.choice(["u", "v", "w"], 150), rng.choice(["low", "high"], 150)
    frame.loc[3, "a"], frame.loc[4, "k"] = np.nan, np.nan
    whole = make_pipeline(columns(name in DENSE), CLASSIFIERS[name])
    for model, rows in ((CLASSIFIERS[name], x), (whole, frame)):
        quiet(lambda model=model, rows=rows: model.fit(rows, y))
        found = read(skops.io.dumps(model))
        assert type(found.model) is type(model)
        assert (found.model.predict(rows) == model.predict(rows)).all()
        assert (found.format, found.notes) == ("scikit-learn (skops)", ())
        assert found.library.startswith("scikit-learn 1.")


@pytest.mark.nightly(
    but=[name for name in HELPED if name not in ("tuned threshold", "search, repeated")]
)
@pytest.mark.parametrize("name", HELPED)
def test_helpers_of_scikit_learns_own_need_no_names_of_types(name: str) -> None:
    if name == "temperature" and not hasattr(calibration, "_TemperatureScaling"):
        pytest.skip("scikit-learn calibrates by a temperature from 1.8 on")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(90, 3))
    y = (x[:, 0] + x[:, 1] > 0).astype(int)
    frame = pd.DataFrame({"a": x[:, 0], "k": rng.choice(["u", "v", "w"], 90), "b": x[:, 1]})
    rows: Any = {
        "numbers": x,
        "typed": frame.astype({"k": "category"}),
        "coded": np.column_stack([x[:, 0], rng.integers(0, 3, 90), x[:, 1]]),
    }[HELPED[name][1]]
    model = quiet(lambda: clone(HELPED[name][0]).fit(rows, y))
    found = read(skops.io.dumps(model))
    assert (found.model.predict(rows) == model.predict(rows)).all()


def test_groups_of_features_that_are_not_there_are_refused() -> None:
    x = np.random.default_rng(0).normal(size=(30, 3))
    model = FeatureAgglomeration(2).fit(x)
    model.labels_ = np.array([0, 1, 10**9])
    whole = make_pipeline(model, LogisticRegression())
    with pytest.raises(
        ConfigurationError, match="its groups of features refer to features that do not"
    ):
        read(skops.io.dumps(whole))


def test_arguments_are_bound_to_the_one_function_that_needs_it() -> None:
    bound = FunctionTransformer(functools.partial(np.clip, a_min=0.0, a_max=1.0))
    x = np.random.default_rng(0).normal(size=(30, 3))
    model = make_pipeline(bound, LogisticRegression()).fit(x, np.arange(30) % 2)
    content = skops.io.dumps(model)
    with pytest.raises(ConfigurationError, match=r"m.skops .*numpy.clip"):
        read(content)
    with pytest.raises(ConfigurationError, match=r"it binds arguments to numpy.clip; .*--trust-t"):
        read(content, ("numpy.clip",))
    found = read(content, ("numpy.clip", "functools.partial"))
    assert (found.model.predict(x) == model.predict(x)).all()


def test_a_file_does_not_ask_for_processes_through_a_function() -> None:
    asking = FunctionTransformer(mutual_info_classif, kw_args={"y": [0, 1], "n_jobs": 64})
    with pytest.raises(ConfigurationError, match=r"passes n_jobs to a function; remove it"):
        read(skops.io.dumps(make_pipeline(asking, LogisticRegression())))


def test_a_runs_own_file_brings_its_scaling(data: Any) -> None:
    x, y = data("wine")
    scaling = Scaling("range", x.min(axis=0), np.ptp(x, axis=0))
    model = SklearnModel(RandomForestClassifier(5).fit(scaling.apply(x), y), scaling, 3)
    found = read(weights_file(model, {})[1]).model
    assert isinstance(found, SklearnModel)
    assert found.n_classes == 3
    assert (found.scores(x) == model.scores(x)).all()
    for part in ({"scale": scaling.scale * 0}, {"offset": scaling.offset[1:]}, {"offset": 0}):
        held = {"estimator": model.estimator, "offset": scaling.offset, "scale": scaling.scale}
        with pytest.raises(ConfigurationError, match=r"m.skops does not contain what a run stores"):
            read(skops.io.dumps(held | part))


def test_types_that_are_not_known_are_listed_and_can_be_named() -> None:
    model = make_pipeline(FunctionTransformer(json.dumps), DecisionTreeClassifier())
    content = skops.io.dumps(model)
    with pytest.raises(ConfigurationError, match=r"trusted: json.dumps; .*--trust-type NAME"):
        read(content)
    with pytest.raises(ConfigurationError, match=r"json\.dumps"):
        read(content, ("json.loads", "json"))
    assert read(content, ("json.dumps",)).model.steps[0][1].func is json.dumps


@pytest.mark.parametrize(
    ("held", "told"),
    [
        (RandomForestRegressor(2), "RandomForestRegressor, which is a regressor"),
        (make_pipeline(StandardScaler(), RandomForestRegressor(2)), "which is a regressor"),
        (IsolationForest(n_estimators=2), "outlier detector"),
        (StandardScaler(), "StandardScaler, which does not predict"),
        ({"a": 1}, "builtins.dict, which does not predict"),
        ([1.0, 2.0], "does not predict"),
    ],
)
def test_what_is_no_classifier_is_refused(held: Any, told: str, data: Any) -> None:
    if hasattr(held, "fit"):
        held.fit(*data("iris"))
    with pytest.raises(ConfigurationError, match=f"m.skops holds a.*{told}"):
        read(skops.io.dumps(held))


def test_a_model_of_another_version_is_noted_and_not_printed(
    data: Any, rewritten: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    def older(name: str, content: bytes) -> bytes:
        return content.replace(b'\\"1.', b'\\"0.') if name == "schema.json" else content

    notes = read(rewritten(skops.io.dumps(RandomForestClassifier(3).fit(*data("iris"))), older))
    assert len(notes.notes) == 1
    assert "another version of scikit-learn (0." in notes.notes[0]
    assert capfd.readouterr() == ("", "")


def test_a_start_of_boosting_is_looked_at_before_it_is_asked(
    data: Any, tmp_path: Path, read_all: Any
) -> None:
    start = HistGradientBoostingClassifier(max_iter=2)
    model = GradientBoostingClassifier(init=start, n_estimators=2).fit(*data("iris"))
    (tmp_path / "whole.skops").write_bytes(skops.io.dumps(model))
    for predictor in [p for each in model.init_._predictors for p in each]:
        nodes = predictor.nodes.copy()
        nodes["left"], nodes["right"], nodes["is_leaf"] = 2**31 - 5, 2**31 - 7, 0
        predictor.nodes = nodes
    (tmp_path / "crafted.skops").write_bytes(skops.io.dumps(model))
    # in a process of its own, which it would end
    assert read_all(tmp_path) == (1, 1)


@pytest.mark.parametrize("labels", [np.array([[0], [1]]), np.array(1), np.array([[], []])])
def test_labels_that_are_no_list_of_plain_values_are_refused(labels: Any, data: Any) -> None:
    model = GaussianNB().fit(*data("cancer"))
    model.classes_ = labels
    with pytest.raises(ConfigurationError, match=r"m.skops holds a GaussianNB whose classes_ have"):
        read(skops.io.dumps(model))
    model.classes_ = np.array(["no", "yes"], dtype=object)
    assert read(skops.io.dumps(model)).model.classes_.tolist() == ["no", "yes"]
