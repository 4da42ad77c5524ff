from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.data.subgroups.column import GroupColumn
from genlabel_robust.data.subgroups.grouping import grouping, groupings


def numbers(*values: float) -> GroupColumn:
    return GroupColumn("age", np.array(values, dtype=np.float64))


def sizes(column: GroupColumn) -> dict[str, int]:
    found = grouping(column)
    return {name: int(found.rows(name).sum()) for name in found.names}


def test_numbers_are_cut_into_four_bins_named_by_the_values_in_them() -> None:
    found = sizes(numbers(*range(17, 97)))
    assert found == {"17 to 36": 20, "37 to 56": 20, "57 to 76": 20, "77 to 96": 20}


def test_few_rows_make_fewer_bins_and_never_fewer_than_two() -> None:
    assert list(sizes(numbers(*range(60))).values()) == [20, 20, 20]
    assert list(sizes(numbers(*range(10))).values()) == [5, 5]


def test_numbers_of_few_values_are_grouped_by_value_if_half_have_enough_rows() -> None:
    column = numbers(*[3.0] * 25, *[1.0] * 20, *[2.5] * 3, 7)
    assert sizes(column) == {"1": 20, "2.5": 3, "3": 25, "7": 1}
    column = numbers(*[0.0] * 46, 7024, 11090, 16063, 16117)
    assert sizes(column) == {"0": 46, "7024 to 16117": 4}


@pytest.mark.parametrize("low", [True, False])
def test_equal_numbers_stay_together_wherever_most_are(low: bool) -> None:
    others = np.arange(1, 11)
    column = numbers(*np.zeros(90), *(others if low else -others))
    assert sizes(column) == ({"0": 90, "1 to 10": 10} if low else {"-10 to -1": 10, "0": 90})


def test_bins_are_told_apart_whatever_digits_that_takes() -> None:
    names = grouping(numbers(*(1000.0001 + np.arange(100) * 1e-6))).names
    assert len(set(names)) == 4
    assert names[0].startswith("1000.0001")
    ends = [float(end) for name in names for end in name.split(" to ")]
    assert ends == sorted(ends)


def test_missing_values_are_the_last_group() -> None:
    assert list(sizes(numbers(2, np.nan, 1, np.nan))) == ["1", "2", "(missing)"]
    column = GroupColumn("job", None, ("a", "(missing)"), np.array([0, -1, 1, 1]))
    assert sizes(column) == {"a": 1, "(missing)": 2, "((missing))": 1}


def test_levels_that_no_row_has_are_no_groups() -> None:
    column = GroupColumn("job", None, ("a", "b", "c"), np.array([2, 0, 2]))
    found = grouping(column)
    assert found.names == ("a", "c")
    assert found.codes.tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (numbers(7, 7, 7), "all 3 test rows have the value '7' in column 'age'"),
        (numbers(np.nan, np.nan), "all 2 test rows have no value in column 'age'"),
        (
            GroupColumn("id", None, tuple(map(str, range(51))), np.arange(51)),
            "column 'id' has 51 different values in the 51 test rows, and --by makes at most 50",
        ),
    ],
)
def test_what_makes_no_groups_is_refused(column: GroupColumn, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        grouping(column)


def test_every_row_is_in_the_one_group_whose_bin_holds_its_value() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        n = int(rng.integers(2, 200))
        values = rng.choice([rng.normal(size=n), rng.integers(0, rng.integers(2, 40), n)])
        if len(np.unique(values)) < 2:
            continue
        found = grouping(numbers(*values))
        assert sum(int(found.rows(name).sum()) for name in found.names) == n
        for name in found.names:
            inside = values[found.rows(name)]
            others = values[~found.rows(name)]
            assert not ((others >= inside.min()) & (others <= inside.max())).any()


def test_two_groups_of_one_label_are_refused() -> None:
    first = GroupColumn("a", None, ("b=c", "d"), np.array([0, 1]))
    second = GroupColumn("a=b", None, ("c", "d"), np.array([0, 1]))
    with pytest.raises(ConfigurationError, match="both be called 'a=b=c'"):
        groupings([first, second])
