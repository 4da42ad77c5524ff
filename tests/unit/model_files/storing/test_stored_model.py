"""Fitted models stored as files: reading gives the same model, and storing is reproducible."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from torch import nn

from genlabel_robust.core import ConfigurationError
from genlabel_robust.model_files.reading import Permission, Reading, read_model_file
from genlabel_robust.model_files.storing.stored_model import StoredModel, stored_model

X = np.random.default_rng(0).normal(size=(90, 3))
Y = (X @ [1.0, 2.0, -1.0] > 0).astype(int) + (X[:, 0] > 1)


def read(stored: StoredModel) -> Reading:
    return read_model_file(Path(stored.name), stored.content, Permission())


def net(*middle: nn.Module) -> nn.Sequential:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(3, 8), *middle, nn.Linear(8, 3))


@pytest.mark.parametrize(
    "make",
    [
        lambda: make_pipeline(StandardScaler(), LogisticRegression()),
        lambda: RandomForestClassifier(5, random_state=0),
        lambda: HistGradientBoostingClassifier(max_iter=5),
    ],
    ids=["pipeline", "forest", "boosting"],
)
def test_an_estimator_is_read_with_the_same_probabilities(make: Callable[[], Any]) -> None:
    model = make().fit(X, Y)
    stored = stored_model(model, 3)
    assert stored.name == f"{type(model).__name__}.skops"
    assert stored.classes == ()
    assert (read(stored).model.predict_proba(X) == model.predict_proba(X)).all()
    # other objects at other places in memory, later
    again = stored_model(copy.deepcopy(model), 3)
    assert again.content == stored.content


def test_linear_layers_with_relus_are_weights_with_their_architecture() -> None:
    for module, architecture in ((net(nn.ReLU()), b"mlp"), (net()[1], b"logistic")):
        stored = stored_model(module, 3)
        assert stored.name.endswith(".safetensors")
        assert architecture in stored.content
    module = net(nn.ReLU())
    model = read(stored_model(module, 3)).model
    with torch.no_grad():
        logits = module(torch.tensor(X, dtype=torch.float32)).numpy()
    assert model.scores(X) == pytest.approx(logits, abs=1e-5)


@pytest.mark.parametrize(
    "module",
    [net(nn.Tanh()), net(nn.BatchNorm1d(8), nn.ReLU()), net(nn.ReLU()).double(), net(nn.Dropout())],
    ids=["tanh", "batch norm", "float64", "dropout"],
)
def test_any_other_module_is_an_onnx_graph_in_evaluation_mode(module: nn.Sequential) -> None:
    stored = stored_model(module.train(), 3)
    assert stored.name == "Sequential.onnx"
    assert stored.content == stored_model(module, 3).content
    assert module.training
    kind = next(module.parameters()).dtype
    with torch.no_grad():
        logits = copy.deepcopy(module).eval()(torch.tensor(X, dtype=kind)).numpy()
    assert read(stored).model.scores(X) == pytest.approx(logits, abs=1e-5)


def test_boosted_classifiers_are_files_of_their_libraries() -> None:
    catboost, lightgbm, xgboost = map(pytest.importorskip, ("catboost", "lightgbm", "xgboost"))
    quiet = {"verbose": 0, "allow_writing_files": False}
    named = np.array(["a", "b", "c"])[Y]
    for model, y, ending, classes in (
        (xgboost.XGBClassifier(n_estimators=4), Y, ".ubj", ("0", "1", "2")),
        (lightgbm.LGBMClassifier(n_estimators=4, verbose=-1), named, ".txt", ("a", "b", "c")),
        (catboost.CatBoostClassifier(iterations=4, **quiet), named, ".cbm", ()),
    ):
        stored = stored_model(model.fit(X, y), 3)
        assert stored.name == f"{type(model).__name__}{ending}"
        assert stored.classes == classes
        assert stored.content == stored_model(model, 3).content
        codes = read(stored).model.codes(X)
        assert (model.classes_[codes] == np.ravel(model.predict(X))).all()


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (lambda x: x[:, 0] > 0, "torch modules, estimators of scikit-learn"),
        (
            make_pipeline(FunctionTransformer(np.testing.assert_equal), LogisticRegression()),
            "numpy.testing",
        ),
    ],
    ids=["function", "code of somebody's"],
)
def test_what_holds_code_is_refused_with_what_to_do(model: Any, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why) as refused:
        stored_model(model, 3)
    assert "export it as ONNX" in str(refused.value)
    assert "verifiable=True" in str(refused.value)
