"""ONNX files: models of scikit-learn and torch as onnxruntime answers for them, and bad files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import convert_sklearn, to_onnx
from skl2onnx.common.data_types import (
    BooleanTensorType,
    FloatTensorType,
    Int64TensorType,
    StringTensorType,
)
from sklearn.compose import ColumnTransformer
from sklearn.datasets import make_classification
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, LinearSVC
from torch import nn

from genlabel_robust.core.errors import ConfigurationError, DataError, NotApplicableError
from genlabel_robust.models.foreign.native import Native
from genlabel_robust.models.foreign.onnx_file import read
from genlabel_robust.models.foreign.onnx_model import AGREEMENT, OnnxModel
from genlabel_robust.models.foreign.reading import Foreign, Permission, read_foreign

PATH = Path("model.onnx")
X, Y = make_classification(
    120, 4, n_informative=4, n_redundant=0, n_classes=3, n_clusters_per_class=1, random_state=0
)
X = X.astype(np.float32).astype(np.float64)  # so that both libraries are given the same rows
LABELS: dict[str, Callable[[Any], Any]] = {
    "int": lambda y: y * 3 + 2,
    "text": lambda y: np.array(["no", "yes", "zz"])[y],
    "bool": lambda y: y.astype(bool),
}
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


def net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3)).eval()


def net_model(batch: Any = "n", kind: int = FLOAT) -> Any:
    """The net as torch exports it; ``batch``: a number of rows, or the name of any number."""
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


ESTIMATORS: dict[str, tuple[Any, str]] = {
    "logistic": (LogisticRegression(), "gradients"),
    "scaled": (make_pipeline(StandardScaler(), LogisticRegression()), "gradients"),
    "net": (MLPClassifier((5,), random_state=0, solver="lbfgs"), "gradients"),
    "bayes": (GaussianNB(), "gradients"),
    "forest": (RandomForestClassifier(5, random_state=0), "scores"),
    "boosting": (GradientBoostingClassifier(n_estimators=3, random_state=0), "scores"),
    "neighbours": (KNeighborsClassifier(), "scores"),
}


@pytest.mark.parametrize("zipmap", [True, False])
@pytest.mark.parametrize("kind", ["int", "text"])
@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("name", ESTIMATORS)
def test_an_estimator_answers_as_scikit_learn_does(
    name: str, k: int, kind: str, zipmap: bool
) -> None:
    estimator, knowledge = ESTIMATORS[name]
    y = LABELS[kind](np.minimum(Y, k - 1))
    estimator.fit(X, y)
    model = found(
        to_onnx(estimator, X[:1].astype(np.float32), options={"zipmap": zipmap}, target_opset=18)
    )
    assert isinstance(model, Native)
    assert (model.takes, model.width, model.columns, model.whole) == ("missing", 4, None, ())
    assert model.classes == tuple(estimator.classes_.tolist())
    assert model.n_classes == k
    assert model.knowledge == knowledge
    np.testing.assert_allclose(model.scores(X), estimator.predict_proba(X), atol=5e-6)
    assert model.scores(X).dtype == np.float64
    np.testing.assert_array_equal(estimator.classes_[model.codes(X)], estimator.predict(X))


@pytest.mark.parametrize("name", ["logistic", "net"])
def test_booleans_are_the_whole_numbers_that_the_file_has(name: str) -> None:
    estimator = ESTIMATORS[name][0].fit(X, Y > 0)
    model = found(to_onnx(estimator, X[:1].astype(np.float32), target_opset=18))
    assert model.classes == (0, 1)
    np.testing.assert_array_equal(model.codes(X), estimator.predict(X))


@pytest.mark.parametrize("estimator", [RidgeClassifier(), LinearSVC()])
def test_one_score_for_two_classes_is_not_asked_for(estimator: Any) -> None:
    # skl2onnx declares two scores for a RidgeClassifier that gives one
    estimator.fit(X, Y > 0)
    model = found(to_onnx(estimator, X[:1].astype(np.float32), target_opset=18))
    assert model.knowledge == "decisions"
    assert "labels without a score for each class" in model.notes[0]
    np.testing.assert_array_equal(model.codes(X), estimator.predict(X))
    with pytest.raises(NotApplicableError, match="labels only"):
        model.scores(X)


def test_a_net_of_torch_answers_as_torch_does_and_has_its_gradients() -> None:
    model, module = found(net_model()), net()
    assert (model.classes, model.n_classes, model.knowledge) == (None, 3, "gradients")
    assert model.notes == ()
    x = torch.from_numpy(X.astype(np.float32)).requires_grad_(True)
    logits = module(x)
    weight = torch.linspace(-1, 1, 3 * len(X)).reshape(-1, 3)
    (gradient,) = torch.autograd.grad((logits * weight).sum(), x)
    seen: list[Any] = []

    def weigh(scores: Any) -> Any:
        seen.append(scores)
        return weight.double().numpy()

    scores, found_gradient = model.vjp(X, weigh)
    np.testing.assert_array_equal(seen[0], scores)
    np.testing.assert_array_equal(scores, model.scores(X))
    np.testing.assert_allclose(scores, logits.detach().numpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found_gradient, gradient.numpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(model.codes(X), logits.detach().numpy().argmax(axis=1))


def test_the_gradient_is_the_slope_of_the_scores_in_float64() -> None:
    model = found(net_model(kind=TensorProto.DOUBLE))
    _, gradient = model.vjp(X, lambda scores: np.eye(3)[np.ones(len(scores), dtype=int)])
    for column in range(4):
        step = np.eye(4)[column] * 1e-7
        slope = (model.scores(X + step) - model.scores(X - step))[:, 1] / 2e-7
        np.testing.assert_allclose(gradient[:, column], slope, rtol=1e-5, atol=1e-6)


def test_the_caller_may_have_switched_gradients_off() -> None:
    with torch.no_grad():
        _, gradient = found(net_model()).vjp(X, np.ones_like)
    assert np.abs(gradient).max() > 0


@pytest.mark.parametrize("batch", [1, 7, 500])
def test_a_batch_of_fixed_size_is_filled_up(batch: int) -> None:
    fixed, free = found(net_model(batch)), found(net_model())
    np.testing.assert_array_equal(fixed.scores(X), free.scores(X))
    np.testing.assert_array_equal(fixed.codes(X), free.codes(X))
    np.testing.assert_allclose(
        fixed.vjp(X, np.ones_like)[1], free.vjp(X, np.ones_like)[1], rtol=1e-5, atol=1e-6
    )


def test_more_rows_than_are_asked_at_once_come_back_in_order() -> None:
    model = found(net_model())
    many = np.tile(X, (80, 1))
    np.testing.assert_array_equal(model.scores(many), np.tile(model.scores(X), (80, 1)))


def test_no_rows_have_no_scores() -> None:
    model = found(net_model())
    assert model.scores(X[:0]).shape == (0, 3)
    assert model.codes(X[:0]).shape == (0,)
    assert model.vjp(X[:0], np.ones_like)[1].shape == (0, 4)


@pytest.mark.parametrize("name", ["logistic", "net", "forest", "neighbours", "torch"])
def test_a_row_has_the_same_bits_in_any_company(name: str) -> None:
    if name == "torch":
        model = found(net_model())
    else:
        estimator = ESTIMATORS[name][0].fit(X, Y)
        model = found(to_onnx(estimator, X[:1].astype(np.float32), target_opset=18))
    together = model.scores(X)
    for n in (1, 3, 11):
        for start in range(0, len(X) - n, n):
            rows = slice(start, start + n)
            np.testing.assert_array_equal(model.scores(X[rows]), together[rows])


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


# a pipeline on a frame --------------------------------------------------------------------

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
    return make_pipeline(encode, LogisticRegression()).fit(FRAME, LABELS["text"](Y))


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
    assert "each column as a tensor of its own" in framed.notes[0]
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
        ("city", None, "misses 120 texts"),
        ("age", "old", "'age' holds what is no number"),
        ("visits", 1.5, "'visits' of the ONNX model takes whole numbers"),
        ("member", 2, "whole numbers from 0 to 1"),
    ]:
        with pytest.raises(DataError, match=part):
            framed.scores(FRAME.assign(**{column: values}))
    with pytest.raises(ConfigurationError, match="no column 'city'"):
        framed.scores(FRAME.rename(columns={"city": "town"}))
    with pytest.raises(ConfigurationError, match="have 4 columns, and the ONNX model takes 5"):
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


# which outputs ----------------------------------------------------------------------------


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
    assert "'logits' is its scores, not 'probabilities'" in model.notes[0]
    assert two_outputs("hidden", "prob").outputs.scores == "prob"
    assert two_outputs("a", "b").outputs.scores == "b"


def test_a_label_of_no_known_class_leaves_the_decision_to_the_scores() -> None:
    nodes = [
        helper.make_node("Identity", ["x"], ["scores"]),
        helper.make_node("ArgMax", ["x"], ["label"], axis=1, keepdims=0),
    ]
    outputs = [("label", TensorProto.INT64, ["n"]), ("scores", FLOAT, ["n", 3])]
    model = found(graph_model(nodes, [("x", FLOAT, ["n", 3])], outputs))
    assert (model.classes, model.outputs.labels) == (None, None)
    np.testing.assert_array_equal(model.codes(np.eye(3)[[2, 0]]), [2, 0])


def test_labels_alone_of_no_known_class_are_refused() -> None:
    node = helper.make_node("ArgMax", ["x"], ["label"], axis=1, keepdims=0)
    told = refusal(
        graph_model([node], [("x", FLOAT, ["n", 3])], [("label", TensorProto.INT64, ["n"])])
    )
    assert "it gives 'label' tensor(int64) (n,); it must give scores (n, k)" in told


@pytest.mark.parametrize("shape", [["n", 1], ["n"], ["n", 2, 2]])
def test_scores_of_another_shape_are_refused_with_it(shape: list[Any]) -> None:
    sizes = np.array([-1 if size == "n" else size for size in shape], dtype=np.int64)
    node = helper.make_node("Reshape", ["x", "sizes"], ["y"])
    model = graph_model([node], [("x", FLOAT, ["n", 4])], [("y", FLOAT, shape)], {"sizes": sizes})
    written = f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
    assert f"'y' tensor(float) {written}; it must give scores (n, k)" in refusal(model)


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


# the conversion to torch ------------------------------------------------------------------


def test_what_has_no_gradients_says_why() -> None:
    forest = RandomForestClassifier(3, random_state=0).fit(X, Y)
    model = found(to_onnx(forest, X[:1].astype(np.float32), target_opset=18))
    assert model.notes == (
        "White-box attacks cannot run on the ONNX model: its graph holds "
        "TreeEnsembleClassifier, which has no gradients.",
    )
    assert model.gradient_note is None
    assert model.checked_on(X) is model
    for ask in (model.agreement, lambda rows: model.vjp(rows, np.ones_like)):
        with pytest.raises(NotApplicableError):
            ask(X)


def test_a_conversion_that_agrees_says_by_how_much() -> None:
    model = found(net_model())
    assert model.agreement(X) <= 1e-6 < AGREEMENT
    assert "not been compared" in str(model.gradient_note)
    checked = model.checked_on(X)
    assert checked.knowledge == "gradients"
    assert checked.agreed == model.agreement(X)
    assert f"by {checked.agreed:.1e} of the scores" in str(checked.gradient_note)


class Answering:
    """A session that answers otherwise than its graph."""

    def __init__(self, session: Any, change: Callable[[Any], Any]) -> None:
        self.session, self.change = session, change

    def run(self, names: list[str], fed: dict[str, Any]) -> list[Any]:
        return [self.change(output) for output in self.session.run(names, fed)]


@pytest.mark.parametrize(("change", "told"), [(lambda y: y * 1.001, "e-0"), (np.log, "inf")])
def test_a_conversion_that_does_not_agree_is_withdrawn(
    change: Callable[[Any], Any], told: str
) -> None:
    model = found(net_model())
    object.__setattr__(model, "session", Answering(model.session, change))
    with np.errstate(invalid="ignore"):
        checked = model.checked_on(X)
    assert checked.knowledge == "scores"
    assert "differs by" in checked.notes[0]
    assert told in checked.notes[0]
    assert model.knowledge == "gradients"


# files that are no such model -------------------------------------------------------------


def test_the_reader_of_the_ending_is_this_one() -> None:
    foreign = read_foreign(PATH, net_model().SerializeToString(), Permission())
    assert isinstance(foreign, Foreign)
    assert foreign.format == "ONNX"
    assert foreign.library == f"onnxruntime {onnxruntime.__version__}"


@pytest.mark.parametrize("tenths", range(1, 10))
@pytest.mark.parametrize("make", [net_model, lambda: to_onnx(ESTIMATORS["forest"][0].fit(X, Y), X)])
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
    assert "is no ONNX model, or is damaged" in refusal(content)


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
    assert "in another file, which is not read; save it in one file" in refusal(model)


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
    assert "cannot be run by onnxruntime" in refusal(model)


@pytest.mark.parametrize(
    ("inputs", "part"),
    [
        ([("x", FLOAT, ["n", 3, 8, 8])], "'x' has the shape (n, 3, 8, 8); to take rows of"),
        ([("x", FLOAT, ["n"])], "has the shape (n,)"),
        ([("x", FLOAT, ["n", 10**9])], "1 to 100,000 columns"),
        ([("x", FLOAT, [10**6, 10**4])], "at most 100,000,000 values"),
        ([("x", FLOAT, ["n", 0])], "1 to 100,000 columns"),
        ([("x", TensorProto.BFLOAT16, ["n", 2])], "allowed are tensors of floats"),
        ([("x", FLOAT, ["n", 1]), ("z", FLOAT, ["n", 4])], "(n, 1), as it is one of several"),
        ([("x", FLOAT, [2, 1]), ("z", FLOAT, [3, 1])], "different numbers of rows, [2, 3]"),
        ([], "it takes no input"),
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


def test_rows_of_another_width_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="have 3 columns, and the ONNX model takes 4"):
        found(net_model()).scores(X[:, :3])


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
    with pytest.raises(ConfigurationError, match=r"cannot answer for 8 rows: .*out of data bounds"):
        model.scores(np.full((2, 1), 9.0))


def test_without_onnxruntime_the_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert "pip install 'genlabel-robust[onnx]'" in refusal(b"x")


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    refusal(net_model().SerializeToString()[:300])
    model = found(net_model())
    with pytest.raises(ConfigurationError):
        model.scores(X[:, :2])
    model.scores(X)
    assert capfd.readouterr() == ("", "")


@pytest.mark.filterwarnings("ignore:Attribute `prob:FutureWarning")  # skl2onnx asks for it
def test_support_vectors_give_scores_without_gradients() -> None:
    estimator = SVC().fit(X, Y)
    model = found(to_onnx(estimator, X[:1].astype(np.float32), target_opset=18))
    assert "SVMClassifier, for which there is no conversion" in model.notes[0]
    np.testing.assert_array_equal(model.codes(X), estimator.predict(X))
