from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from genlabel_robust.data.columns.encoding import Encoding
from genlabel_robust.data.rows import rows_of, task_of_rows
from genlabel_robust.threat.constraints.constraints import Constraints
from genlabel_robust.threat.constraints.limits_of_columns import kept_whole

NAN = float("nan")


@pytest.mark.parametrize(
    ("dtype", "shown"),
    [
        ("int64", "int64"),
        ("uint8", "uint8"),
        ("Int64", "Int64"),
        ("UInt16", "UInt16"),
        ("int64[pyarrow]", "Int64"),
        ("float32", "float64"),
        (object, "float64"),
    ],
)
def test_what_is_held_to_whole_numbers_has_the_type_of_its_source(dtype: Any, shown: str) -> None:
    frame = pd.DataFrame({"a": pd.Series([1, 20, 200]).astype(dtype), "b": [1, 2, 3]})
    rows = rows_of(frame, whole={"a"})
    assert rows.x.dtype == np.float64
    for encoding in (rows.encoding, Encoding.from_dict(rows.encoding.as_dict())):
        assert encoding == rows.encoding
        # as after a way into an attack's coordinates and back
        back = encoding.frame(rows.x - [1e-9, 0])
        assert back.dtypes.astype(str).tolist() == [shown, "float64"]
        assert back["a"].tolist() == [1, 20, 200] or shown == "float64"
        assert encoding.matrix(rows.x).dtype == np.float64
    assert rows.encoding.plain
    assert rows.encoding.trivial == (shown == "float64")
    # what the models of other libraries are told of it must be in the run
    assert (task_of_rows("t", rows, [0, 1, 1], (0, 1)).encoding is None) == rows.encoding.trivial


def test_whole_numbers_that_are_missing_are_written_as_in_their_source() -> None:
    values = pd.Series([1, None, 3], dtype="Int64")
    frame = pd.DataFrame({"read": values.astype("float64"), "nullable": values})
    rows = rows_of(frame, whole=frame.columns)
    assert rows.names == ("read", "read is missing", "nullable", "nullable is missing")
    pd.testing.assert_frame_equal(rows.encoding.frame(rows.x), frame)
    np.testing.assert_array_equal(rows.encoding.matrix(rows.x), frame.to_numpy(float, na_value=NAN))
    # only reference rows miss some
    rows = rows_of(frame[["read"]].iloc[[0, 2]].astype("int64"), frame[["read"]], whole=["read"])
    assert rows.encoding.frame(rows.x)["read"].dtype == np.int64
    assert rows.reference is not None
    pd.testing.assert_frame_equal(rows.encoding.frame(rows.reference), frame[["read"]])


def test_whole_numbers_beyond_their_type_are_what_they_are() -> None:
    rows = rows_of(pd.DataFrame({"a": np.array([1, 2], dtype="uint8")}), whole=["a"])
    for values, dtype in (([0.0, 255.0], "uint8"), ([-1.0, 300.0], "int64"), ([1.0, 2e19], "floa")):
        shown = rows.encoding.frame(np.array(values)[:, None])["a"]
        assert (shown.tolist(), str(shown.dtype)[: len(dtype)]) == (values, dtype)


def test_limits_tell_which_columns_stay_whole() -> None:
    given = {"integer": ["a"], "immutable": ["b"], "one_hot": [["c", "d"]], "weights": {"e": 2.0}}
    assert kept_whole(given) == kept_whole(Constraints.of(given)) == set("abcd")
