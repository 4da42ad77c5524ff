"""Weights are read back, or refused with one sentence that names the file."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import save
from sklearn.linear_model import LogisticRegression
from skops.io import dumps

from genlabel_robust.core import ConfigurationError
from genlabel_robust.data import Scaling
from genlabel_robust.models.model import SklearnModel
from genlabel_robust.runs.folder.weights import read_model, weights_file

NET = SimpleNamespace(architecture="logistic", settings={"architecture": {}})
LINEAR = SimpleNamespace(architecture="sklearn:logistic-regression", settings={})
SCALING = {"scaling.offset": torch.zeros(2), "scaling.scale": torch.ones(2)}


def model(features: int, classes: int) -> SklearnModel:
    rng = np.random.default_rng(0)
    estimator = LogisticRegression().fit(rng.random((30, features)), np.arange(30) % classes)
    scaling = Scaling("range", np.zeros(features), np.ones(features))
    return SklearnModel(estimator, scaling, classes)


def test_a_model_is_read_back(tmp_path: Path) -> None:
    suffix, content = weights_file(model(2, 3), {})
    path = tmp_path / f"m{suffix}"
    path.write_bytes(content)
    x = np.random.default_rng(1).random((5, 2))
    assert (read_model(path, LINEAR, 2, 3).scores(x) == model(2, 3).scores(x)).all()


@pytest.mark.parametrize(("features", "classes"), [(3, 2), (1, 2)])
def test_a_model_of_another_shape_is_refused(tmp_path: Path, features: int, classes: int) -> None:
    suffix, content = weights_file(model(2, 2), {})
    path = tmp_path / f"m{suffix}"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=rf"does not hold a .* of {features} features and"):
        read_model(path, LINEAR, features, classes)


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        (".safetensors", b""),
        (".safetensors", b"\xff" * 64),
        (".safetensors", save(SCALING)),
        (".safetensors", save({"weight": torch.zeros(2, 2)})),
        (".skops", dumps([1, 2])),
        (".skops", dumps({"estimator": LogisticRegression(), "offset": 0.0, "scale": 1.0})),
        (".skops", dumps({"estimator": None, "offset": np.zeros(2), "scale": np.ones(2)})),
    ],
    # skops writes addresses of memory: workers would collect tests of different names
    ids=["empty", "no header", "scaling only", "no scaling", "a list", "no array", "nothing"],
)
def test_a_file_that_holds_no_model_is_refused(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"m{suffix}"
    path.write_bytes(content)
    cell = NET if suffix == ".safetensors" else LINEAR
    with pytest.raises(ConfigurationError, match=f"m{suffix} does not hold a model"):
        read_model(path, cell, 2, 2)
