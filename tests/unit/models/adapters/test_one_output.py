"""One output for two classes: how it is interpreted, and that it decides like two scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.linear_model import LinearRegression
from torch import nn

from genlabel_robust.core.errors import ConfigurationError, UnknownNameError
from genlabel_robust.data.rows import rows_of
from genlabel_robust.models.adapters.log_probabilities import LogProbabilities
from genlabel_robust.models.adapters.one_output import OneOutput
from genlabel_robust.models.as_model import as_model, classes_of
from genlabel_robust.models.inside import notes_of

RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 3))
SLOPE = 3.0


def logit(x: Any) -> Any:
    return SLOPE * np.asarray(x)[:, 0]


def chance(x: Any) -> Any:
    return 1 / (1 + np.exp(-logit(x)))


class Scorer:
    """A model like the libraries' boosters: ``predict`` gives a probability, without classes."""

    def predict(self, x: Any) -> Any:
        return chance(x)


def net(*last: nn.Module) -> nn.Module:
    linear = nn.Linear(3, 1)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor([[SLOPE, 0, 0]]))
        linear.bias.zero_()
    return nn.Sequential(linear, *last)


ONES: dict[str, tuple[Any, str]] = {
    "function of chances (n,)": (chance, "probability"),
    "function of chances (n, 1)": (lambda x: chance(x)[:, None], "probability"),
    "function of logits": (logit, "logit"),
    "object that predicts": (Scorer(), "probability"),
    "module of logits (n, 1)": (net(), "logit"),
    "module of logits (n,)": (net(nn.Flatten(0)), "logit"),
    "module of chances": (net(nn.Sigmoid()), "probability"),
}


@pytest.mark.parametrize("name", ONES)
def test_one_output_decides_as_the_two_scores_that_it_stands_for(name: str) -> None:
    given, output = ONES[name]
    model = as_model(given, rows_of(X), ("no", "yes"))
    two = np.stack([1 - chance(X), chance(X)], axis=1)
    assert (model.predict(X) == two.argmax(axis=1)).all()
    assert (model.decide(X) == two.argmax(axis=1)).all()
    inner = model.model if isinstance(model, LogProbabilities) else model
    assert isinstance(inner, OneOutput)
    assert inner.output == output
    wanted = two if output == "probability" else np.stack([0 * logit(X), logit(X)], axis=1)
    np.testing.assert_allclose(inner.scores(X), wanted, atol=1e-6)
    (note,) = notes_of(model)
    assert "on all 80 rows and 1,000 points of the box it lies between" in note
    assert ("the probability of 'yes'" in note) == (output == "probability")


@pytest.mark.parametrize("name", [name for name in ONES if name.startswith("module")])
def test_the_gradient_of_one_output_is_that_of_its_log_odds(name: str) -> None:
    model = as_model(ONES[name][0], rows_of(X), (0, 1))
    # of the difference of the two scores: the logit, whatever the module makes of it
    _, gradient = model.vjp(X, lambda scores: np.tile([-1.0, 1.0], (len(scores), 1)))
    np.testing.assert_allclose(gradient, np.tile([SLOPE, 0, 0], (80, 1)), rtol=1e-3, atol=1e-6)


def test_a_sigmoid_that_is_sure_of_itself_keeps_its_gradient() -> None:
    model = as_model(net(nn.Sigmoid()), rows_of(X), (0, 1))
    sure = np.array([[8.0, 0, 0], [-8.0, 0, 0]])  # logits of 24, of which float32 makes 1 and 0
    assert np.asarray(model.scores(sure)).max() == 0
    _, gradient = model.vjp(sure, lambda scores: np.tile([-1.0, 1.0], (len(scores), 1)))
    assert (gradient[:, 0] > 0).all()


@pytest.mark.parametrize("answer", ["int", "float", "column", "bool"])
def test_labels_stay_labels(answer: str) -> None:
    decided = (X[:, 0] > 0).astype(int)
    functions: dict[str, Callable[[Any], Any]] = {
        "int": lambda x: (x[:, 0] > 0).astype(int),
        "float": lambda x: (x[:, 0] > 0).astype(float),
        "column": lambda x: (x[:, :1] > 0).astype(int),
        "bool": lambda x: x[:, 0] > 0,
    }
    model = as_model(functions[answer], rows_of(X), (0, 1))
    assert model.knowledge == "decisions"
    assert (model.predict(X) == decided).all()


