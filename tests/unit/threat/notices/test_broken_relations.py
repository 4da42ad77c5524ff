from __future__ import annotations

from genlabel_robust.threat.notices.broken_relations import broken_relations


def test_rows_that_break_a_relation_are_named_and_counted(table, asked) -> None:
    train, test = table(0, 60), table(1, 20)
    train.loc[[3, 5], "tenure"] = 80.0
    test.loc[[7], "tenure"] = 80.0
    own = asked(test, train, {"relations": ["tenure <= age - 16", "0 <= b <= total"]})
    (notice,) = broken_relations(own.task, own.target.space)
    assert notice.startswith(
        "The relation 'tenure <= age - 16' is broken by 2 of 60 reference rows (rows 3, 5) and by "
        "1 of 20 evaluated rows (row 7) before any attack: "
    )
    assert "must not make the violation larger" in notice


def test_rows_that_keep_to_all_are_no_news(table, asked) -> None:
    own = asked(table(1, 20), table(0, 60), {"relations": ["tenure <= age - 16"]})
    assert broken_relations(own.task, own.target.space) == []
