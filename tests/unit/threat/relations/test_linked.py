"""Groups of columns that must be restored together under relations."""

from __future__ import annotations

import numpy as np

from genlabel_robust.threat.relations.linked import given_back_together
from genlabel_robust.threat.table_columns import table_columns

FREE = {"weights": {"education": 10.0}, "units": {"education": "raw"}}


def together(table, asked, relations: list[str], more: dict) -> list[set[str]]:
    own = asked(table(1, 20), table(0, 200), {**more, "relations": relations})
    space, task = own.target.space, own.task
    columns = table_columns(task.feature_names, task.encoding, space.rules.one_hot)
    features = [np.array(column.features) for column in columns]
    name = {int(i): column.name for column in columns for i in column.features}
    found = given_back_together(features, space.relations)
    assert [part.tolist() for part in found[: len(features)]] == [f.tolist() for f in features]
    return [{name[int(i)] for i in part} for part in found[len(features) :]]


def test_a_level_and_what_a_table_has_for_it_go_back_together(table, asked) -> None:
    relation = ["education_num == table(education)"]
    assert together(table, asked, relation, FREE) == [{"education", "education_num"}]
    assert together(table, asked, relation, {}) == [{"education", "education_num"}]


def test_of_a_sum_any_two_go_back_together_and_all_of_it(table, asked) -> None:
    found = together(table, asked, ["a + b == c", "hours >= 1"], {})
    assert found == [{"a", "b"}, {"a", "c"}, {"b", "c"}, {"a", "b", "c"}]


def test_relations_with_a_column_in_common_go_back_together(table, asked) -> None:
    found = together(table, asked, ["a <= hours", "tenure <= age", "hours <= age"], {})
    assert found[:3] == [{"a", "hours"}, {"tenure", "age"}, {"hours", "age"}]
    assert found[3:] == [{"a", "hours", "tenure", "age"}]


def test_without_relations_columns_go_back_one_by_one(table, asked) -> None:
    assert together(table, asked, [], {}) == []
