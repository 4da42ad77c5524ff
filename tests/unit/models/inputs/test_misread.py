from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.data.rows import Rows, rows_of
from genlabel_robust.models.as_model import as_model

SHOPS = [1000, 2000, 3000, 4000] * 10
FRAME = pd.DataFrame(
    {"size": np.linspace(0, 1, 40), "shop": SHOPS, "kind": ["u", "v"] * 20, "n": range(40)}
)
#: Of the rows, which a model tells by the shop that is written in them.
Y = np.array([1, 0, 1, 0] * 10)


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype(str)


def pipeline() -> Any:
    shops = make_pipeline(FunctionTransformer(as_text), OneHotEncoder(handle_unknown="ignore"))
    columns = make_column_transformer((shops, ["shop"]), ("passthrough", ["size"]))
    return make_pipeline(columns, LogisticRegression(C=100.0)).fit(FRAME, Y)


def by_shop(frame: pd.DataFrame) -> np.ndarray:
    return np.array([f"{shop}" in ("1000", "3000") for shop in frame["shop"]]).astype(int)


def test_a_pipeline_that_writes_whole_numbers_out_is_refused_floats() -> None:
    model = pipeline()
    assert (model.predict(FRAME) == Y).all()
    told = (
        r"makes other decisions for 20 of 40 rows .* passes them: the whole numbers in 'shop', "
        r"'n' reach it as floats \(1000\.0 for 1000\); give integer = true for them in a threat"
    )
    turned = FRAME[["n", "shop", "size", "kind"]]
    # a pipeline takes its columns by name; those that it does not read are the data's too
    with pytest.raises(ConfigurationError, match=told):
        as_model(model, rows_of(turned), (0, 1))
    rows = rows_of(turned, whole={"shop"})
    assert (as_model(model, rows, (0, 1)).predict(rows.x) == Y).all()
    assert rows.encoding.frame(rows.x).dtypes.astype(str).tolist()[:2] == ["float64", "int64"]


@pytest.mark.parametrize("dtype", ["int32", "Int64", "int64[pyarrow]"])
def test_a_function_that_writes_whole_numbers_out_is_refused_floats(dtype: str) -> None:
    frame = FRAME.astype({"shop": dtype})
    # where the rows come from does not matter: it may be a part of a larger table
    frame.index = range(7, 47)
    with pytest.raises(ConfigurationError, match=r"20 of 40 rows .* integer = true"):
        as_model(by_shop, rows_of(frame), (0, 1))
    rows = rows_of(frame, whole={"shop"})
    assert (as_model(by_shop, rows, (0, 1)).predict(rows.x) == Y).all()
    rows = rows_of(frame.astype({"shop": str}))
    assert (as_model(by_shop, rows, (0, 1)).predict(rows.x) == Y).all()


def test_scores_are_compared_by_what_they_decide() -> None:
    def model(frame: pd.DataFrame) -> np.ndarray:
        found = by_shop(frame)
        return np.stack([1 - found, found], axis=1) * (1 + frame["size"].to_numpy()[:, None])

    with pytest.raises(ConfigurationError, match="20 of 40 rows"):
        as_model(model, rows_of(FRAME), (0, 1))
    as_model(model, rows_of(FRAME, whole={"shop"}), (0, 1))


def test_other_types_are_named() -> None:
    def model(frame: pd.DataFrame) -> np.ndarray:
        return np.array([len(value) > 12 for value in frame["size"].astype(str)]).astype(int)

    frame = FRAME.astype({"size": "float32"}).drop(columns=["shop", "n"])
    told = "column 'size' is float32 and reaches it as float64; store the data in the types"
    with pytest.raises(ConfigurationError, match=told):
        as_model(model, rows_of(frame), (0, 1))


@pytest.mark.parametrize(
    ("x", "told"),
    [
        (FRAME[["shop", "n"]].to_numpy(), r"int64 as an array, .* floats \(1000\.0 for 1000\)"),
        (FRAME[["shop", "n"]], r"int64 as an array"),
        ((FRAME[["shop", "n"]].to_numpy() % 3000 == 1000).tolist(), r"bool .* \(1\.0 for True\)"),
    ],
)
def test_arrays_of_whole_numbers_are_compared_too(x: Any, told: str) -> None:
    def model(rows: np.ndarray) -> np.ndarray:
        return np.array([str(value) in ("1000", "3000", "True") for value in rows[:, 0]]).astype(
            int
        )

    with pytest.raises(ConfigurationError, match=rf"20 of 40 rows .* {told}"):
        as_model(model, rows_of(x), (0, 1))
    safe = as_model(lambda rows: (rows[:, 0] == 1000).astype(int), rows_of(x), (0, 1))
    assert safe.n_classes == 2


def test_an_estimator_of_a_frame_that_is_given_an_array_is_compared() -> None:
    numbers = FRAME[["shop", "n"]]
    model = make_pipeline(
        FunctionTransformer(as_text), OneHotEncoder(handle_unknown="ignore"), LogisticRegression()
    ).fit(numbers, Y)
    with pytest.raises(ConfigurationError, match=r"20 of 40 rows .* in 'shop', 'n' reach it"):
        as_model(model, rows_of(numbers.to_numpy()), (0, 1))


def test_a_model_is_asked_again_only_where_types_differ() -> None:
    asked: list[Any] = []

    def model(shown: Any) -> np.ndarray:
        asked.append(shown)
        return np.zeros(len(shown), dtype=int)

    plain = FRAME.drop(columns=["shop", "n"])
    gaps = plain.assign(text=["x", None] * 20, size=[0.5, np.nan] * 20, member=[True, False] * 20)
    for x, times in ((plain, 1), (gaps, 1), (FRAME, 2), (np.eye(3), 1), (np.eye(3, dtype=int), 2)):
        asked.clear()
        as_model(model, rows_of(x), (0, 1))
        assert len(asked) == times


def test_a_model_cannot_change_its_owner_s_rows() -> None:
    def model(shown: Any) -> np.ndarray:
        shown[:] = 0
        return np.zeros(len(shown), dtype=int)

    def of_frame(shown: pd.DataFrame) -> np.ndarray:
        shown.loc[:, "size"] = 0.0
        return np.zeros(len(shown), dtype=int)

    x, frame = np.eye(3, dtype=int), FRAME.copy()
    as_model(model, rows_of(x), (0, 1))
    as_model(of_frame, rows_of(frame), (0, 1))
    assert (x == np.eye(3)).all()
    pd.testing.assert_frame_equal(frame, FRAME)


def test_types_are_not_blamed_for_something_else() -> None:
    rng = np.random.default_rng(0)

    def moody(shown: Any) -> np.ndarray:
        return rng.integers(0, 2, len(shown))

    def strict(shown: pd.DataFrame) -> np.ndarray:
        if shown["shop"].dtype != float:
            raise TypeError("floats only")
        return np.zeros(len(shown), dtype=int)

    rows = rows_of(FRAME)
    for model in (moody, strict):
        assert as_model(model, rows, (0, 1)).n_classes == 2
    # what a run was asked about is read without what it came from
    unknown = Rows(rows.x, None, rows.encoding, framed=True)
    assert as_model(by_shop, unknown, (0, 1)).n_classes == 2
