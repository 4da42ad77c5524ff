from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import SVC
from torch import nn

from genlabel_robust.core.errors import ConfigurationError, DataError, NotApplicableError
from genlabel_robust.data.rows import rows_of
from genlabel_robust.models.adapters.torch_module import ModuleAdapter
from genlabel_robust.models.as_model import as_model, classes_of
from genlabel_robust.models.model import Model

RNG = np.random.default_rng(0)
X = RNG.random((50, 3))
Y = np.where(X[:, 0] > 0.5, "yes", "no")
CLASSES = ("no", "yes")


class Net(nn.Module):
    """A net with two logits and layers that behave differently in training mode."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5))
        self.head = nn.Linear(8, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(x))


@pytest.fixture
def net() -> Net:
    torch.manual_seed(0)
    return Net()


def asked(model: Model) -> None:
    model.predict(X)
    model.decide(X[:3])
    model.scores(X)
    if model.knowledge == "gradients":
        model.vjp(X, lambda scores: np.ones(scores.shape))


def test_a_module_is_asked_in_evaluation_mode_and_left_as_it_was(net: Net) -> None:
    net.body[3].eval()
    modes = [part.training for part in net.modules()]
    state = {k: v.clone() for k, v in net.state_dict().items()}
    model = as_model(net, rows_of(X), CLASSES)
    asked(model)
    assert (model.scores(X) == model.scores(X)).all()
    assert [part.training for part in net.modules()] == modes
    assert all(torch.equal(v, state[k]) for k, v in net.state_dict().items())
    assert all(p.grad is None and p.requires_grad for p in net.parameters())


def test_a_module_that_fails_is_left_as_it_was(net: Net) -> None:
    with pytest.raises(ConfigurationError, match="cannot predict 50 rows of 2 features"):
        as_model(net, rows_of(X[:, :2]), CLASSES)
    assert all(part.training for part in net.modules())


def test_a_module_s_scores_and_gradients_are_its_own(net: Net) -> None:
    model = as_model(net, rows_of(X), CLASSES)
    net.eval()
    x = torch.tensor(X, dtype=torch.float32, requires_grad=True)
    logits = net(x)
    weight = RNG.random((50, 2))
    with torch.no_grad():  # as a caller may have it: the gradient is found all the same
        scores, gradient = model.vjp(X, lambda scores: weight)
    (logits * torch.tensor(weight)).sum().backward()
    np.testing.assert_allclose(scores, logits.detach().numpy(), rtol=1e-5)
    np.testing.assert_allclose(gradient, x.grad.numpy(), rtol=1e-4, atol=1e-7)


def test_a_module_in_double_precision_sees_every_digit() -> None:
    module = nn.Linear(1, 2, bias=False).double()
    with torch.no_grad():
        module.weight.copy_(torch.tensor([[1.0], [-1.0]]))
    x = np.array([[1.7e9 + 1e-6], [2.0]])
    assert as_model(module, rows_of(x), (0, 1)).scores(x)[:, 0].tolist() == x[:, 0].tolist()


def test_a_module_that_cuts_its_input_off_has_no_gradient() -> None:
    class Cut(nn.Linear):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x).detach()

    _, gradient = as_model(Cut(3, 2), rows_of(X), CLASSES).vjp(
        X, lambda scores: np.ones(scores.shape)
    )
    assert (gradient == 0).all()


@pytest.mark.parametrize("estimator", [RandomForestClassifier(5, random_state=0), SVC()])
def test_an_estimator_answers_in_codes(estimator: Any) -> None:
    estimator = estimator.fit(X, Y)
    model = as_model(estimator, rows_of(X), ("other", "no", "yes"))
    found = estimator.predict(X)
    assert [("other", "no", "yes")[i] for i in model.predict(X)] == found.tolist()
    assert (model.decide(X) == model.predict(X)).all()
    assert (model.scores(X).argmax(axis=1) == model.predict(X)).all()
    assert (model.scores(X)[:, 0] == 0).all()
    assert model.knowledge == ("decisions" if isinstance(estimator, SVC) else "scores")
    with pytest.raises(NotApplicableError):
        model.vjp(X, lambda scores: scores)


def test_an_estimator_that_was_fitted_on_a_frame_is_shown_its_columns() -> None:
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    estimator = LogisticRegression().fit(frame, Y)
    wanted = (estimator.predict(frame) == "yes").astype(int)
    turned = X[:, [2, 0, 1]]
    assert (as_model(estimator, rows_of(X), CLASSES).predict(X) == wanted).all()
    shown = rows_of(pd.DataFrame(turned, columns=["c", "a", "b"]))
    assert (as_model(estimator, shown, CLASSES).predict(turned) == wanted).all()


def test_a_callable_gives_labels_or_scores() -> None:
    labels = as_model(lambda x: np.where(x[:, 0] > 0.5, "yes", "no"), rows_of(X), CLASSES)
    scores = as_model(
        lambda x: np.stack([0.5 - x[:, 0], x[:, 0] - 0.5], axis=1), rows_of(X), CLASSES
    )
    assert (labels.knowledge, scores.knowledge) == ("decisions", "scores")
    assert (labels.predict(X) == scores.predict(X)).all()
    assert labels.scores(X)[0].tolist() in ([0, 1], [1, 0])
    assert len(labels.predict(X[:0])) == len(scores.scores(X[:0])) == 0


def test_a_callable_cannot_change_the_rows() -> None:
    rows = X.copy()

    def model(x: np.ndarray) -> np.ndarray:
        x *= 0
        return np.zeros(len(x), dtype=int)

    asked(as_model(model, rows_of(rows), (0, 1)))
    assert (rows == X).all()


def test_a_score_that_is_no_number_is_told_when_it_comes() -> None:
    def model(x: np.ndarray) -> np.ndarray:
        return np.stack([np.where(x[:, 0] > 2, np.nan, 0.0), x[:, 0]], axis=1)

    with pytest.raises(DataError, match=r"not finite \(NaN or infinite\) for 1 of 2 rows"):
        as_model(model, rows_of(X), CLASSES).predict(np.array([[3.0, 0, 0], [0, 0, 0]]))


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (nn.Linear(3, 3), r"scores of shape \(50, 3\) for 50 rows and 2 classes"),
        (
            nn.Unflatten(1, (3, 1)),
            r"an array of shape \(50, 3, 1\) for 50 rows; it must give",
        ),
        (nn.LSTM(3, 2), "returns a tuple, not a tensor"),
        (lambda x: x[:4, 0], r"an array of shape \(4,\) for 50 rows"),
        (lambda x: x[:, 0] > 0.5, "predicts (True|False), which is not one of the labels"),
        (lambda x: 1 / 0, "cannot predict 50 rows of 3 features: division by zero"),
        (RandomForestClassifier(), "not fitted yet"),
        (RandomForestClassifier, "is not a model"),
        (None, "is not a model"),
    ],
)
def test_what_does_not_answer_as_it_should_is_told(model: Any, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        as_model(model, rows_of(X), CLASSES)


def test_the_classes_are_the_estimator_s_or_told_by_the_labels() -> None:
    assert classes_of(RandomForestClassifier(2).fit(X, Y), rows_of(X), ["no"]) == ("no", "yes")
    assert classes_of(nn.Linear(3, 4), rows_of(X), [0, 2]) == (0, 1, 2, 3)
    assert classes_of(nn.Linear(3, 2), rows_of(X), ["b", "a", "b"]) == ("a", "b")
    assert classes_of(lambda x: np.zeros(len(x)), rows_of(X), [3, 1]) == (1, 3)
    with pytest.raises(ConfigurationError, match=r"returns 4 scores, but y has 2 labels"):
        classes_of(nn.Linear(3, 4), rows_of(X), ["a", "b"])


FRAME = pd.DataFrame(X, columns=["a", "b", "c"])
MIXED = FRAME.assign(
    b=np.where(X[:, 1] < 0.1, np.nan, X[:, 1]), kind=np.where(X[:, 2] < 0.5, "u", "v")
)


def pipeline() -> Any:
    encode = ColumnTransformer(
        [("n", SimpleImputer(), ["a", "b"]), ("c", OneHotEncoder(), ["kind"])]
    )
    return make_pipeline(encode, LogisticRegression()).fit(MIXED.drop(columns="c"), Y)


def test_a_pipeline_is_shown_the_frame_that_it_was_fitted_on() -> None:
    model, rows = pipeline(), rows_of(MIXED[["kind", "b", "a"]])
    asked_as = as_model(model, rows, CLASSES)
    wanted = model.predict(MIXED.drop(columns="c"))
    assert [CLASSES[code] for code in asked_as.predict(rows.x)] == wanted.tolist()
    assert (asked_as.decide(rows.x) == asked_as.predict(rows.x)).all()


def test_columns_of_other_names_are_told_and_those_of_an_array_are_taken_in_their_order() -> None:
    with pytest.raises(ConfigurationError, match="they also have 'c'; leave these out with --drop"):
        as_model(pipeline(), rows_of(MIXED), CLASSES)
    with pytest.raises(ConfigurationError, match=r"the data lack 'kind'$"):
        as_model(pipeline(), rows_of(MIXED[["a", "b"]]), CLASSES)
    model = LogisticRegression().fit(FRAME, Y)
    with pytest.raises(ConfigurationError, match="lack 'c', and they also have 'z'"):
        as_model(model, rows_of(FRAME.rename(columns={"c": "z"})), CLASSES)
    with pytest.raises(ConfigurationError, match="made for 3 columns, but the data have 2"):
        as_model(LogisticRegression().fit(X, Y), rows_of(X[:, :2]), CLASSES)
    assert as_model(model, rows_of(X), CLASSES).predict(X).tolist() == (
        (model.predict(FRAME) == "yes").astype(int).tolist()
    )


def test_a_forest_that_takes_missing_values_is_asked_itself() -> None:
    x = X.copy()
    x[:20, 1] = np.nan
    forest = RandomForestClassifier(7, random_state=0).fit(x, Y)
    for shown in (x, pd.DataFrame(x, columns=["p", "q", "r"])):
        rows = rows_of(shown)
        model = as_model(forest, rows, CLASSES)
        wanted = (forest.predict(x) == "yes").astype(int)
        assert (model.predict(rows.x) == wanted).all()
        assert (model.decide(rows.x) == wanted).all()


def test_a_forest_with_its_columns_in_another_order_decides_as_it_predicts() -> None:
    forest = RandomForestClassifier(7, random_state=0).fit(FRAME, Y)
    rows = rows_of(FRAME[["c", "a", "b"]])
    model = as_model(forest, rows, CLASSES)
    assert (model.decide(rows.x) == (forest.predict(FRAME) == "yes")).all()


def test_a_callable_is_shown_a_frame_only_where_an_array_could_not_hold_it() -> None:
    kinds = []

    def model(shown: Any) -> Any:
        kinds.append(type(shown))
        return np.zeros(len(shown), dtype=int)

    for x in (X, FRAME, FRAME.assign(a=True), MIXED, np.where(X < 0.1, np.nan, X)):
        as_model(model, rows_of(x), (0, 1))
    assert kinds == [np.ndarray, np.ndarray, np.ndarray, pd.DataFrame, np.ndarray]


def test_modules_and_models_are_refused_what_they_cannot_take(net: Net) -> None:
    told = (
        "have categories in 'kind' and missing values in 'b', but a torch module takes only finite"
    )
    with pytest.raises(ConfigurationError, match=told):
        as_model(net, rows_of(MIXED), CLASSES)
    with pytest.raises(ConfigurationError, match="'b', but a ModuleAdapter takes"):
        as_model(ModuleAdapter(net, 2), rows_of(MIXED.drop(columns="kind")), CLASSES)
    flags = FRAME.assign(a=FRAME["a"] > 0.5)
    assert as_model(net, rows_of(flags), CLASSES).knowledge == "gradients"
    with pytest.raises(ConfigurationError, match="true and false values that an attacker may"):
        as_model(net, rows_of(flags, free={"a"}), CLASSES)


def test_a_model_is_itself(net: Net) -> None:
    made = ModuleAdapter(net, 2)
    assert as_model(made, rows_of(X), CLASSES) is made
    assert classes_of(made, rows_of(X), ["b", "a"]) == ("a", "b")
    with pytest.raises(ConfigurationError, match="scores of shape"):
        as_model(made, rows_of(X), ("a", "b", "c"))


def test_labels_are_matched_by_what_they_look_like() -> None:
    rows = rows_of(X)
    forest = RandomForestClassifier(3, random_state=0).fit(X, (Y == "yes").astype(float))
    model = as_model(forest, rows, ("0", "1"))
    assert (model.predict(X) == forest.predict(X)).all()
    truth = as_model(lambda x: x[:, 0] > 0.5, rows, (0, 1))
    assert (truth.predict(X) == (X[:, 0] > 0.5)).all()


def test_an_estimator_that_fails_on_a_changed_row_says_so_in_one_sentence() -> None:
    rows = rows_of(FRAME)

    def model(x: Any) -> Any:
        if (x[:, 0] > 1).any():
            raise ValueError("unknown\ncategory 1.5")
        return np.zeros(len(x), dtype=int)

    asked_as = as_model(model, rows, (0, 1))
    with pytest.raises(ConfigurationError, match=r"unknown category 1\.5; it could predict the"):
        asked_as.predict(rows.x + 1)
