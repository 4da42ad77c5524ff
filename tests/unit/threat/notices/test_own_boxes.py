from __future__ import annotations

import numpy as np

from genlabel_robust.threat.notices.own_boxes import own_boxes


def test_a_constant_column_with_a_box_of_its_own_is_named(table, asked) -> None:
    train, test = table(0, 60), table(1, 20)
    train["tenure"] = 3.0
    box = {"bounds": {"tenure": {"low": 0.0, "high": 9.0}}}
    stuck = asked(test, train, box)
    (notice,) = own_boxes(stuck.task, stuck.target.space, ["tenure"])
    assert notice.startswith("The low and high of 'tenure' leave the attacker nothing to change")
    moved = asked(test, train, {**box, "units": {"tenure": "raw"}})
    (notice,) = own_boxes(moved.task, moved.target.space, ["tenure"])
    assert notice.startswith("The attacker may nevertheless change 1 constant feature: 'tenure'")


def test_a_box_of_a_column_that_varies_is_no_news(table, asked) -> None:
    own = asked(table(1, 20), table(0, 60), {"bounds": {"tenure": {"low": 0.0, "high": 9.0}}})
    assert own_boxes(own.task, own.target.space, ["tenure"]) == []


def test_values_that_only_test_rows_lack_are_named_if_they_may_be_filled_in(table, asked) -> None:
    train, test = table(0, 60), table(1, 20)
    test.loc[:4, "tenure"] = np.nan
    freed = {"weights": {"tenure is missing": 10.0}, "units": {"tenure is missing": "raw"}}
    for limits, count in ({}, 0), (freed, 1):
        own = asked(test, train, limits)
        told = own_boxes(own.task, own.target.space, [])
        assert len(told) == count
        assert all("'tenure is missing'. A value that is missing" in one for one in told)
