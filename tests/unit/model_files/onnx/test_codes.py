"""Float columns that a graph casts, uses as indices, or encodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from genlabel_robust.model_files.onnx.codes import coded_columns

COLUMNS = ("a", "b", "c", "d")


def coded(nodes: Sequence[Any], output: str, **constants: Any) -> tuple[str, ...]:
    """Return which of the four columns of x a graph of ``nodes`` uses as codes."""
    graph = helper.make_graph(
        list(nodes),
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 4])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.array(v), name) for name, v in constants.items()],
    )
    return coded_columns(helper.make_model(graph), {"x": COLUMNS})


def node(kind: str, inputs: str, outputs: str, **attributes: Any) -> Any:
    return helper.make_node(kind, inputs.split(), outputs.split(), **attributes)


def test_an_embedding_of_a_column_that_is_gathered_and_cast() -> None:
    nodes = [
        node("Gather", "x one", "column", axis=1),
        node("Cast", "column", "code", to=7),
        node("Gather", "table code", "embedded"),
        node("Slice", "x from to axis", "rest"),
        node("Concat", "embedded rest", "all", axis=1),
    ]
    constants = {
        "one": 1,
        "table": np.ones((5, 2), np.float32),
        "from": [2],
        "to": [4],
        "axis": [1],
    }
    assert coded(nodes, "all", **constants) == ("b",)


def test_a_column_that_also_counts_as_a_number_is_no_code() -> None:
    nodes = [node("Cast", "x", "codes", to=6), node("Mul", "x w", "rest")]
    assert coded(nodes[:1], "codes") == COLUMNS
    assert coded(nodes, "rest", w=np.ones(4, np.float32)) == ()


@pytest.mark.parametrize(
    ("cut", "constants", "expected"),
    [
        (node("Slice", "x from to axis", "y"), {"from": [0], "to": [-2], "axis": [-1]}, ("a", "b")),
        (node("Slice", "x from to axis", "y"), {"from": [0], "to": [2], "axis": [0]}, ()),
        (node("Split", "x sizes", "rest y", axis=1), {"sizes": [3, 1]}, ("d",)),
        (node("Split", "x", "y rest", axis=1), {}, ("a", "b")),
        (node("ArrayFeatureExtractor", "x i", "y", domain="ai.onnx.ml"), {"i": [3, 0]}, ("a", "d")),
        (node("Identity", "x", "y"), {}, COLUMNS),
        (node("Cast", "x", "y", to=11), {}, COLUMNS),
        (node("Reshape", "x shape", "y"), {"shape": [-1, 2]}, ()),
        (node("Floor", "x", "y"), {}, ()),
    ],
)
def test_columns_are_followed_through_what_selects_them(
    cut: Any, constants: dict[str, Any], expected: tuple[str, ...]
) -> None:
    assert coded([cut, node("Cast", "y", "z", to=7)], "z", **constants) == expected


@pytest.mark.parametrize(
    "coder",
    [
        node("OneHotEncoder", "y", "z", domain="ai.onnx.ml", cats_int64s=[0, 1]),
        node(
            "LabelEncoder",
            "y",
            "z",
            domain="ai.onnx.ml",
            keys_floats=[0.0, 1.0],
            values_floats=[1.0, 0.0],
        ),
        node("OneHot", "y depth values", "z"),
        node("Cast", "y", "z", to=8),
    ],
)
def test_encoders_take_codes(coder: Any) -> None:
    nodes = [node("Gather", "x i", "y", axis=1), coder]
    constants = {"i": [2], "depth": 3, "values": [0.0, 1.0]}
    assert coded(nodes, "z", **constants) == ("c",)


def test_what_an_inner_graph_takes_and_what_is_an_output_is_used() -> None:
    inner = helper.make_graph(
        [node("Neg", "x", "n")],
        "inner",
        [],
        [helper.make_tensor_value_info("n", TensorProto.FLOAT, None)],
    )
    branch = node("If", "yes", "b", then_branch=inner, else_branch=inner)
    cast = node("Cast", "x", "z", to=7)
    assert coded([cast, branch], "z", yes=True) == ()
    assert coded([cast], "x") == ()
