"""Formats whose loaders execute code in the file."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import lightgbm
import numpy as np
import pytest
import torch
import xgboost
from sklearn.ensemble import IsolationForest, RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.model_files import EXECUTED
from genlabel_robust.model_files.notes import EXECUTED_NOTE
from genlabel_robust.model_files.reading import Permission, Reading, model_bytes, read_model_file
from genlabel_robust.models.adapters.torch_module import ModuleAdapter, module_answer

TRUST = Permission(trust=True)


class Planted:
    """An object that creates a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return Path.touch, (self.mark,)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm = nn.Linear(4, 8), nn.BatchNorm1d(8)
        self.drop, self.last = nn.Dropout(0.5), nn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(self.drop(torch.relu(self.norm(self.first(x)))))


def read(path: Path, permission: Permission = TRUST) -> Reading:
    return read_model_file(path, model_bytes(path, permission), permission)


@pytest.fixture
def net() -> Net:
    torch.manual_seed(0)
    found = Net()
    found(torch.randn(64, 4) * 3)  # gives the norm something to remember
    return found


@pytest.fixture
def rows() -> Any:
    return np.random.default_rng(0).normal(size=(21, 4)) * 3


@pytest.fixture
def no_deprecation() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of TorchScript
        yield


def logits(module: nn.Module, rows: Any) -> Any:
    with torch.no_grad():
        return module.eval()(torch.from_numpy(rows).float()).double().numpy()


def export(module: nn.Module, path: Path) -> Path:
    shape = ({0: torch.export.Dim("n")},)
    torch.export.save(torch.export.export(module, (torch.zeros(8, 4),), dynamic_shapes=shape), path)
    return path


@pytest.mark.parametrize("ending", sorted(EXECUTED))
def test_nothing_is_executed_without_trust(ending: str, tmp_path: Path) -> None:
    mark, path = tmp_path / "executed", tmp_path / f"m{ending}"
    content = pickle.dumps(Planted(mark))
    if ending in (".pt", ".pth"):
        torch.save(Planted(mark), path)
        content = path.read_bytes()
    path.write_bytes(content)
    for ask in (
        lambda: model_bytes(path, Permission()),
        lambda: read_model_file(path, content, Permission("mlp", types=("os.system",))),
    ):
        with pytest.raises(ConfigurationError, match=r"is not read: .*--trust"):
            ask()
    assert not mark.exists()
    with pytest.raises(ConfigurationError):  # it is no model
        read(path)
    assert mark.exists() == (ending != ".pt2")


@pytest.mark.parametrize("ending", [".pkl", ".pickle", ".joblib"])
def test_any_pickled_classifier_is_returned_as_it_is(
    ending: str, tmp_path: Path, data: Any, asked: Any
) -> None:
    x, y = data("iris")
    models = {
        "scikit-learn": make_pipeline(StandardScaler(), LogisticRegression()),
        "xgboost": xgboost.XGBClassifier(n_estimators=3, n_jobs=1),
        "lightgbm": lightgbm.LGBMClassifier(n_estimators=3, n_jobs=1, verbose=-1),
    }
    for library, model in models.items():
        path, rows = tmp_path / f"{library}{ending}", asked(x, 100, missing=False)
        model.fit(x, y)
        if ending == ".joblib":
            joblib.dump(model, path)
        else:
            path.write_bytes(pickle.dumps(model))
        found = read(path)
        assert type(found.model) is type(model)
        assert (found.model.predict(rows) == model.predict(rows)).all()
        assert found.library.startswith(f"{library} ")
        assert found.notes == (EXECUTED_NOTE,)


def test_a_model_of_another_version_is_noted(tmp_path: Path, data: Any) -> None:
    path = tmp_path / "m.pkl"
    model = RandomForestClassifier(2).fit(*data("iris"))
    import sklearn

    content = pickle.dumps(model)
    now = sklearn.__version__.encode()
    assert now in content
    path.write_bytes(content.replace(now, b"0" + now[1:]))
    notes = read(path).notes
    assert len(notes) == 2
    assert "another version of scikit-learn (0" in notes[1]


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (RandomForestRegressor(2), "RandomForestRegressor, which is a regressor"),
        (IsolationForest(n_estimators=2), "which is an outlier detector"),
        (make_pipeline(StandardScaler()), "does not predict|no attribute 'predict'|holds a"),
        (StandardScaler(), "does not predict"),
        ({"model": 1}, "dict of 'model'"),
        ([1, 2], "does not predict"),
        (LogisticRegression, "does not predict"),
    ],
)
def test_what_is_no_classifier_is_refused(model: Any, told: str, tmp_path: Path, data: Any) -> None:
    path = tmp_path / "m.pkl"
    if hasattr(model, "fit") and not isinstance(model, type):
        model.fit(*data("iris"))
    path.write_bytes(pickle.dumps(model))
    with pytest.raises(ConfigurationError, match=f"m.pkl holds a.*({told})"):
        read(path)


