"""scikit-learn and torch models in ONNX: the predictions are those of onnxruntime."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.datasets import make_classification
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from torch import nn

from genlabel_robust.core.errors import ConfigurationError, NotApplicableError
from genlabel_robust.model_files.onnx.file import read
from genlabel_robust.model_files.onnx.model import AGREEMENT, OnnxModel
from genlabel_robust.model_files.reading import Permission
from genlabel_robust.models.adapters.library_model import LibraryModel

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


ESTIMATORS: dict[str, tuple[Any, str]] = {
    "logistic": (LogisticRegression(), "gradients"),
    "scaled": (make_pipeline(StandardScaler(), LogisticRegression()), "gradients"),
    "net": (MLPClassifier((5,), random_state=0, solver="lbfgs"), "gradients"),
    "bayes": (GaussianNB(), "gradients"),
    "forest": (RandomForestClassifier(5, random_state=0), "scores"),
    "boosting": (GradientBoostingClassifier(n_estimators=3, random_state=0), "scores"),
    "neighbours": (KNeighborsClassifier(), "scores"),
}


@pytest.mark.nightly(every=11)
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
    assert isinstance(model, LibraryModel)
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


def test_a_sigmoid_that_is_sure_of_itself_in_float32_has_a_gradient() -> None:
    # 1 - p is 0 in float32 from a logit of 17 on
    nodes = [
        helper.make_node("Gemm", ["x", "w"], ["z"]),
        helper.make_node("Sigmoid", ["z"], ["p"]),
        helper.make_node("Sub", ["one", "p"], ["q"]),
        helper.make_node("Concat", ["q", "p"], ["y"], axis=1),
    ]
    constants = {"w": np.ones((3, 1), dtype=np.float32), "one": np.float32(1.0)}
    model = found(graph_model(nodes, [("x", FLOAT, ["n", 3])], [("y", FLOAT, ["n", 2])], constants))
    scores, gradient = model.vjp(np.full((1, 3), 8.0), lambda scores: np.array([[1.0, 0.0]]))
    assert scores[0].tolist() == [0.0, 1.0]
    slope = -1 / (np.exp(12) + np.exp(-12)) ** 2
    np.testing.assert_allclose(gradient[0], slope, rtol=1e-5)


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


@pytest.mark.nightly(but=["logistic", "torch"])
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


def test_a_row_has_the_same_bits_in_any_company_where_onnxruntime_alone_has_not() -> None:
    # its Softplus differs in the last bits between a vector and the rest of one
    node = helper.make_node("Softplus", ["x"], ["y"])
    model = found(graph_model([node], [("x", FLOAT, ["n", 3])], [("y", FLOAT, ["n", 3])]))
    rows = np.random.default_rng(0).normal(size=(400, 3))
    together = model.scores(rows)
    alone = np.concatenate([model.scores(rows[i : i + 1]) for i in range(len(rows))])
    np.testing.assert_array_equal(alone, together)


def test_what_has_no_gradients_says_why() -> None:
    forest = RandomForestClassifier(3, random_state=0).fit(X, Y)
    model = found(to_onnx(forest, X[:1].astype(np.float32), target_opset=18))
    assert model.notes == (
        "The ONNX model has no usable gradients: its graph contains TreeEnsembleClassifier, which "
        "has no gradients.",
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
    assert f"by at most {checked.agreed:.1e} of the scores" in str(checked.gradient_note)


class Answering:
    """A session that returns other values than its graph computes."""

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


def test_rows_of_another_width_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="have 3 columns, but the ONNX model takes 4"):
        found(net_model()).scores(X[:, :3])


@pytest.mark.filterwarnings("ignore:Attribute `prob:FutureWarning")  # skl2onnx asks for it
def test_support_vectors_give_scores_without_gradients() -> None:
    estimator = SVC().fit(X, Y)
    model = found(to_onnx(estimator, X[:1].astype(np.float32), target_opset=18))
    assert "SVMClassifier, which cannot be converted" in model.notes[0]
    np.testing.assert_array_equal(model.codes(X), estimator.predict(X))
