from __future__ import annotations

import pytest

from genlabel_robust.core.errors import RelationError

FREE = {"weights": {"education": 10.0}, "units": {"education": "raw"}}


@pytest.mark.parametrize("free", [False, True])
@pytest.mark.parametrize("missing", [False, True])
def test_rows_that_meet_relations_are_those_that_do_by_hand(
    table, asked, held, free: bool, missing: bool
) -> None:
    train, test = table(0, 200), table(1, 80)
    test.loc[::5, "tenure"] += 20
    test.loc[::7, "total"] += 1
    test.loc[::3, "education_num"] = 13
    test.loc[::11, "tier"] = "top"
    if missing:
        train.loc[::9, ["tenure", "b"]] = None
        test.loc[::2, "tenure"] = None
    own = asked(test, train, {**(FREE if free else {}), "relations": [*held]})
    met = own.target.space.relations.met(own.task.x_test)
    for number, (relation, keeps) in enumerate(held.items()):
        assert met[:, number].tolist() == list(keeps(test)), relation
    assert not met.all(axis=0).all()


@pytest.mark.parametrize(
    ("relation", "told"),
    [
        ("agee <= 3", "'agee', which does not exist; did you mean 'age'"),
        ("age <= tier", "compares the category 'tier' with the number 'age'"),
        ('age == "old"', "compares text 'old' with the number 'age'"),
        ("tier + 1 <= 3", "compares or adds the text of 'tier' with numbers"),
        ('tier == "lo"', "level 'lo', which column 'tier' does not have; did you mean 'low'"),
        ('tier <= "low"', "compares the category 'tier' by <=; levels have no order"),
        ("age * hours <= 3", "multiplies two columns"),
        ("3 / age <= 3", "divides by a column"),
        ("age / 0 <= 3", "divides by 0"),
        ("age - age <= 3", "compares only constants"),
        ("(age and hours) <= 3", "has a sum or a comparison where a number is needed"),
        ("(age <= 3) <= 4", "has a sum or a comparison where a number is needed"),
        ("age == table(tier)", "does not hold in the reference rows: if 'tier' is"),
        ("age == table(age)", "is a table of a column of itself"),
        (
            "age <= table(tier)",
            "uses table() in a way that is not allowed; write COLUMN == table(COLUMN)",
        ),
        ("not (tier == table(education))", "uses table() in a way"),
        ("age -> hours <= 3", "makes no comparison in 'age'"),
        (
            " and ".join(f"(age != {i} or hours != {i})" for i in range(5)),
            "can be met in more than 200 ways",
        ),
    ],
)
def test_what_the_columns_do_not_allow_is_refused(table, asked, relation: str, told: str) -> None:
    train = table(0, 400)
    with pytest.raises(RelationError) as caught:
        asked(table(1, 20), train, {"relations": [relation]})
    assert told in str(caught.value)
    assert repr(relation)[:60] in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_table_names_the_rows_that_contradict_each_other(table, asked) -> None:
    train = table(0, 50)
    train.loc[:, "education"] = "HS"
    train.loc[:, "education_num"] = 9
    train.loc[[7, 9], "education_num"] = 10
    with pytest.raises(RelationError, match=r"'HS', row 0 has 9 and row 7 has 10; .* others: 2"):
        asked(table(1, 20), train, {"relations": ["education_num == table(education)"]})


def test_a_table_of_a_number_that_may_change_has_few_values(table, asked) -> None:
    train, test = table(0, 200), table(1, 20)
    for frame in (train, test):
        frame["zone"] = frame["tenure"] * 2
    with pytest.raises(RelationError, match="a number that may change; at most 64"):
        asked(test, train, {"relations": ["zone == table(tenure)"]})
    limits = {"relations": ["zone == table(tenure)"], "immutable": ["tenure"]}
    assert (
        asked(train.head(20), train, limits)
        .target.space.relations.met(asked(train.head(20), train, limits).task.x_test)
        .all()
    )