def test_a_booster_below_its_classifier_is_refused(tmp_path: Path, data: Any) -> None:
    x, y = data("cancer")
    xgb = xgboost.XGBClassifier(n_estimators=2, n_jobs=1).fit(x, y).get_booster()
    lgb = lightgbm.LGBMClassifier(n_estimators=2, n_jobs=1, verbose=-1).fit(x, y).booster_
    for name, booster in (("xgb", xgb), ("lgb", lgb)):
        path = tmp_path / f"{name}.pkl"
        path.write_bytes(pickle.dumps(booster))
        with pytest.raises(ConfigurationError, match="save_model"):
            read(path)


@pytest.mark.parametrize("training", [True, False])
def test_a_script_is_read_and_asked_in_evaluation_mode(
    training: bool, net: Net, rows: Any, tmp_path: Path, no_deprecation: None
) -> None:
    torch.jit.script(net.train(training)).save(tmp_path / "m.pt")
    found = read(tmp_path / "m.pt")
    assert found.format == "TorchScript"
    check_module(found.model, net, rows)


def check_module(module: nn.Module, net: Net, rows: Any) -> None:
    """Check that a module read from a file has the scores of ``net``, and gradients."""
    assert np.allclose(module_answer(module, rows), logits(net, rows), atol=1e-5)
    model = ModuleAdapter(module, 3)
    assert np.allclose(model.scores(rows), logits(net, rows), atol=1e-5)
    scores, gradient = model.vjp(rows, lambda s: np.eye(3)[s.argmax(axis=1)])
    assert np.allclose(scores, logits(net, rows), atol=1e-5)
    assert np.abs(gradient).max() > 0


def test_a_pickled_module_and_a_module_in_a_pickle(rows: Any, tmp_path: Path) -> None:
    module = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3))
    torch.save(module, tmp_path / "m.pth")
    (tmp_path / "m.pkl").write_bytes(pickle.dumps(module))
    for name in ("m.pth", "m.pkl"):
        assert np.array_equal(logits(read(tmp_path / name).model, rows), logits(module, rows))


@pytest.mark.parametrize("ending", [".pt", ".pkl"])
def test_weights_without_a_net_are_refused_with_advice(
    ending: str, net: Net, tmp_path: Path
) -> None:
    path = tmp_path / f"m{ending}"
    state = net.state_dict()
    torch.save(state, path) if ending == ".pt" else path.write_bytes(pickle.dumps(state))
    with pytest.raises(ConfigurationError, match=r"as \.safetensors .*, and name the architecture"):
        read(path)
    torch.save({"epoch": 3, "model": state}, tmp_path / "m.pth")
    with pytest.raises(ConfigurationError, match="a dict of 'epoch', 'model'"):
        read(tmp_path / "m.pth")


def test_an_exported_program_is_a_given_module(net: Net, rows: Any, tmp_path: Path) -> None:
    found = read(export(net.eval(), tmp_path / "m.pt2"))
    assert found.format == "torch.export"
    check_module(found.model, net, rows)


def test_an_exported_program_in_another_module_keeps_nothing_else_in_training(
    net: Net, rows: Any, tmp_path: Path
) -> None:
    module = read(export(net.eval(), tmp_path / "m.pt2")).model
    around = nn.Sequential(module, nn.Dropout(0.9))
    check_module(around, net, rows)
    assert around.training
    assert around[1].training


# torch before 2.6 says so of its own way to read a program
@pytest.mark.filterwarnings("ignore:You are using `torch.load`:FutureWarning")
def test_a_program_exported_in_training_mode_is_refused(
    net: Net, rows: Any, tmp_path: Path
) -> None:
    path = export(net.train(), tmp_path / "m.pt2")
    with pytest.raises(ConfigurationError, match=r"m.pt2: .*after module.eval\(\)"):
        read(path)
    with pytest.raises(ConfigurationError, match="in training mode"):
        module_answer(torch.export.load(path).module(), rows)


def test_damaged_files_are_refused_in_a_sentence(
    net: Net, tmp_path: Path, data: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    x, y = data("iris")
    forest = RandomForestClassifier(2).fit(x, y)
    script, module = io.BytesIO(), io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.save(torch.jit.script(net.eval()), script)
    torch.save(nn.Linear(2, 2), module)
    joblib.dump(forest, tmp_path / "m.joblib")
    whole = {
        ".pkl": pickle.dumps(forest),
        ".joblib": (tmp_path / "m.joblib").read_bytes(),
        ".pt": script.getvalue(),
        ".pth": module.getvalue(),
        ".pt2": export(net.eval(), tmp_path / "m.pt2").read_bytes(),
    }
    for ending, content in whole.items():
        path = tmp_path / f"damaged{ending}"
        for part in (content[: len(content) // 2], content[len(content) // 2 :], b"junk", b"\x80"):
            path.write_bytes(part)
            with pytest.raises(ConfigurationError, match="damaged") as caught:
                read(path)
            assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_a_class_that_is_not_here_is_named(tmp_path: Path) -> None:
    code = (
        "import pickle, sys, types\n"
        "module = sys.modules['elsewhere'] = types.ModuleType('elsewhere')\n"
        "module.Model = type('Model', (), {'__module__': 'elsewhere'})\n"
        "sys.stdout.buffer.write(pickle.dumps(module.Model()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    (tmp_path / "m.pkl").write_bytes(done.stdout)
    with pytest.raises(ConfigurationError, match="No module named 'elsewhere'"):
        read(tmp_path / "m.pkl")
