"""Files without a usable ONNX model, each refused with one sentence."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from torch import nn

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.model_files.onnx.file import read
from genlabel_robust.model_files.reading import Permission, Reading, read_model_file

PATH = Path("model.onnx")
X, Y = make_classification(
    120, 4, n_informative=4, n_redundant=0, n_classes=3, n_clusters_per_class=1, random_state=0
)
X = X.astype(np.float32).astype(np.float64)  # so that both libraries are given the same rows
FLOAT = TensorProto.FLOAT


def refusal(content: Any) -> str:
    content = content if isinstance(content, bytes) else content.SerializeToString()
    with pytest.raises(ConfigurationError) as raised:
        read(PATH, content, Permission())
    told = str(raised.value)
    assert "\n" not in told
    assert told.startswith("model.onnx ")
    return told


def graph_model(
    nodes: list[Any],
    inputs: list[tuple[str, int, Any]],
    outputs: list[tuple[str, int, Any]],
    constants: dict[str, Any] | None = None,
) -> Any:
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info(*value) for value in inputs],
        [helper.make_tensor_value_info(*value) for value in outputs],
        [numpy_helper.from_array(np.asarray(v), n) for n, v in (constants or {}).items()],
    )
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("ai.onnx.ml", 3)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9)


def net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3)).eval()


def net_model(batch: Any = "n", kind: int = FLOAT) -> Any:
    """The net as torch exports it; ``batch``: a number of rows, or the name of a free dimension."""
    nodes = [
        helper.make_node("Gemm", ["input", "0.weight", "0.bias"], ["h"], transB=1),
        helper.make_node("Relu", ["h"], ["r"]),
        helper.make_node("Gemm", ["r", "2.weight", "2.bias"], ["output"], transB=1),
    ]
    wide = net().double() if kind == TensorProto.DOUBLE else net()
    weights = {name: tensor.numpy() for name, tensor in wide.state_dict().items()}
    return graph_model(
        nodes, [("input", kind, [batch, 4])], [("output", kind, [batch, 3])], weights
    )


def test_the_reader_of_the_ending_is_this_one() -> None:
    reading = read_model_file(PATH, net_model().SerializeToString(), Permission())
    assert isinstance(reading, Reading)
    assert reading.format == "ONNX"
    assert reading.library == f"onnxruntime {onnxruntime.__version__}"


@pytest.mark.parametrize("tenths", range(1, 10))
@pytest.mark.parametrize(
    "make", [net_model, lambda: to_onnx(RandomForestClassifier(5, random_state=0).fit(X, Y), X)]
)
def test_a_file_that_is_cut_off_is_refused_in_one_sentence(
    make: Callable[[], Any], tenths: int
) -> None:
    content = make().SerializeToString()
    refusal(content[: len(content) * tenths // 10])


@pytest.mark.parametrize(
    "content",
    [
        np.random.default_rng(0).bytes(1000),
        b"PK\x05\x06" + bytes(18),
        b'{"learner": {}}',
        b"\x80\x04N.",
        b"\n",
        graph_model([], [("x", FLOAT, ["n", 2])], [("x", FLOAT, ["n", 2])]).SerializeToString(),
    ],
    ids=["random", "zip", "json", "pickle", "newline", "empty graph"],
)
def test_a_file_of_another_kind_is_refused_in_one_sentence(content: bytes) -> None:
    assert "is not an ONNX model, or it is damaged" in refusal(content)


@pytest.mark.nightly
def test_bytes_changed_at_random_give_a_model_or_a_sentence() -> None:
    rng = np.random.default_rng(0)
    whole = net_model().SerializeToString()
    told: list[str] = []
    for _ in range(200):
        content = bytearray(whole)
        content[rng.integers(len(content))] = rng.integers(256)
        try:
            read(PATH, bytes(content), Permission())
        except ConfigurationError as error:
            told.append(str(error))
    assert 0 < len(told) < 200
    assert not any("\n" in sentence for sentence in told)


@pytest.mark.parametrize("inner", [False, True])
def test_tensors_in_other_files_are_refused(inner: bool) -> None:
    model = net_model()
    tensor = model.graph.initializer[0]
    if inner:
        model.graph.node.append(helper.make_node("Constant", [], ["c"], value=tensor))
        tensor = model.graph.node[-1].attribute[0].t
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../../etc/passwd"
    assert "in another file, which is not read; save everything in one file" in refusal(model)


def test_an_operator_that_onnxruntime_does_not_have_is_its_own_sentence() -> None:
    node = helper.make_node("Magic", ["x"], ["y"], domain="com.example")
    model = graph_model([node], [("x", FLOAT, ["n", 2])], [("y", FLOAT, ["n", 2])])
    model.opset_import.append(helper.make_opsetid("com.example", 1))
    told = refusal(model)
    assert "cannot be run by onnxruntime" in told
    assert "Magic" in told


def test_weights_larger_than_the_file_are_refused() -> None:
    model = net_model()
    model.graph.initializer[0].dims[:] = [10**6, 10**6]
    # by onnxruntime, or else by the size of what it would answer
    assert re.search("cannot be run by onnxruntime|more than 2 GiB", refusal(model))


def test_without_onnxruntime_the_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert "pip install 'genlabel-robust[onnx]'" in refusal(b"x")


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    refusal(net_model().SerializeToString()[:300])
    warned = net_model()  # onnxruntime's warning: that it removes what is not used
    warned.graph.initializer.append(numpy_helper.from_array(np.ones(3), "unused"))
    model = read(PATH, warned.SerializeToString(), Permission()).model
    with pytest.raises(ConfigurationError):
        model.scores(X[:, :2])
    model.scores(X)
    assert capfd.readouterr() == ("", "")
