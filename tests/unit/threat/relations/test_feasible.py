from __future__ import annotations

import pytest

from genlabel_robust.core.errors import RelationError


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"relations": ["age >= 95"]}, "'age >= 95' cannot be met by any row"),
        (
            {"relations": ["age < 30", "age > 40"]},
            "'age < 30' and 'age > 40' contradict each other",
        ),
        (
            {"relations": ["age < hours", "hours < age"]},
            "'age < hours' and 'hours < age' contradict each other",
        ),
        (
            {"relations": ["a > b", "b > c", "c > a"]},
            "the 3 relations contradict each other",
        ),
        (
            {"relations": ["age <= 20"], "bounds": {"age": {"low": 30}}},
            "'age <= 20' cannot be met by any row",
        ),
        ({"relations": ["2 * a == 7"]}, "'2 * a == 7' cannot be met by any row"),
        (
            {"relations": ['tier == "low"', 'education == "PhD"', "tier == table(education)"]},
            "contradict each other",
        ),
    ],
)
def test_relations_that_no_row_can_meet_are_refused(table, asked, limits, told: str) -> None:
    with pytest.raises(RelationError) as caught:
        asked(table(1, 10), table(0, 200), limits)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "relations",
    [
        ["tenure >= age - 17"],
        ["2 * a == 8", "b <= 0.5", "hours == 11"],
        ['tier == "top" and hours == 10 and married and c == 8 and a == 19'],
        ["education_num == 16", "tier == table(education)", 'tier == "low" -> age < 20'],
    ],
)
def test_what_some_row_could_meet_is_taken_even_if_no_row_at_hand_does(
    table, asked, relations
) -> None:
    assert asked(table(1, 10), table(0, 50), {"relations": relations}).target.space.relations
