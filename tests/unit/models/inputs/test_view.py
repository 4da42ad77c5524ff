from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.data.rows import rows_of
from genlabel_robust.models.adapters.estimator import estimator_view
from genlabel_robust.models.as_model import as_model, classes_of
from genlabel_robust.models.inputs.view import columns_of, view_of

FRAME = pd.DataFrame({"a b": [1.0, 2.0], "c": [3.0, 4.0], "d_e": [5.0, 6.0]})


def test_columns_are_matched_by_name_and_called_as_the_model_calls_them() -> None:
    rows = rows_of(FRAME)
    for names in (("d_e", "c", "a b"), ("d_e", "c", "a_b")):
        view = view_of(rows, "frame", names)
        assert view.order == (2, 1, 0)
        shown = view(rows.x)
        assert tuple(shown) == names
        assert shown.to_numpy().tolist() == [[5, 3, 1], [6, 4, 2]]
        assert view_of(rows, "matrix", names)(rows.x).tolist() == [[5, 3, 1], [6, 4, 2]]


@pytest.mark.parametrize(
    "names", [None, ("Column_0", "Column_1", "Column_2"), ("f0", "f1", "f2"), ("0", "1", "2")]
)
def test_names_that_say_nothing_are_positions(names: tuple[str, ...] | None) -> None:
    rows = rows_of(FRAME)
    view = view_of(rows, "frame", names)
    assert view.order == (0, 1, 2)
    assert tuple(view(rows.x)) == (names or tuple(FRAME))


def test_an_array_has_no_names_to_differ() -> None:
    rows = rows_of(FRAME.to_numpy())
    assert view_of(rows, "frame", ("p", "q", "r")).order == (0, 1, 2)
    with pytest.raises(ConfigurationError, match="made for 2 columns, but the data have 3"):
        view_of(rows, "frame", ("p", "q"))


def test_what_is_shown_is_the_model_s_to_change() -> None:
    rows = rows_of(FRAME)
    for form in ("matrix", "frame"):
        shown = view_of(rows, form)(rows.x)
        shown *= 0
    assert (rows.x == FRAME).all().all()


def test_names_that_are_alike_once_blanks_are_gone_are_told_apart_or_refused() -> None:
    rows = rows_of(FRAME.rename(columns={"c": "a_b"}))
    assert view_of(rows, "frame", ("a_b", "a b", "d_e")).order == (1, 0, 2)
    with pytest.raises(ConfigurationError, match="too similar"):
        view_of(rows, "frame", ("a_b", "d_e"))


def test_names_that_say_nothing_are_names_where_the_data_have_such() -> None:
    rows = rows_of(pd.DataFrame({"f1": [1.0], "f2": [3.0], "f3": [5.0]}))
    with pytest.raises(ConfigurationError, match=r"lack 'f0'.* also have 'f3'"):
        view_of(rows, "matrix", ("f0", "f1", "f2"))


X = np.random.default_rng(0).normal(size=(60, 3))
ABC = pd.DataFrame(X, columns=["u", "v", "w"])
Y = (X[:, 0] > 0).astype(int)


class Forgetful:
    """A model that predicts from its first column; its column count and names are arguments.

    Like CatBoost's, it accepts rows with more columns, and uses the first ones.
    """

    classes_ = np.array([0, 1])

    def __init__(self, count: Any, names: Any = None, needs: int = 3) -> None:
        self.n_features_in_ = count
        self.feature_names_ = names
        self.needs = needs

    def predict(self, x: Any) -> Any:
        x = x.to_numpy() if isinstance(x, pd.DataFrame) else x
        if x.shape[1] < self.needs:
            raise ValueError(f"feature {x.shape[1]} is present in the model, and not in the rows")
        return (x[:, :1] > 0).astype(int)  # (n, 1), as CatBoost gives labels of three classes


@pytest.mark.parametrize("count", [0, -1, None, 2, 5])
def test_a_count_that_a_working_prediction_contradicts_is_not_believed(count: Any) -> None:
    model = Forgetful(count)
    assert classes_of(model, rows_of(X), Y) == (0, 1)
    assert (as_model(model, rows_of(X), (0, 1)).predict(X) == Y).all()


def test_a_count_is_believed_where_the_model_answers_for_so_many_columns_too() -> None:
    with pytest.raises(ConfigurationError, match="made for 2 columns, but the data have 3"):
        as_model(Forgetful(2, needs=2), rows_of(X), (0, 1))


def test_names_count_for_more_than_a_count_that_contradicts_them() -> None:
    assert columns_of(Forgetful(0, ["w", "u", "v"])) == (["w", "u", "v"], None)
    assert columns_of(Forgetful(3, ["w", "u", "v"])) == (["w", "u", "v"], None)
    # of something else, then
    assert columns_of(Forgetful(3, ["w", "u"])) == (None, 3)
    assert columns_of(Forgetful(0, "uvw")) == (None, None)
    assert columns_of(RandomForestClassifier(2).fit(ABC, Y)) == (["u", "v", "w"], None)
    assert columns_of(RandomForestClassifier(2).fit(X, Y)) == (None, 3)


def test_names_of_a_model_that_forgot_its_count_put_the_columns_in_order() -> None:
    view = estimator_view(Forgetful(0, ["w", "u", "v"]), rows_of(ABC))
    assert view.order == (2, 0, 1)
    assert tuple(view(X)) == ("w", "u", "v")


def test_numbered_names_are_a_count() -> None:
    model = Forgetful(0, ["0", "1", "2"])
    assert estimator_view(model, rows_of(ABC)).form == "matrix"
    with pytest.raises(ConfigurationError, match="made for 3 columns, but the data have 4"):
        as_model(model, rows_of(np.column_stack([X, X[:, 0]])), (0, 1))


def test_an_attribute_that_cannot_be_had_is_none() -> None:
    class Broken(Forgetful):
        @property
        def feature_names_in_(self) -> Any:
            raise RuntimeError("not loaded")

    assert columns_of(Broken(3)) == (None, 3)


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("data", [X, ABC], ids=["array", "frame"])
def test_a_classifier_of_catboost_answers_as_before_it_was_pickled(data: Any, k: int) -> None:
    catboost = pytest.importorskip("catboost")
    y = np.digitize(X[:, 0], [-0.4, 0.4])[:, None][:, 0] if k == 3 else Y
    model = catboost.CatBoostClassifier(iterations=5, verbose=0, allow_writing_files=False)
    stored = pickle.loads(pickle.dumps(model.fit(data, y)))  # noqa: S301
    assert stored.n_features_in_ == 0
    rows = rows_of(data)
    asked = as_model(stored, rows, classes_of(stored, rows, y))
    assert (asked.predict(rows.x) == model.predict(data).ravel()).all()
    np.testing.assert_allclose(asked.scores(rows.x), model.predict_proba(data))
