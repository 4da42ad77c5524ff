from __future__ import annotations

import numpy as np
import pandas as pd

from genlabel_robust.data.rows import rows_of
from genlabel_robust.threat.table_columns import TableColumn, changed_columns, table_columns


def test_without_an_encoding_each_feature_is_a_column() -> None:
    assert table_columns(["a", "b"], None, ()) == (
        TableColumn("a", (0,)),
        TableColumn("b", (1,)),
    )


def test_a_number_stands_with_what_says_that_it_is_missing_and_a_category_with_its_levels() -> None:
    frame = pd.DataFrame(
        {"a": [1.0, None, 3.0], "c": ["x", "y", "x"], "b": [1.5, 2.5, 3.5], "e": ["u", "v", "u"]}
    )
    encoding = rows_of(frame, frame, free=("c",)).encoding
    groups = [(2, 3)]
    assert table_columns(encoding.feature_names, encoding, groups) == (
        TableColumn("a", (0, 1), flag=1),
        TableColumn("c", (2, 3), levels=("x", "y")),
        TableColumn("b", (4,)),
        TableColumn("e", (5,)),
    )


def test_a_group_of_plain_columns_is_one_column_named_by_them() -> None:
    names = ["r", "size", "g", "b", "k"]
    assert table_columns(names, None, [(0, 2)])[0] == TableColumn("r / g", (0, 2), ("r", "g"))
    (group, size) = table_columns(names, None, [(0, 2, 3, 4)])
    assert group.name == "r / … / k"
    assert size == TableColumn("size", (1,))


def test_a_switch_of_a_level_is_one_change() -> None:
    columns = table_columns(["r", "size", "g"], None, [(0, 2)])
    before = np.array([[1.0, 5.0, 0.0], [1.0, 5.0, 0.0]])
    after = np.array([[0.0, 5.0, 1.0], [1.0, 6.0, 0.0]])
    assert changed_columns(columns, before, after).tolist() == [[True, False], [False, True]]
