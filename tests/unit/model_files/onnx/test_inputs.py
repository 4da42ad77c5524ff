"""The inputs of ONNX models: one tensor for a table, or one per column of a frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import (
    BooleanTensorType,
    FloatTensorType,
    Int64TensorType,
    StringTensorType,
)
from sklearn.compose import ColumnTransformer
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from genlabel_robust.core.errors import ConfigurationError, DataError
from genlabel_robust.data.rows import rows_of
from genlabel_robust.model_files.onnx.file import read
from genlabel_robust.model_files.onnx.model import OnnxModel
from genlabel_robust.model_files.reading import Permission
from genlabel_robust.models.adapters.log_probabilities import LogProbabilities
from genlabel_robust.models.as_model import as_model
from genlabel_robust.models.inside import notes_of, whole_of

PATH = Path("model.onnx")
X, Y = make_classification(
    120, 4, n_informative=4, n_redundant=0, n_classes=3, n_clusters_per_class=1, random_state=0
)
X = X.astype(np.float32).astype(np.float64)  # so that both libraries are given the same rows
FLOAT = TensorProto.FLOAT


def found(model: Any) -> OnnxModel:
    read_one = read(PATH, model.SerializeToString(), Permission()).model
    assert isinstance(read_one, OnnxModel)
    return read_one


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


@pytest.mark.parametrize("kind", [TensorProto.FLOAT16, TensorProto.DOUBLE])
def test_rows_are_given_in_the_type_that_the_model_takes(kind: int) -> None:
    node = helper.make_node("Neg", ["x"], ["y"])
    model = found(graph_model([node], [("x", kind, ["n", 2])], [("y", kind, ["n", 2])]))
    third = np.float64(np.float16(1 / 3)) if kind == TensorProto.FLOAT16 else 1 / 3
    np.testing.assert_array_equal(model.scores(np.full((1, 2), 1 / 3)), [[-third, -third]])
    np.testing.assert_array_equal(model.vjp(np.ones((1, 2)), np.ones_like)[1], [[-1, -1]])


def test_missing_numbers_reach_the_model() -> None:
    nodes = [
        helper.make_node("IsNaN", ["x"], ["is"]),
        helper.make_node("Cast", ["is"], ["y"], to=FLOAT),
    ]
    model = found(graph_model(nodes, [("x", FLOAT, ["n", 2])], [("y", FLOAT, ["n", 2])]))
    np.testing.assert_array_equal(model.scores(np.array([[1, np.nan]])), [[0, 1]])
    assert model.knowledge == "scores"


def test_a_tensor_of_whole_numbers_takes_those_only() -> None:
    whole = np.arange(120).reshape(-1, 1) % np.array([5, 7])
    estimator = LogisticRegression().fit(whole, Y)
    model = found(convert_sklearn(estimator, initial_types=[("x", Int64TensorType([None, 2]))]))
    assert (model.takes, model.whole, model.knowledge) == ("numbers", ("0", "1"), "scores")
    np.testing.assert_allclose(
        model.scores(whole + 1e-9), estimator.predict_proba(whole), atol=1e-6
    )
    for wrong in (0.5, np.nan, np.inf, 1e300):
        with pytest.raises(DataError, match="takes whole numbers from"):
            model.scores(np.full((3, 2), wrong))


FRAME = pd.DataFrame(
    {
        "age": X[:, 0],
        "city": np.array(["Rome", "Oslo", "Lima"])[Y],
        "visits": np.arange(120) % 7,
        "member": np.arange(120) % 2 == 0,
        "income": X[:, 1],
    }
)
TYPES = [
    ("age", FloatTensorType([None, 1])),
    ("city", StringTensorType([None, 1])),
    ("visits", Int64TensorType([None, 1])),
    ("member", BooleanTensorType([None, 1])),
    ("income", FloatTensorType([None, 1])),
]


@pytest.fixture(scope="module")
def pipeline() -> Any:
    encode = ColumnTransformer(
        [
            ("numbers", StandardScaler(), ["age", "visits", "income"]),
            ("texts", OneHotEncoder(handle_unknown="ignore"), ["city"]),
            ("flags", "passthrough", ["member"]),
        ]
    )
    return make_pipeline(encode, LogisticRegression()).fit(FRAME, np.array(["no", "yes", "zz"])[Y])


@pytest.fixture(scope="module")
def framed(pipeline: Any) -> OnnxModel:
    return found(convert_sklearn(pipeline, initial_types=TYPES, target_opset=18))


def test_a_pipeline_on_a_frame_answers_as_scikit_learn_does(
    pipeline: Any, framed: OnnxModel
) -> None:
    assert (framed.takes, framed.width) == ("frame", 5)
    assert framed.columns == ("age", "city", "visits", "member", "income")
    assert framed.whole == ("visits",)
    assert framed.classes == ("no", "yes", "zz")
    assert "each column as a separate tensor" in framed.notes[0]
    np.testing.assert_allclose(framed.scores(FRAME), pipeline.predict_proba(FRAME), atol=1e-5)
    decided = np.array(framed.classes)[framed.codes(FRAME)]
    np.testing.assert_array_equal(decided, pipeline.predict(FRAME))


def test_columns_go_by_their_names_and_may_be_of_any_type_of_pandas(framed: OnnxModel) -> None:
    other = FRAME[FRAME.columns[::-1]].astype(
        {"city": "category", "visits": "Int64", "member": object, "age": "Float64"}
    )
    np.testing.assert_array_equal(framed.scores(other), framed.scores(FRAME))


def test_a_frame_that_does_not_fit_is_refused_with_the_column(framed: OnnxModel) -> None:
    for column, values, part in [
        ("city", None, "has missing values \\(120 texts\\)"),
        ("age", "old", "'age' contains something that is not a number"),
        ("visits", 1.5, "'visits' of the ONNX model takes whole numbers"),
        ("member", 2, "whole numbers from 0 to 1"),
    ]:
        with pytest.raises(DataError, match=part):
            framed.scores(FRAME.assign(**{column: values}))
    with pytest.raises(ConfigurationError, match="no column 'city'"):
        framed.scores(FRAME.rename(columns={"city": "town"}))
    with pytest.raises(ConfigurationError, match="have 4 columns, but the ONNX model takes 5"):
        framed.scores(FRAME.drop(columns="city"))
    assert np.isnan(framed.scores(FRAME.assign(age=np.nan))).all()


def test_numbers_in_a_column_of_texts_are_written_without_a_point() -> None:
    codes = pd.DataFrame({"zone": (Y + 7).astype(str)})
    encoder = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(codes, Y)
    model = found(convert_sklearn(encoder, initial_types=[("zone", StringTensorType([None, 1]))]))
    assert (model.takes, model.columns, model.width) == ("frame", None, 1)
    for numbers in (Y + 7, Y + 7.0):
        rows = pd.DataFrame({"zone": numbers})
        np.testing.assert_allclose(model.scores(rows), encoder.predict_proba(codes), atol=1e-6)


@pytest.mark.parametrize(
    ("inputs", "part"),
    [
        ([("x", FLOAT, ["n", 3, 8, 8])], "'x' has the shape (n, 3, 8, 8); for rows of a"),
        ([("x", FLOAT, ["n"])], "has the shape (n,)"),
        ([("x", FLOAT, ["n", 10**9])], "1 to 100,000 columns"),
        ([("x", FLOAT, [10**6, 10**4])], "at most 100,000,000 values"),
        ([("x", FLOAT, ["n", 0])], "1 to 100,000 columns"),
        ([("x", TensorProto.BFLOAT16, ["n", 2])], "allowed are tensors of floats"),
        (
            [("x", FLOAT, ["n", 1]), ("z", FLOAT, ["n", 4, 2])],
            "(n, 4, 2); for rows",
        ),
        ([("x", FLOAT, [2, 1]), ("z", FLOAT, [3, 1])], "different numbers of rows, [2, 3]"),
        ([], "it has no input"),
    ],
)
def test_inputs_that_are_no_rows_of_a_table_are_refused(inputs: list[Any], part: str) -> None:
    node = helper.make_node("Identity", ["c"], ["y"])
    constants = {"c": np.zeros((1, 2), np.float32)}
    told = refusal(graph_model([node], inputs, [("y", FLOAT, [1, 2])], constants))
    assert part in told


def test_a_width_that_the_file_does_not_say_is_none() -> None:
    node = helper.make_node("Softmax", ["x"], ["y"])
    inputs, outputs = [("x", FLOAT, ["n", "c"])], [("y", FLOAT, ["n", 3])]
    model = found(graph_model([node], inputs, outputs))
    assert (model.width, model.n_classes, model.knowledge) == (None, 3, "scores")
    assert model.scores(np.eye(3)).shape == (3, 3)
    with pytest.raises(ConfigurationError, match="must be"):
        model.scores(np.eye(4))


def test_what_onnxruntime_refuses_at_run_time_is_one_sentence() -> None:
    node = helper.make_node("Gather", ["table", "x"], ["y"])
    table = {"table": np.eye(3, 2, dtype=np.float32)}
    rows = helper.make_node("Squeeze", ["x", "axis"], ["at"])
    node.input[1] = "at"
    model = found(
        graph_model(
            [rows, node],
            [("x", TensorProto.INT64, ["n", 1])],
            [("y", FLOAT, ["n", 2])],
            {**table, "axis": np.array([1], dtype=np.int64)},
        )
    )
    with pytest.raises(ConfigurationError, match=r"cannot predict 8 rows: .*out of data bounds"):
        model.scores(np.full((2, 1), 9.0))


def grouped(kinds: dict[str, tuple[int, Any]], *, softmax: bool = False) -> Any:
    """Return a model whose two scores are the sums of even and of odd columns of its inputs."""
    casts = [helper.make_node("Cast", [name], [f"{name}_f"], to=FLOAT) for name in kinds]
    shaped = [f"{name}_f" for name in kinds]
    width = sum(shape[1] if len(shape) == 2 else 1 for _, shape in kinds.values())
    for i, (name, (_, shape)) in enumerate(kinds.items()):
        if len(shape) == 1:
            casts.append(helper.make_node("Unsqueeze", [f"{name}_f", "one"], [f"{name}_c"]))
            shaped[i] = f"{name}_c"
    weights = np.stack([np.arange(width) % 2 == 0, np.arange(width) % 2 == 1], axis=1)
    nodes = [
        *casts,
        helper.make_node("Concat", shaped, ["all"], axis=1),
        helper.make_node("MatMul", ["all", "w"], ["sums"]),
        helper.make_node("Softmax" if softmax else "Identity", ["sums"], ["y"]),
    ]
    constants = {"w": weights.astype(np.float32), "one": np.array([1], dtype=np.int64)}
    inputs = [(name, kind, list(shape)) for name, (kind, shape) in kinds.items()]
    return graph_model(nodes, inputs, [("y", FLOAT, ["n", 2])], constants)


INT = TensorProto.INT64
PARTS = {"nums": (FLOAT, ("n", 2)), "codes": (INT, ("n", 2)), "last": (FLOAT, ("n",))}


def test_several_inputs_take_the_columns_in_their_order_by_width() -> None:
    model = found(grouped(PARTS))
    assert (model.takes, model.width, model.columns) == ("missing", 5, None)
    assert model.whole == ("2", "3")
    assert model.groups == (("nums", 2), ("codes", 2), ("last", 1))
    rows = np.array([[0.5, 1, 2, 3, 4.25], [1, 0, 7, 0, 0]])
    np.testing.assert_array_equal(model.scores(rows), [[6.75, 4], [8, 0]])
    _, gradient = model.vjp(rows + 0.2, lambda scores: np.tile([1.0, 0], (2, 1)))
    # whole numbers have none
    np.testing.assert_array_equal(gradient, [[1, 0, 0, 0, 1]] * 2)
    assert model.agreement(rows) == 0
    with pytest.raises(DataError, match="the input 'codes' of the ONNX model takes whole numbers"):
        model.scores(rows + 0.5)


def test_an_input_that_is_called_as_a_column_takes_that_one() -> None:
    frame = pd.DataFrame({"last": [4.25], "u": [0.5], "k": [2], "v": [1.0], "m": [3]})
    frame = frame[["last", "u", "v", "k", "m"]]
    model = as_model(found(grouped(PARTS)), rows_of(frame), (0, 1))
    np.testing.assert_array_equal(model.scores(rows_of(frame).x), [[6.75, 4]])
    told = "Of the inputs of the model 'nums' takes 'u', 'v'; 'codes' takes 'k', 'm'; 'last' takes"
    assert notes_of(model)[0].startswith(told)
    assert whole_of(model) == ("k", "m")
    _, gradient = model.vjp(rows_of(frame).x, lambda scores: np.tile([1.0, 0], (1, 1)))
    np.testing.assert_array_equal(gradient, [[1, 1, 0, 0, 0]])


def test_whole_numbers_are_known_of_a_model_of_probabilities_too() -> None:
    rows = rows_of(np.arange(10.0).reshape(2, 5))
    model = as_model(found(grouped(PARTS, softmax=True)), rows, (0, 1))
    assert isinstance(model, LogProbabilities)
    assert whole_of(model) == ("x2", "x3")


def test_texts_in_groups_are_taken_from_their_columns() -> None:
    encode = ColumnTransformer([("t", OneHotEncoder(), [0, 1]), ("n", "passthrough", [2])])
    frame = FRAME[["city", "member", "age"]].assign(member=np.where(FRAME["member"], "y", "n"))
    fitted = make_pipeline(encode, LogisticRegression()).fit(frame.to_numpy(), Y)
    types = [("texts", StringTensorType([None, 2])), ("age", FloatTensorType([None, 1]))]
    model = found(convert_sklearn(fitted, initial_types=types, target_opset=18))
    assert (model.takes, model.width, model.whole) == ("frame", 3, ())
    asked = as_model(model, rows_of(frame), (0, 1, 2))
    np.testing.assert_allclose(
        asked.scores(rows_of(frame).x), fitted.predict_proba(frame.to_numpy()), atol=1e-5
    )


def test_inputs_whose_widths_do_not_tell_their_columns_are_refused_with_a_way_out() -> None:
    unknown = {"nums": (FLOAT, ("n", 2)), "codes": (INT, ("n", "k"))}
    nodes = [helper.make_node("Identity", ["nums"], ["y"])]
    inputs = [(name, kind, list(shape)) for name, (kind, shape) in unknown.items()]
    told = refusal(graph_model(nodes, inputs, [("y", FLOAT, ["n", 2])]))
    assert "its input 'codes' has the shape (n, any), and there are several inputs, so it" in told
    assert told.endswith("whose forward(x) returns net(x[:, :2], x[:, 2:].long())")
    with pytest.raises(
        ConfigurationError,
        match=r"take 5 columns, 2 \('nums'\), 2 \('codes'\), 1 \('last'\), but the data have 4",
    ):
        as_model(found(grouped(PARTS)), rows_of(np.ones((3, 4))), (0, 1))
