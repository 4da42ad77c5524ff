"""Rows in memory, written as Parquet and read back: the same values, kinds and columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genlabel_robust.core import ConfigurationError
from genlabel_robust.runs.plan.audit_rows.written_tables import write_tables

FRAME = pd.DataFrame(
    {
        "age": [30, 41, 52],
        "income": [1.5, np.nan, 0.1],
        "kind": pd.Categorical(["a", "b", "a"]),
        "label": [True, False, True],
    },
    index=[7, 3, 5],
)


def test_a_frame_keeps_its_columns_beside_labels_and_groups(tmp_path: Path) -> None:
    data, target, reference = write_tables(
        tmp_path, FRAME, ["x", "y", "x"], FRAME[:2], {"g": [*"mfm"]}
    )
    read = pd.read_parquet(data)
    assert target == "label_"  # a column of the model is called "label"
    assert list(read) == ["age", "income", "kind", "label", "g", "label_"]
    pd.testing.assert_frame_equal(read[list(FRAME)], FRAME.reset_index(drop=True))
    assert read["g"].tolist() == ["m", "f", "m"]
    assert reference is not None
    assert pd.read_parquet(reference)["age"].tolist() == [30, 41]


def test_an_array_keeps_whole_numbers_and_the_bits_of_others(tmp_path: Path) -> None:
    for array, kind in (
        (np.array([[1, 2], [3, 4]], dtype=np.uint8), np.int64),
        (np.array([[True, False], [False, True]]), np.int64),
        (np.array([[0.1, 1 / 3], [np.pi, -0.0]]), np.float64),
        (np.array([[1, 2.5], [3, None]], dtype=object), np.float64),
    ):
        data, target, reference = write_tables(tmp_path, array, [0, 1], None, {})
        read = pd.read_parquet(data)
        assert reference is None
        assert list(read) == ["x0", "x1", target]
        assert (read[["x0", "x1"]].dtypes == kind).all()
        values = read[["x0", "x1"]].to_numpy(dtype=np.float64)
        assert values.tobytes() == array.astype(np.float64).tobytes()


def test_a_reference_without_names_has_those_of_the_rows(tmp_path: Path) -> None:
    rows = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    _, _, reference = write_tables(tmp_path, rows, [0, 1], rows.to_numpy(), {})
    assert list(pd.read_parquet(str(reference))) == ["a", "b"]


def test_what_parquet_cannot_hold_is_refused_in_one_sentence(tmp_path: Path) -> None:
    mixed = pd.DataFrame({"a": [1, "two"]})
    with pytest.raises(ConfigurationError, match="values of one type"):
        write_tables(tmp_path, mixed, [0, 1], None, {})
    with pytest.raises(ConfigurationError, match="'age' is a column of x as well"):
        write_tables(tmp_path, FRAME, [0, 1, 0], None, {"age": [1, 2, 3]})
