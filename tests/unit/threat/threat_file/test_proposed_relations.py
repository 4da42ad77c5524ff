from __future__ import annotations

import tomllib

import numpy as np

from genlabel_robust.data.rows import rows_of
from genlabel_robust.threat.threat_file.draft import audit_draft
from genlabel_robust.threat.threat_file.proposed_relations import (
    EACH,
    Values,
    proposals,
    proposed_lines,
)


def texts(columns: dict[str, Values]) -> list[str]:
    return [one.text for one in proposals(columns)]


def test_what_holds_on_all_rows_is_proposed_with_its_support(table) -> None:
    frame = table(0, 300).astype({"married": object})
    frame["twice"], frame["odd name"] = 2 * frame["hours"], 3 * frame["age"]
    frame.loc[::10, "tenure"] = np.nan
    draft = audit_draft("made", rows_of(frame), relations=True)
    content = tomllib.loads(draft)
    assert content["relations"] == [
        "2 * hours == twice",
        "3 * age == `odd name`",
        "a + b + c == total",
        "education_num == table(education)",
        "tier == table(education)",
        "tier == table(education_num)",
    ]
    assert '    # "tenure <= age - 16",  # 270 rows' in draft
    assert '"a + b + c == total",  # 300 rows' in draft
    assert '"education_num == table(education)",  # 300 rows, 4 values' in draft


def test_what_one_row_contradicts_is_not_proposed(table) -> None:
    frame = table(0, 300)
    numbers = {
        name: Values(frame[name].to_numpy(dtype=float, copy=True))
        for name in ("a", "b", "c", "total")
    }
    assert "a + b + c == total" in texts(numbers)
    numbers["total"].numbers[17] += 0.01
    assert "a + b + c == total" not in texts(numbers)


def test_relations_are_proposed_by_tens_and_not_by_thousands() -> None:
    base = np.random.default_rng(0).integers(0, 50, 200).astype(float)
    columns = {f"c{i}": Values(base + i % 2) for i in range(70)}
    found = proposals(columns)
    assert EACH <= len(found) <= 4 * EACH
    assert "c65" not in proposed_lines(columns)


def test_few_rows_and_constants_support_nothing() -> None:
    few = np.arange(10.0)
    assert proposals({"a": Values(few), "b": Values(2 * few)}) == []
    many = np.arange(40.0)
    assert proposals({"a": Values(many), "b": Values(np.zeros(40))}) == []
    assert "relations = []" in proposed_lines({"a": Values(many)})
