"""Queries of the model to settle a doubtful kind of column or order of columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import genlabel_robust
from genlabel_robust.core.errors import DataError
from genlabel_robust.data.rows import Rows
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.plan.audit_rows.rows import Tables, audited_rows


def _rows(n: int = 60) -> tuple[pd.DataFrame, Any]:
    x = np.random.default_rng(0).integers(0, 4, size=(n, 2))
    return pd.DataFrame(x, columns=["a", "b"]), (x[:, 0] + 0.5 * x[:, 1] > 2).astype(int)


def _given(model: Any, x: Any, reference: Any = None, **settings: Any) -> Rows:
    return audited_rows(model, Tables(x, reference), RunConfig(**settings))


def _kinds(rows: Rows) -> list[str]:
    return [part.as_dict()["kind"] for part in rows.encoding.parts]


def test_text_that_a_model_takes_as_numbers_is_a_column_of_numbers_and_said_to_be() -> None:
    x, y = _rows()
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(x.astype(float), y)
    rows = _given(model, x.astype({"a": str}), x)
    assert _kinds(rows) == ["number", "number"]
    assert rows.x[:, 0].tolist() == x["a"].tolist()
    assert "'a' holds text that reads as numbers in every cell" in rows.notices[0]
    assert "the attacker changes them as numbers" in rows.notices[0]


def test_text_that_a_model_takes_as_text_is_a_category() -> None:
    x, y = _rows()
    text = x.astype({"a": str})
    encode = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["a"]), remainder="passthrough"
    )
    model = make_pipeline(encode, LogisticRegression()).fit(text, y)
    rows = _given(model, text, text)
    assert _kinds(rows) == ["category", "number"]
    assert "the model gives other answers for the numbers than for the text" in rows.notices[0]


def test_each_of_several_columns_of_text_is_asked_about_by_itself() -> None:
    x, y = _rows()
    text = x.astype(str)
    encode = make_column_transformer((OneHotEncoder(), ["a"]), (StandardScaler(), ["b"]))
    model = make_pipeline(encode, LogisticRegression()).fit(text.astype({"b": float}), y)
    rows = _given(model, text, text)
    assert _kinds(rows) == ["category", "number"]


def test_a_column_that_is_said_to_be_text_is_not_asked_about() -> None:
    x, y = _rows()
    text = x.astype({"a": str})
    model = make_pipeline(
        make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["a"])),
        LogisticRegression(),
    ).fit(text, y)
    assert _kinds(_given(model, x, x, category=["a"])) == ["category", "number"]


def test_numbers_that_only_the_reference_holds_as_text_are_numbers() -> None:
    x, y = _rows()
    model = LogisticRegression().fit(x.to_numpy(), y)
    rows = _given(model, x, x.astype(str))
    assert _kinds(rows) == ["number", "number"]


@pytest.mark.parametrize("odd", ["1_000", "1\u00a0", "?"])
def test_an_odd_cell_of_a_frame_in_memory_is_an_error(odd: str) -> None:
    x, y = _rows()
    model = LogisticRegression().fit(x.to_numpy(), y)
    bad = x.astype(str)
    bad.loc[7, "b"] = odd
    with pytest.raises(
        DataError,
        match=r"x has cells that are not numbers .* column 'b' \(1 cell of 60, such as .* row 7",
    ):
        genlabel_robust.audit(model, bad, y, eps=0.1, checks="off")
    with pytest.raises(
        DataError, match=r"the reference has cells that are not numbers .* column 'b'"
    ):
        genlabel_robust.audit(model, x, y, reference=bad, eps=0.1, checks="off")
