"""The choice of an ONNX model's outputs for scores and labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from genlabel_robust.core.errors import ConfigurationError, DataError
from genlabel_robust.model_files.onnx.file import read
from genlabel_robust.model_files.onnx.model import OnnxModel
from genlabel_robust.model_files.reading import Permission

PATH = Path("model.onnx")
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


def two_outputs(first: str, second: str) -> OnnxModel:
    nodes = [
        helper.make_node("Identity", ["x"], [first]),
        helper.make_node("Softmax", ["x"], [second]),
    ]
    outputs = [(first, FLOAT, ["n", 3]), (second, FLOAT, ["n", 3])]
    return found(graph_model(nodes, [("x", FLOAT, ["n", 3])], outputs))


def test_of_several_outputs_the_one_named_for_scores_is_chosen_and_told() -> None:
    model = two_outputs("logits", "probabilities")
    assert model.outputs.scores == "logits"
    assert "read from 'logits', not from 'probabilities'" in model.notes[0]
    assert two_outputs("hidden", "prob").outputs.scores == "prob"
    assert two_outputs("a", "b").outputs.scores == "b"


def labelled(nodes: list[Any], k: int, kind: Any = TensorProto.INT64) -> OnnxModel:
    """Return a model of scores (n, k) that are its inputs, with the labels of ``nodes``."""
    scores = helper.make_node("Identity", ["x"], ["scores"])
    constants = {
        "at": np.float32(0.3),
        "one": np.int64(1),
        "last": np.array([k - 1], dtype=np.int64),
    }
    outputs = [("label", kind, ["n", 1]), ("scores", FLOAT, ["n", k])]
    return found(graph_model([*nodes, scores], [("x", FLOAT, ["n", k])], outputs, constants))


LAST = helper.make_node("Gather", ["x", "last"], ["p"], axis=1)
ABOVE = helper.make_node("Greater", ["p", "at"], ["above"])


def test_a_label_that_is_a_position_in_the_scores_is_the_decision() -> None:
    largest = labelled([helper.make_node("ArgMax", ["x"], ["label"], axis=1)], 3)
    assert (largest.classes, largest.outputs.labels) == (None, "label")
    np.testing.assert_array_equal(largest.codes(np.eye(3)[[2, 0]]), [2, 0])
    least = labelled([helper.make_node("ArgMin", ["x"], ["label"], axis=1)], 3)
    np.testing.assert_array_equal(least.codes(1 - np.eye(3)[[2, 0]]), [2, 0])


@pytest.mark.parametrize("kind", [TensorProto.INT64, TensorProto.BOOL])
def test_a_threshold_of_the_graph_decides_and_not_the_larger_score(kind: Any) -> None:
    cast = helper.make_node("Cast", ["above"], ["label"], to=kind)
    model = labelled([LAST, ABOVE, cast], 2, kind)
    x = np.array([[0.6, 0.4], [0.8, 0.2], [0.1, 0.9]])
    np.testing.assert_array_equal(model.codes(x), [1, 0, 1])
    np.testing.assert_allclose(model.scores(x), x, atol=1e-7)


def test_a_threshold_of_one_score_decides() -> None:
    last = helper.make_node("Identity", ["x"], ["p"])
    cast = helper.make_node("Cast", ["above"], ["label"], to=TensorProto.INT64)
    model = labelled([last, ABOVE, cast], 1)
    assert (model.knowledge, model.n_classes, model.classes) == ("decisions", 2, None)
    np.testing.assert_array_equal(model.codes(np.array([[0.4], [0.2]])), [1, 0])
    assert model.notes[0].startswith("The ONNX model gives labels without a score")


def test_labels_that_are_not_read_must_follow_from_the_scores() -> None:
    best = helper.make_node("ArgMax", ["x"], ["best"], axis=1)
    model = labelled([best, helper.make_node("Add", ["best", "one"], ["label"])], 3)
    rows = np.eye(3)[[2, 0, 0, 1]]
    np.testing.assert_array_equal(model.checked_on(rows).codes(rows), [2, 0, 0, 1])
    assert "labels 'label' are not read" in model.notes[0]
    cast = helper.make_node("Cast", ["above"], ["best"], to=TensorProto.INT64)
    other = labelled([LAST, ABOVE, cast, helper.make_node("Add", ["best", "one"], ["label"])], 2)
    other.checked_on(np.array([[0.9, 0.1], [0.1, 0.9]]))
    with pytest.raises(ConfigurationError, match="'label' of the ONNX model do not follow from"):
        other.checked_on(np.array([[0.9, 0.1], [0.6, 0.4]]))


def test_labels_that_are_not_read_must_follow_from_one_score() -> None:
    same = helper.make_node("Identity", ["x"], ["p"])
    cast = helper.make_node("Cast", ["above"], ["best"], to=TensorProto.INT64)
    model = labelled([same, ABOVE, cast, helper.make_node("Add", ["best", "one"], ["label"])], 1)
    model.checked_on(np.array([[0.2], [0.6]]))
    with pytest.raises(ConfigurationError, match="its decisions are unknown"):
        model.checked_on(np.array([[0.2], [0.4], [0.6], [-0.1]]))


def test_scores_are_of_the_classes_in_the_order_of_the_zipmap() -> None:
    nodes = [
        helper.make_node("ArgMax", ["x"], ["at"], axis=1, keepdims=0),
        helper.make_node("Gather", ["labels", "at"], ["l"]),
        helper.make_node("Identity", ["l"], ["label"]),
        helper.make_node("Softmax", ["x"], ["p"]),
        helper.make_node("ZipMap", ["p"], ["map"], domain="ai.onnx.ml", classlabels_int64s=[9, 7]),
    ]
    labels = {"labels": np.array([7, 9], dtype=np.int64)}
    model = graph_model(
        nodes, [("x", FLOAT, ["n", 2])], [("label", TensorProto.INT64, None)], labels
    )
    value = helper.make_map_type_proto(
        TensorProto.INT64, helper.make_tensor_type_proto(FLOAT, None)
    )
    maps = helper.make_sequence_type_proto(value)
    model.graph.output.append(helper.make_value_info("map", maps))
    read_one = found(model)
    assert read_one.classes == (9, 7)
    x = np.array([[3.0, 0.0], [0.0, 3.0]])
    np.testing.assert_array_equal(read_one.codes(x), [1, 0])
    np.testing.assert_allclose(read_one.scores(x)[0], [0.952574, 0.047426], atol=1e-6)


def test_scores_that_are_not_one_per_label_are_not_asked_for() -> None:
    nodes = [
        helper.make_node("ArgMax", ["x"], ["at"], axis=1, keepdims=0),
        helper.make_node("Gather", ["labels", "at"], ["label"]),
        helper.make_node("Identity", ["x"], ["votes"]),
    ]
    labels = {"labels": np.array(["a", "b", "c"], dtype=object)}
    outputs = [("label", TensorProto.STRING, ["n"]), ("votes", FLOAT, ["n", 2])]
    model = found(graph_model(nodes, [("x", FLOAT, ["n", 2])], outputs, labels))
    assert (model.knowledge, model.classes) == ("decisions", ("a", "b", "c"))
    np.testing.assert_array_equal(model.codes(np.eye(2)), [0, 1])


def test_labels_of_two_classes_that_are_the_same_tell_no_class() -> None:
    nodes = [
        helper.make_node("ArgMax", ["x"], ["at"], axis=1, keepdims=0),
        helper.make_node("Gather", ["labels", "at"], ["label"]),
        helper.make_node("Identity", ["x"], ["y"]),
    ]
    labels = {"labels": np.array([5, 5], dtype=np.int64)}
    outputs = [("label", TensorProto.INT64, ["n"]), ("y", FLOAT, ["n", 2])]
    model = found(graph_model(nodes, [("x", FLOAT, ["n", 2])], outputs, labels))
    assert (model.classes, model.n_classes) == (None, 2)


def test_labels_alone_of_no_known_class_are_refused() -> None:
    node = helper.make_node("ArgMax", ["x"], ["label"], axis=1, keepdims=0)
    told = refusal(
        graph_model([node], [("x", FLOAT, ["n", 3])], [("label", TensorProto.INT64, ["n"])])
    )
    assert (
        "it returns 'label' tensor(int64) (n,); it must return one of these: float scores (n, k)"
        in told
    )


@pytest.mark.parametrize("shape", [["n", 1], ["n"]])
def test_one_output_is_a_score_of_two_classes(shape: list[Any]) -> None:
    axes = np.array([1], dtype=np.int64)
    node = helper.make_node("ReduceMax", ["x", "axes"], ["y"], keepdims=len(shape) - 1)
    model = found(
        graph_model([node], [("x", FLOAT, ["n", 4])], [("y", FLOAT, shape)], {"axes": axes})
    )
    assert (model.n_classes, model.classes, model.outputs.labels) == (1, None, None)
    assert model.scores(np.array([[1.0, 4, 2, 3], [0, 0, 0, 5]])).tolist() == [[4], [5]]
    assert model.scores(np.zeros((0, 4))).shape == (0, 1)


@pytest.mark.parametrize("shape", [["n", 2, 2]])
def test_scores_of_another_shape_are_refused_with_it(shape: list[Any]) -> None:
    sizes = np.array([-1 if size == "n" else size for size in shape], dtype=np.int64)
    node = helper.make_node("Reshape", ["x", "sizes"], ["y"])
    model = graph_model([node], [("x", FLOAT, ["n", 4])], [("y", FLOAT, shape)], {"sizes": sizes})
    written = f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
    assert (
        f"'y' tensor(float) {written}; it must return one of these: float scores (n, k)"
        in refusal(model)
    )


def test_an_output_of_no_declared_shape_is_tried() -> None:
    node = helper.make_node("Tile", ["x", "twice"], ["y"])
    twice = {"twice": np.array([1, 2], dtype=np.int64)}
    model = found(graph_model([node], [("x", FLOAT, ["n", 2])], [("y", FLOAT, None)], twice))
    assert model.n_classes == 4


def test_scores_that_are_not_finite_decide_nothing() -> None:
    node = helper.make_node("Log", ["x"], ["y"])
    model = found(graph_model([node], [("x", FLOAT, ["n", 2])], [("y", FLOAT, ["n", 2])]))
    wrong = np.array([[-1.0, 1.0]])
    assert np.isnan(model.scores(wrong)).any()
    with pytest.raises(DataError, match="not finite"):
        model.codes(wrong)


def test_labels_are_not_believed_where_the_scores_are_no_numbers() -> None:
    nodes = [
        helper.make_node("Log", ["x"], ["scores"]),
        helper.make_node("ArgMax", ["x"], ["at"], axis=1, keepdims=0),
        helper.make_node("Gather", ["labels", "at"], ["label"]),
    ]
    outputs = [("label", TensorProto.INT64, None), ("scores", FLOAT, ["n", 2])]
    labels = {"labels": np.array([7, 9], dtype=np.int64)}
    model = found(graph_model(nodes, [("x", FLOAT, ["n", 2])], outputs, labels))
    assert model.outputs.labels == "label"
    assert model.codes(np.array([[1.0, 2.0], [2.0, 1.0]])).tolist() == [1, 0]
    with pytest.raises(DataError, match=r"not finite \(NaN or infinite\) for 1 of 2 rows"):
        model.codes(np.array([[1.0, 2.0], [-1.0, 1.0]]))
