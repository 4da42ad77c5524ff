"""Models of five libraries, trained for real on breast-cancer, in files of their own formats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import onnxruntime
import pandas as pd
import pytest
import skops.io
import torch
import xgboost
from safetensors.torch import save_file
from skl2onnx import to_onnx
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

Predict = Callable[[np.ndarray], np.ndarray]
TARGET = "diagnosis"


@dataclass(frozen=True)
class Native:
    """A model file, and its own library's predictions: rows (n, d) -> labels 0 and 1 (n,)."""

    path: Path
    predict: Predict
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """Training and test rows, and their files."""

    train: pd.DataFrame
    test: pd.DataFrame
    train_file: Path
    test_file: Path

    @property
    def x(self) -> np.ndarray:
        return self.train.drop(columns=TARGET).to_numpy()

    @property
    def y(self) -> np.ndarray:
        return self.train[TARGET].to_numpy()


@pytest.fixture(scope="session")
def cancer(tmp_path_factory: pytest.TempPathFactory) -> Table:
    frame = load_breast_cancer(as_frame=True).frame.rename(columns={"target": TARGET})
    train, test = train_test_split(frame, test_size=0.3, random_state=0, stratify=frame[TARGET])
    folder = tmp_path_factory.mktemp("cancer")
    train.to_csv(folder / "train.csv", index=False)
    test.to_csv(folder / "test.csv", index=False)
    return Table(train, test, folder / "train.csv", folder / "test.csv")


class Natives(dict[str, Native]):
    """A model for each format, trained on first use."""

    def __init__(self, table: Table, folder: Path) -> None:
        super().__init__()
        self._table, self._folder = table, folder

    def __missing__(self, name: str) -> Native:
        makers = {
            "onnx": _onnx,
            "skops": _skops,
            "xgboost": _xgboost,
            "lightgbm": _lightgbm,
            "torch": _torch,
        }
        self[name] = makers[name](self._table, self._folder)
        return self[name]


@pytest.fixture(scope="session")
def natives(cancer: Table, tmp_path_factory: pytest.TempPathFactory) -> Natives:
    return Natives(cancer, tmp_path_factory.mktemp("models"))


def _onnx(table: Table, folder: Path) -> Native:
    net = MLPClassifier((16,), max_iter=400, random_state=0)
    fitted = make_pipeline(StandardScaler(), net).fit(table.x, table.y)
    proto = to_onnx(fitted, table.x[:1].astype(np.float32), options={"zipmap": False})
    path = folder / "net.onnx"
    path.write_bytes(proto.SerializeToString())
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def predict(x: np.ndarray) -> np.ndarray:
        return session.run(None, {name: x.astype(np.float32)})[0]

    return Native(path, predict)


def _skops(table: Table, folder: Path) -> Native:
    frame = table.train.drop(columns=TARGET)
    fitted = make_pipeline(StandardScaler(), LogisticRegression()).fit(frame, table.y)
    path = folder / "pipeline.skops"
    skops.io.dump(fitted, path)
    return Native(path, lambda x: fitted.predict(pd.DataFrame(x, columns=frame.columns)))


def _xgboost(table: Table, folder: Path) -> Native:
    fitted = xgboost.XGBClassifier(n_estimators=30, max_depth=3, random_state=0, n_jobs=1)
    fitted.fit(table.train.drop(columns=TARGET), table.y)
    path = folder / "trees.json"
    fitted.save_model(path)
    return Native(path, fitted.predict)


def _lightgbm(table: Table, folder: Path) -> Native:
    fitted = lightgbm.LGBMClassifier(n_estimators=30, random_state=0, n_jobs=1, verbose=-1)
    fitted.fit(table.x, table.y)
    path = folder / "trees.txt"
    fitted.booster_.save_model(path)
    return Native(path, fitted.predict)


def _torch(table: Table, folder: Path) -> Native:
    torch.manual_seed(0)
    # the features in one order of magnitude, folded into the first layer afterwards
    low, high = table.x.min(axis=0), table.x.max(axis=0)
    net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 2))
    x = torch.tensor((table.x - low) / (high - low), dtype=torch.float32)
    y = torch.tensor(table.y)
    optimiser = torch.optim.Adam(net.parameters(), 0.01)
    for _ in range(200):
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimiser.step()
    first = net[0]
    with torch.no_grad():
        first.weight /= torch.tensor(high - low, dtype=torch.float32)
        first.bias -= first.weight @ torch.tensor(low, dtype=torch.float32)
    path = folder / "net.safetensors"
    save_file(net.state_dict(), path)

    def predict(rows: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return net(torch.tensor(rows, dtype=torch.float32)).argmax(dim=1).numpy()

    return Native(path, predict, ("--arch", "mlp"))


@pytest.fixture
def arrays() -> Callable[[Path], dict[str, Any]]:
    """Return a function that reads the only cell of a run with NumPy alone."""

    def read(run: Path) -> dict[str, Any]:
        (file,) = (run / "cells").glob("*.npz")
        with np.load(file) as stored:
            return dict(stored)

    return read
