"""Files that cannot be audited give one sentence and exit code 2, and write nothing."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import pandas as pd
import pytest
import torch
from onnx import TensorProto, helper
from safetensors.torch import save

if TYPE_CHECKING:
    from tests.cli.audit.conftest import Native, Table
    from tests.cli.conftest import Call


def _graph(outputs: int, bias: float = 0.0, width: int = 30, *, deep: bool = False) -> bytes:
    """Return an ONNX model of one linear layer; ``deep``: its outputs are (n, outputs, 1)."""
    weight = helper.make_tensor("w", TensorProto.FLOAT, [width, outputs], np.ones(width * outputs))
    offset = helper.make_tensor("b", TensorProto.FLOAT, [outputs], [bias] * outputs)
    last = helper.make_tensor("last", TensorProto.INT64, [1], [2])
    more = [helper.make_node("Unsqueeze", ["scores", "last"], ["y"])] if deep else []
    scores = "scores" if deep else "y"
    shape = ["n", outputs, 1] if deep else ["n", outputs]
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["x", "w", "b"], [scores]), *more],
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", width])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [weight, offset, *([last] if deep else [])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 10
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _bomb() -> bytes:
    """Return a small .skops that declares an unpacked size of several gigabytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", json.dumps({"__class__": "dict", "__module__": "builtins"}))
        archive.writestr("bomb.npy", bytes(1 << 20))
        archive.infolist()[-1].file_size = 160 << 24
    return content.getvalue()


