"""Graphs that grow without end are refused; only graphs known to be small run in this process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.model_files import own_process as apart
from genlabel_robust.model_files.onnx import file as onnx_file
from genlabel_robust.model_files.own_process import Limits, try_apart
from genlabel_robust.model_files.reading import Permission

WEIGHT = numpy_helper.from_array(np.ones((4, 2), np.float32), "W")
TRIAL = "genlabel_robust.model_files.onnx.trial"
#: Less than models get, for what is asked here takes any.
LITTLE = Limits(processor=3, clock=120, memory=300 << 20)


def node(kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> Any:
    return helper.make_node(kind, list(inputs), [output], **attributes)


def constant(name: str, value: Any) -> Any:
    return numpy_helper.from_array(np.asarray(value), name)


def graph(nodes: Sequence[Any], last: str, *constants: Any) -> bytes:
    """A classifier whose scores are x W plus the sum of the tensor ``last``."""
    end = [
        node("ReduceSum", [last], "sum", keepdims=0),
        node("MatMul", ["x", "W"], "m"),
        node("Add", ["m", "sum"], "y"),
    ]
    made = helper.make_graph(
        [*nodes, *end],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 2])],
        [WEIGHT, *constants],
    )
    opset = [helper.make_opsetid("", 21)]
    return helper.make_model(made, opset_imports=opset, ir_version=9).SerializeToString()


def products() -> bytes:
    first = node("ConstantOfShape", ["s"], "a0", value=constant("v", np.ones(1, np.float32)))
    chain = [node("MatMul", [f"a{i}", "a0"], f"a{i + 1}") for i in range(60)]
    return graph([first, *chain], "a60", constant("s", [10_000, 10_000]))


def texts() -> bytes:
    nodes = [node("StringConcat", [f"t{i}", f"t{i}"], f"t{i + 1}") for i in range(33)]
    nodes += [node("Equal", ["t33", "t0"], "e"), node("Cast", ["e"], "f", to=1)]
    return graph(nodes, "f", constant("t0", np.array(["ab"], dtype=object)))


def doubled() -> bytes:
    nodes = [node("NonZero", ["W"], "d0")]
    nodes += [node("Concat", [f"d{i}", f"d{i}"], f"d{i + 1}", axis=1) for i in range(31)]
    return graph([*nodes, node("Cast", ["d31"], "f", to=1)], "f")


def loop(rounds: int, size: int) -> bytes:
    values = [
        helper.make_tensor_value_info(name, kind, shape)
        for name, kind, shape in (
            ("i", TensorProto.INT64, []),
            ("c", TensorProto.BOOL, []),
            ("z", TensorProto.FLOAT, [size, size]),
            ("co", TensorProto.BOOL, []),
            ("zo", TensorProto.FLOAT, [size, size]),
        )
    ]
    body = helper.make_graph(
        [node("Identity", ["c"], "co"), node("MatMul", ["z", "z"], "zo")],
        "b",
        values[:3],
        values[3:],
    )
    first = node("ConstantOfShape", ["s"], "z0", value=constant("v", np.zeros(1, np.float32)))
    return graph(
        [first, helper.make_node("Loop", ["k", "C", "z0"], ["zz"], body=body)],
        "zz",
        constant("s", [size, size]),
        constant("k", rounds),
        constant("C", True),
    )


@pytest.mark.nightly(but=["sizes"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (texts(), "its first predictions take more than 0.29 GiB of memory"),
        (doubled(), "its first predictions take more than 0.29 GiB of memory"),
        (loop(10_000, 2000), "for a few rows, take more than 3 s"),
    ],
    ids=["texts", "sizes", "loops"],
)
def test_a_graph_that_grows_without_end_is_refused(
    content: bytes, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        onnx_file, "try_apart", lambda module, content: try_apart(module, content, LITTLE)
    )
    with pytest.raises(ConfigurationError, match=rf"m\.onnx cannot be evaluated: .*{told}"):
        onnx_file.read(Path("m.onnx"), content, Permission())


def test_products_of_large_constants_are_not_known_to_be_small() -> None:
    assert onnx_file._decoded(Path("m.onnx"), products())[2] is False


def test_a_loop_that_ends_is_evaluated() -> None:
    found = onnx_file.read(Path("m.onnx"), loop(3, 2), Permission())
    np.testing.assert_allclose(found.model.scores(np.ones((2, 4))), np.full((2, 2), 4.0))


def test_a_net_is_known_to_be_small_and_asked_here_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(module: str, content: bytes) -> None:
        raise AssertionError(module)

    monkeypatch.setattr(onnx_file, "try_apart", never)
    content = graph([node("MatMul", ["x", "W"], "h"), node("Relu", ["h"], "r")], "r")
    onnx_file.read(Path("m.onnx"), content, Permission())


def test_what_ends_the_process_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="it crashes the process"):
        try_apart("os", b"")
    monkeypatch.setattr(apart.sys, "executable", "/no/such/python")
    with pytest.raises(ConfigurationError, match="cannot be started: No such file"):
        try_apart(TRIAL, b"")
