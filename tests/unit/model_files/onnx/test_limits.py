"""Graphs in small files that would need unbounded time or memory."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.datasets import load_iris
from sklearn.neighbors import KNeighborsClassifier

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.model_files.onnx import timed_session as onnx_timed
from genlabel_robust.model_files.onnx.file import read
from genlabel_robust.model_files.onnx.timed_session import Timed
from genlabel_robust.model_files.reading import Permission

FLOAT, INT, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
node, info = helper.make_node, helper.make_tensor_value_info
START = [node("MatMul", ["x", "W"], ["z"])]


def model(nodes: Sequence[Any], functions: Sequence[Any] = (), **constants: Any) -> bytes:
    """A model (n, 5) -> (n, 2): a matrix product gives "z", from which ``nodes`` compute "y"."""
    constants["W"] = np.ones((5, 2), dtype=np.float32)
    graph = helper.make_graph(
        [*START, *nodes],
        "graph",
        [info("x", FLOAT, ["n", 5])],
        [info("y", FLOAT, ["n", 2])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    made = helper.make_model(
        graph,
        functions=functions,
        ir_version=9,
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("d", 1)],
    )
    return bytes(made.SerializeToString())


def load(content: bytes) -> Any:
    return read(Path("m.onnx"), content, Permission()).model


def refusal(content: bytes) -> str:
    began = time.monotonic()
    with pytest.raises(ConfigurationError, match=r"m\.onnx cannot be evaluated") as caught:
        load(content)
    assert time.monotonic() - began < 120
    return str(caught.value)


def loop(trips: str, *body: Any) -> Any:
    """A Loop that adds 1 to "z" in each iteration; ``body``: more nodes."""
    nodes = [node("Identity", ["c"], ["c2"]), node("Add", ["v", "one"], ["v2"]), *body]
    graph = helper.make_graph(
        nodes,
        "body",
        [info("i", INT, []), info("c", BOOL, []), info("v", FLOAT, None)],
        [info("c2", BOOL, []), info("v2", FLOAT, None)],
        [numpy_helper.from_array(np.float32(1), "one")],
    )
    return node("Loop", [trips, "C", "z"], ["y"], body=graph)


def test_a_loop_of_a_few_rounds_is_run() -> None:
    found = load(model([loop("M")], M=np.int64(3), C=np.array(True)))
    assert (found.scores(np.zeros((4, 5))) == 3).all()
    assert isinstance(found.session, Timed)


@pytest.mark.parametrize(
    "content",
    [
        model([loop("M")], M=np.int64(2**62), C=np.array(True)),
        model([loop("M")], M=np.int64(10_001), C=np.array(True)),
        model([loop("")], C=np.array(True)),
        model([node("Neg", ["N"], ["M"]), loop("M")], N=np.int64(-(2**62)), C=np.array(True)),
        # a name that is a constant elsewhere
        model(
            [
                node("Neg", ["N"], ["M"]),
                loop("M", node("Constant", [], ["M"], value_int=1)),
            ],
            N=np.int64(-(2**62)),
            C=np.array(True),
        ),
    ],
)
def test_a_loop_without_a_near_end_is_refused(content: bytes) -> None:
    assert "a Loop that may run for too long" in refusal(content)


def test_loops_in_loops_are_multiplied() -> None:
    content = model([loop("M", loop("M"), loop("M"))], M=np.int64(10_000), C=np.array(True))
    assert "its loops take more than 10,000,000 steps" in refusal(content)


def test_another_node_that_runs_a_graph_is_refused() -> None:
    body = loop("M").attribute[0].g
    search = node("BeamSearch", ["z"], ["y"], domain="com.microsoft", decoder=body)
    assert "'BeamSearch' runs a graph; only If, Loop, Scan" in refusal(model([search]))


def function(name: str, *nodes: Any) -> Any:
    opsets = [helper.make_opsetid("d", 1), helper.make_opsetid("", 17)]
    return helper.make_function("d", name, ["a"], ["b"], nodes, opsets)


def doubling(depth: int) -> bytes:
    made = [function("F0", node("Relu", ["a"], ["b"]))]
    for i in range(1, depth + 1):
        calls = [node(f"F{i - 1}", [a], [b], domain="d") for a, b in (("a", "c"), ("c", "b"))]
        made.append(function(f"F{i}", *calls))
    return model([node(f"F{depth}", ["z"], ["y"], domain="d")], made)


def test_functions_are_counted_before_they_expand() -> None:
    assert load(doubling(4)).knowledge == "gradients"
    assert "its functions expand to more than 100,000 nodes" in refusal(doubling(25))


def test_functions_that_call_themselves_are_refused() -> None:
    calls = [
        function("F", node("G", ["a"], ["b"], domain="d")),
        function("G", node("F", ["a"], ["b"], domain="d")),
    ]
    assert "calls itself" in refusal(model([node("F", ["z"], ["y"], domain="d")], calls))


MAX = node("ReduceMax", ["b"], ["r"], keepdims=0)
ADD = node("Add", ["z", "r"], ["y"])
FEW, MANY = np.array([3, 4], dtype=np.int64), np.array([30_000, 40_000], dtype=np.int64)
ONE = np.ones((1, 1), dtype=np.float32)
BIG: dict[str, tuple[Any, dict[str, Any], dict[str, Any]]] = {
    "ConstantOfShape": (node("ConstantOfShape", ["S"], ["b"]), {"S": FEW}, {"S": MANY}),
    "Expand": (node("Expand", ["O", "S"], ["b"]), {"S": FEW, "O": ONE}, {"S": MANY, "O": ONE}),
    "Tile": (node("Tile", ["O", "S"], ["b"]), {"S": FEW, "O": ONE}, {"S": MANY, "O": ONE}),
    "Range": (
        node("Range", ["A", "S", "O"], ["b"]),
        {"A": np.float32(0), "S": np.float32(9), "O": np.float32(0.5)},
        {"A": np.float32(0), "S": np.float32(9), "O": np.float32(1e-8)},
    ),
    "RandomUniform": (node("RandomUniform", [], ["b"], shape=[3, 4]), {}, {}),
}


@pytest.mark.parametrize("name", BIG)
def test_a_tensor_that_constants_make_large_is_refused(name: str) -> None:
    made, small, large = BIG[name]
    assert load(model([made, MAX, ADD], **small)).n_classes == 2
    if name == "RandomUniform":
        made = node("RandomUniform", [], ["b"], shape=[30_000, 40_000])
    assert "makes a tensor of" in refusal(model([made, MAX, ADD], **large))


def test_constants_that_are_computed_are_followed() -> None:
    squared = [node("Mul", ["S", "S"], ["T"]), node("ConstantOfShape", ["T"], ["b"]), MAX, ADD]
    assert "makes a tensor of 1.4e+1" in refusal(model(squared, S=FEW * 1000))
    wide = [node("Add", ["A", "B"], ["b"]), MAX, ADD]
    a = np.ones((20_000, 1), dtype=np.float32)
    assert "makes a tensor of 4.0e+08" in refusal(model(wide, A=a, B=a.T.copy()))


def test_neighbours_run_over_their_rows_in_a_scan() -> None:
    x, y = load_iris(return_X_y=True)
    fitted = KNeighborsClassifier().fit(x.astype(np.float32), y)
    content = to_onnx(fitted, x[:1].astype(np.float32)).SerializeToString()
    assert b"Scan" in content
    found = load(content)
    assert isinstance(found.session, Timed)
    assert (found.codes(x) == fitted.predict(x.astype(np.float32))).mean() > 0.95


def test_a_run_that_goes_on_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    more = [node("MatMul", ["Q", "Q"], [f"q{i}"]) for i in range(40)]
    square = np.ones((128, 128), dtype=np.float32)
    found = load(model([loop("M", *more)], M=np.int64(1), C=np.array(True), Q=square))
    onnx_model = onnx.load_from_string(
        model([loop("M", *more)], M=np.int64(10_000), C=np.array(True), Q=square)
    )
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    endless = onnxruntime.InferenceSession(onnx_model.SerializeToString(), options)
    object.__setattr__(found, "session", Timed(endless))
    monkeypatch.setattr(onnx_timed, "LONGEST", 0.2)
    began = time.monotonic()
    with pytest.raises(ConfigurationError, match=r"cannot predict 8 rows: .* more than 0\.2 s"):
        found.scores(np.zeros((4, 5)))
    assert time.monotonic() - began < 120