@pytest.fixture(scope="module")
def folder(
    cancer: Table, natives: dict[str, Native], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Valid and invalid models and tables, with the names that the cases below use."""
    folder = tmp_path_factory.mktemp("bad")
    names = ("onnx", "skops", "xgboost", "lightgbm", "torch")
    good = {name: natives[name].path.read_bytes() for name in names}
    net = torch.nn.Sequential(torch.nn.Linear(30, 2))
    models: dict[str, bytes] = {
        "good.onnx": good["onnx"],
        "good.skops": good["skops"],
        "narrow.onnx": _graph(2, width=29),
        "deep.onnx": _graph(2, deep=True),
        "nan.onnx": _graph(2, bias=float("nan")),
        "cut.onnx": good["onnx"][: len(good["onnx"]) // 2],
        "cut.safetensors": good["torch"][: len(good["torch"]) // 2],
        "cut.json": good["xgboost"][:-100],
        "cut.txt": good["lightgbm"][:-1000],
        "json.onnx": good["xgboost"],
        "onnx.json": good["onnx"],
        "skops.txt": good["skops"],
        "text.skops": good["lightgbm"],
        "onnx.safetensors": good["onnx"],
        "bomb.skops": _bomb(),
        "empty.onnx": b"",
        "model.h5": b"\x89HDF\r\n",
        "three.safetensors": save(torch.nn.Sequential(torch.nn.Linear(30, 3)).state_dict()),
        "bad-weight.safetensors": save(
            {"0.weight": torch.full((2, 30), torch.nan), "0.bias": torch.zeros(2)}
        ),
        "plain.safetensors": save(net.state_dict()),
    }
    for name, content in models.items():
        (folder / name).write_bytes(content)
    test = cancer.test
    test.to_csv(folder / "test.csv", index=False)
    tables = {
        "narrow.csv": test.drop(columns="mean radius"),
        "renamed.csv": test.rename(columns={"mean radius": "radius"}),
        "zebra.csv": test.assign(diagnosis=["zebra"] * len(test)),
        "unlabelled.csv": test.assign(diagnosis=[None, *test["diagnosis"][1:]]),
        "text.csv": test.assign(**{"mean radius": "large"}),
        "gap.csv": test.assign(**{"mean radius": [None, *test["mean radius"][1:]]}),
        "infinite.csv": test.assign(**{"mean radius": np.inf}),
        "far.csv": test.assign(**{"mean radius": 1e60}),
    }
    for name, frame in tables.items():
        frame.to_csv(folder / name, index=False)
    with (folder / "huge.csv").open("wb") as file:
        file.write(b"a,diagnosis\n1,0\n")
        file.truncate(2 << 30)  # a hole: it takes no room
    return folder


CASES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "width": ("narrow.onnx", "test.csv", ("29 columns", "have 30", "--drop")),
    "fewer columns": ("good.skops", "narrow.csv", ("mean radius",)),
    "a renamed column": ("good.skops", "renamed.csv", ("mean radius", "radius", "--drop")),
    "outputs not (n, k)": ("deep.onnx", "test.csv", ("deep.onnx", "2, 1)")),
    "NaN outputs": ("nan.onnx", "test.csv", ("not finite", "171")),
    "unknown labels": ("good.skops", "zebra.csv", ("zebra", "which the model does not have")),
    "missing labels": ("good.skops", "unlabelled.csv", ("1 row",)),
    "three scores for two labels": ("three.safetensors", "zebra.csv", ("3", "zebra")),
    "ONNX cut off": ("cut.onnx", "test.csv", ("cut.onnx",)),
    "safetensors cut off": ("cut.safetensors", "test.csv", ("cut.safetensors",)),
    "XGBoost cut off": ("cut.json", "test.csv", ("cut.json",)),
    "LightGBM cut off": ("cut.txt", "test.csv", ("cut.txt",)),
    "XGBoost as ONNX": ("json.onnx", "test.csv", ("json.onnx", "ONNX")),
    "ONNX as XGBoost": ("onnx.json", "test.csv", ("onnx.json", "XGBoost")),
    "skops as LightGBM": ("skops.txt", "test.csv", ("skops.txt", "LightGBM")),
    "LightGBM as skops": ("text.skops", "test.csv", ("text.skops", "skops")),
    "ONNX as safetensors": ("onnx.safetensors", "test.csv", ("onnx.safetensors",)),
    "a zip bomb": ("bomb.skops", "test.csv", ("bomb.skops", "unpack", "MB")),
    "an empty file": ("empty.onnx", "test.csv", ("empty",)),
    "an unknown ending": ("model.h5", "test.csv", (".h5", ".onnx")),
    "no model": ("absent.onnx", "test.csv", ("absent.onnx",)),
    "no table": ("good.onnx", "absent.csv", ("absent.csv",)),
    "weights that are no numbers": ("bad-weight.safetensors", "test.csv", ("bad-weight",)),
    "text for a net": ("good.onnx", "text.csv", ("mean radius",)),
    "missing values for a net": ("plain.safetensors", "gap.csv", ("missing", "mean radius")),
    "infinite values": ("good.onnx", "infinite.csv", ("infinite", "mean radius")),
    "values that no float32 holds": ("good.onnx", "far.csv", ("1e+30", "mean radius")),
    "2 GB of table": ("good.onnx", "huge.csv", ("huge.csv", "2.1 GB")),
}


@pytest.mark.parametrize("case", CASES)
def test_one_sentence_and_nothing_written(
    case: str,
    folder: Path,
    call: Callable[..., Call],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    model, data, told = CASES[case]
    monkeypatch.chdir(tmp_path)
    done = call("audit", folder / model, "--data", folder / data, "--target", "diagnosis")
    assert done.code == 2, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert len(done.stderr) < 900
    for word in told:
        assert word in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--target", "nosuch"), ("nosuch", "target")),
        (("--target", "diagnosis", "--drop", "nosuch"), ("nosuch",)),
        (("--target", "diagnosis", "--drop", "diagnosis"), ("cannot be dropped",)),
        (("--target", "diagnosis", "--suite", "quikc"), ("quikc", "quick")),
        (("--target", "diagnosis", "--eps", "-1"), ("-1",)),
        (("--target", "diagnosis", "--class", "1"), ("one class",)),
        (("--target", "diagnosis", "--reference", "renamed.csv"), ("mean radius",)),
        (("--target", "diagnosis", "--set", "constraints.immutable=['nosuch']"), ("nosuch",)),
    ],
)
def test_options_that_do_not_fit(
    options: tuple[str, ...],
    told: tuple[str, ...],
    folder: Path,
    call: Callable[..., Call],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(folder)
    out = tmp_path / "run"
    done = call("audit", "plain.safetensors", "--data", "test.csv", "--out", out, *options)
    assert done.code == 2, done.stderr
    for word in told:
        assert word in done.stderr
    assert not out.exists()


class _Planted:
    """An object that creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("ending", [".pkl", ".joblib", ".pt", ".pth", ".pickle", ".pt2"])
def test_a_pickle_is_refused_before_a_byte_of_it_is_executed(
    ending: str, folder: Path, call: Callable[..., Call], tmp_path: Path
) -> None:
    mark = tmp_path / "executed"
    path = tmp_path / f"model{ending}"
    path.write_bytes(pickle.dumps(_Planted(mark)))
    data = ("--data", folder / "test.csv", "--target", "diagnosis", "--out", tmp_path / "run")
    done = call("audit", path, *data)
    assert done.code == 2
    assert "--trust" in done.stderr
    assert not mark.exists()
    if ending in (".pkl", ".pickle"):  # the plant is a real one
        assert call("audit", path, *data, "--trust").code == 2
        assert mark.exists()
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("ending", [".onnx", ".skops", ".json", ".txt", ".safetensors", ".ubj"])
def test_a_pickle_under_another_ending_is_not_executed(
    ending: str, folder: Path, call: Callable[..., Call], tmp_path: Path
) -> None:
    mark = tmp_path / "executed"
    path = tmp_path / f"model{ending}"
    path.write_bytes(pickle.dumps(_Planted(mark)))
    done = call("audit", path, "--data", folder / "test.csv", "--target", "diagnosis", "--trust")
    assert done.code == 2
    assert not mark.exists()


def test_a_table_without_rows_is_refused(
    folder: Path, call: Callable[..., Call], tmp_path: Path
) -> None:
    path = tmp_path / "none.csv"
    pd.read_csv(folder / "test.csv", nrows=0).to_csv(path, index=False)
    done = call("audit", folder / "good.onnx", "--data", path, "--target", "diagnosis")
    assert done.code == 2
    assert "no rows" in done.stderr