def test_floats_of_a_class_without_a_row_are_labels_that_are_not_known() -> None:
    with pytest.raises(ConfigurationError, match=r"predicts 2.0, which is not one of the labels"):
        as_model(lambda x: np.where(x[:, 0] > 0, 2.0, 0.0), rows_of(X), (0, 1))


def test_zeros_and_ones_of_a_net_that_is_sure_are_told_by_the_box() -> None:
    rows = np.where(X > 0, 9.0, -9.0)
    steep = 40 / SLOPE
    model = as_model(lambda x: np.float32(chance(steep * x)), rows_of(rows), (0, 1))
    assert model.knowledge == "scores"


def test_a_later_value_that_is_no_probability_stops_the_run() -> None:
    rising = as_model(lambda x: np.abs(x).sum(axis=1) / 30, rows_of(X), (0, 1))
    told = (
        r"the model's single output is 3\.3\d*, but it was read as a probability, because it was "
        r"between 0 and 1 on all 80 rows and 1,000 points of the box; .*--output logit"
    )
    with pytest.raises(ConfigurationError, match=told):
        rising.predict(np.full((1, 3), 33.3))


def test_rounding_does_not_make_a_probability_another_thing() -> None:
    model = as_model(lambda x: chance(x), rows_of(X), (0, 1), "probability")
    assert isinstance(model, OneOutput)
    assert model.both(np.array([[1 + 1e-7], [-1e-7]])).tolist() == [[0, 1], [1, 0]]


def test_what_the_output_is_can_be_said() -> None:
    model = as_model(chance, rows_of(X), (0, 1), "logit")
    assert model.predict(X).all()  # every probability is above 0
    assert "as you said" in notes_of(model)[0]
    with pytest.raises(
        ConfigurationError, match="you said that it is a probability, which must lie"
    ):
        as_model(logit, rows_of(X), (0, 1), "probability").predict(X)
    with pytest.raises(UnknownNameError, match="'logits'; did you mean 'logit'"):
        as_model(logit, rows_of(X), (0, 1), "logits")
    two = nn.Linear(3, 2)
    with pytest.raises(ConfigurationError, match="returns 2 scores for each row, but --output"):
        as_model(two, rows_of(X), (0, 1), "logit")


def test_one_output_tells_two_classes_apart_and_no_more() -> None:
    for given in (chance, net()):
        assert classes_of(given, rows_of(X), ["b", "a"]) == ("a", "b")
        assert classes_of(given, rows_of(X), [0, 0]) == (0, 1)
        with pytest.raises(
            ConfigurationError, match=r"but there are 3 classes; it must return one"
        ):
            classes_of(given, rows_of(X), ["a", "b", "c"])
        with pytest.raises(ConfigurationError, match=r"but there are 3 classes; .*\(n, 3\)"):
            as_model(given, rows_of(X), ("a", "b", "c"))
        with pytest.raises(ConfigurationError, match=r"returns one output for two classes, but y"):
            classes_of(given, rows_of(X), ["a"])


def test_a_regressor_is_no_classifier_of_one_output() -> None:
    fitted = LinearRegression().fit(X, X[:, 0] > 0)
    with pytest.raises(ConfigurationError, match=r"is a regressor, but must be a classifier"):
        as_model(fitted, rows_of(X), (0, 1))


def test_whole_numbers_and_categories_of_the_box_are_those_of_rows() -> None:
    frame = pd.DataFrame({"a": X[:, 0], "k": ["u", "v"] * 40, "n": range(80)})

    def ask(rows: Any) -> Any:
        assert set(rows["k"]) <= {"u", "v"}
        assert (rows["n"] == rows["n"].round()).all()
        return chance(rows[["a"]].to_numpy())

    assert "1,000 points" in notes_of(as_model(ask, rows_of(frame), (0, 1)))[0]
