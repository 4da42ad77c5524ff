from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest

from genlabel_robust.core.errors import ConfigurationError, NotApplicableError
from genlabel_robust.data.rows import Rows, rows_of
from genlabel_robust.models.adapters.library import LibraryAdapter
from genlabel_robust.models.adapters.library_model import LibraryModel, PlainLibraryModel
from genlabel_robust.models.adapters.log_probabilities import LogProbabilities
from genlabel_robust.models.as_model import as_model, classes_of

FRAME = pd.DataFrame(
    {"a b": [1.0, 2.0, 3.0], "c": [3.0, np.nan, 1.0], "d": ["x", None, "y"], "e": [1.0, 2.0, 2.0]}
)
NUMBERS = FRAME[["a b", "e"]]


@dataclass
class Fake(PlainLibraryModel):
    """A model whose scores are the first and the last column; it keeps the rows it gets."""

    takes: Any = "numbers"
    width: int | None = None
    columns: tuple[str, ...] | None = None
    whole: tuple[str, ...] = ()
    classes: Any = None
    n_classes: int = 2
    knowledge: Any = "gradients"
    shown: list[Any] = field(default_factory=list)

    def scores(self, rows: Any) -> Any:
        self.shown.append(rows)
        if isinstance(rows, pd.DataFrame):
            return rows.iloc[:, [0, -1]].to_numpy(dtype=float)
        return np.nan_to_num(rows[:, [0, -1]])

    def codes(self, rows: Any) -> Any:
        return self.scores(rows).argmax(axis=1)

    def vjp(self, rows: Any, weigh: Any) -> Any:
        scores = self.scores(rows)
        gradient = np.zeros(rows.shape)
        gradient[:, [0, -1]] = weigh(scores)
        return scores, gradient


def made(native: Fake, rows: Rows) -> LibraryAdapter:
    assert isinstance(native, LibraryModel)
    model = as_model(native, rows, (0, 1))
    assert isinstance(model, LibraryAdapter)
    return model


def test_columns_are_shown_in_the_model_s_order_and_gradients_come_back_in_the_data_s() -> None:
    native = Fake(columns=("e", "a_b"), whole=("a_b", "z"))
    rows = rows_of(NUMBERS)
    model = made(native, rows)
    assert native.shown[-1].tolist() == [[1, 1], [2, 2], [2, 3]]
    assert model.knowledge == "gradients"
    assert model.whole == ("a b",)
    assert model.scores(rows.x)[:, 1].tolist() == [1, 2, 3]
    scores, gradient = model.vjp(rows.x, lambda scores: np.tile([1.0, 5.0], (len(scores), 1)))
    assert (scores == model.scores(rows.x)).all()
    assert gradient.tolist() == [[5, 1]] * 3
    assert model.predict(rows.x).tolist() == model.decide(rows.x).tolist() == [0, 0, 1]


def test_what_a_model_takes_decides_what_it_is_shown() -> None:
    native = Fake(takes="missing")
    rows = rows_of(FRAME[["a b", "c"]])
    model = made(native, rows)
    np.testing.assert_array_equal(native.shown[-1], FRAME[["a b", "c"]].to_numpy())
    assert model.knowledge == "scores"
    with pytest.raises(NotApplicableError):
        model.vjp(rows.x, lambda scores: scores)
    native = Fake(takes="frame", columns=("e", "c", "d", "a_b"))
    model = made(native, rows_of(FRAME))
    assert list(native.shown[-1]) == ["e", "c", "d", "a_b"]
    pd.testing.assert_series_equal(native.shown[-1]["d"], FRAME["d"])
    assert model.knowledge == "scores"
    assert made(Fake(takes="frame"), rows_of(NUMBERS)).knowledge == "scores"


def test_a_model_of_decisions_gives_them_as_scores() -> None:
    rows = rows_of(NUMBERS)
    model = made(Fake(knowledge="decisions"), rows)
    assert model.knowledge == "decisions"
    assert model.scores(rows.x).tolist() == np.eye(2)[model.predict(rows.x)].tolist()
    assert len(model.predict(rows.x[:0])) == len(model.scores(rows.x[:0])) == 0


def test_probabilities_are_asked_for_as_logarithms() -> None:
    class Odds(Fake):
        def scores(self, rows: Any) -> Any:
            return np.tile([0.25, 0.75], (len(rows), 1))

    assert isinstance(as_model(Odds(), rows_of(NUMBERS), (0, 1)), LogProbabilities)


def test_the_classes_are_the_file_s_or_told_by_the_labels() -> None:
    rows = rows_of(NUMBERS)
    assert classes_of(Fake(classes=("n", "y")), rows, ["y"]) == ("n", "y")
    assert classes_of(Fake(), rows, ["1", "0"]) == (0, 1)
    assert classes_of(Fake(), rows, ["b", "a"]) == ("a", "b")
    with pytest.raises(ConfigurationError, match="returns 2 scores, but y has 3 labels"):
        classes_of(Fake(), rows, ["b", "a", "c"])


@pytest.mark.parametrize(
    ("native", "frame", "told"),
    [
        (
            Fake(),
            FRAME[["a b", "c"]],
            "missing values in 'c', but the model takes only finite numbers",
        ),
        (Fake(takes="missing"), FRAME, "have categories in 'd', but the model takes only numbers"),
        (Fake(width=3), NUMBERS, "made for 3 columns, but the data have 2"),
        (Fake(columns=("a_b", "z")), NUMBERS, "lack 'z', and they also have 'e'; .* --drop"),
        (Fake(columns=("a b",)), NUMBERS, "not those of the data: they also have 'e'"),
        (Fake(classes=("y", "n")), NUMBERS, r"its classes are \['y', 'n'\], in this order"),
        (Fake(n_classes=3), NUMBERS, "scores of shape"),
    ],
)
def test_what_does_not_fit_the_data_is_told(native: Fake, frame: Any, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as error:
        as_model(native, rows_of(frame), (0, 1))
    assert "\n" not in str(error.value)


def test_decisions_that_are_no_classes_are_told() -> None:
    class Odd(Fake):
        def codes(self, rows: Any) -> Any:
            return np.full(len(rows), 7)

    model = made(Odd(), rows_of(NUMBERS))
    with pytest.raises(ConfigurationError, match="numbers of 2 classes"):
        model.predict(rows_of(NUMBERS).x)


def test_a_file_that_writes_whole_numbers_out_is_refused_floats() -> None:
    class Written(Fake):
        def scores(self, rows: Any) -> Any:
            return np.array([[0, 1] if f"{count}" == "1" else [1, 0] for count in rows["n"]])

    frame = NUMBERS.assign(n=[1, 2, 1])
    for knowledge in ("scores", "decisions"):
        native = Written(takes="frame", knowledge=knowledge)
        with pytest.raises(ConfigurationError, match=r"2 of 3 rows .* 'n' reach it as floats"):
            as_model(native, rows_of(frame), (0, 1))
        rows = rows_of(frame, whole={"n"})
        assert as_model(native, rows, (0, 1)).predict(rows.x).tolist() == [1, 0, 1]
