"""Relations without reference rows, evaluated with the tables stored in a run."""

from __future__ import annotations

import json

import numpy as np
import pytest

from genlabel_robust.core import RelationError
from genlabel_robust.data.columns.encoding import Encoding
from genlabel_robust.data.columns.number_or_category import Number
from genlabel_robust.threat.relations.stored_tables import relations_of_tables, tables_to_store

TABLES = [
    "education_num == table(education)",
    "tier == table(education)",
    "tier == table(education_num)",
    "married == table(tenure)",
]
FREE = {"weights": {"education": 10.0}, "units": {"education": "raw"}}


@pytest.mark.parametrize("free", [{}, FREE])
def test_rows_keep_to_the_same_by_stored_tables_as_by_reference_rows(
    table, asked, free: dict
) -> None:
    train, test = table(0, 200), table(1, 80)
    for rows in (train, test):
        rows["married"] = rows["tenure"] > 5
    test.loc[::3, "education_num"] = 13
    test.loc[::4, "tier"] = "top"
    texts = [*TABLES, "tenure <= age - 16"]
    own = asked(test, train, {**free, "immutable": ["tenure"], "relations": texts})
    task, space = own.task, own.target.space
    stored = json.loads(json.dumps(tables_to_store(texts, task)))
    assert [(one["target"], one["source"]) for one in stored] == [
        tuple(text.replace("table(", "").replace(")", "").split(" == ")) for text in TABLES
    ]
    assert ["BA", 13.0] in stored[0]["rows"]
    assert ["PhD", "top"] in stored[1]["rows"]
    encoding = task.encoding or Encoding(tuple(map(Number, task.feature_names)))
    found = relations_of_tables(texts, task.feature_names, encoding, space.mutable, stored)
    met = found.met(task.x_test)
    np.testing.assert_array_equal(met, space.relations.met(task.x_test))
    assert not met.all(axis=0)[:3].any()


def test_a_table_that_is_not_stored_or_damaged_is_an_error(table, asked) -> None:
    texts = TABLES[:1]
    own = asked(table(1, 20), table(0, 200), {"relations": texts})
    task, mutable = own.task, own.target.space.mutable
    (one,) = tables_to_store(texts, task)
    for stored, told in (
        ([], "does not contain this table; make the run again"),
        ([{**one, "rows": [["Abitur", 13.0]]}], "'education', but the table in the run is dam"),
        ([{**one, "rows": [["BA", "many"]]}], "'education_num', but the table in the run is"),
    ):
        with pytest.raises(RelationError, match=told):
            relations_of_tables(texts, task.feature_names, task.encoding, mutable, stored)
