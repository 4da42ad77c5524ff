from __future__ import annotations

import pytest

from genlabel_robust.core.parallel import as_completed


@pytest.mark.parametrize("jobs", [1, 2, None])
def test_every_key_comes_with_its_own_result_once(jobs: int | None) -> None:
    found = list(as_completed(abs, {f"k{i}": -i for i in range(5)}, jobs))
    assert sorted(found) == [(f"k{i}", i) for i in range(5)]


def test_in_one_process_work_is_done_in_the_order_given_and_only_when_asked_for() -> None:
    seen: list[int] = []
    going = as_completed(seen.append, {"a": 1, "b": 2}, 1)
    next(going)
    assert seen == [1]


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_exception_reaches_the_caller(jobs: int) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        list(as_completed(int, {"good": "1", "bad": "x"}, jobs))


def test_nothing_to_do_is_nothing_done() -> None:
    assert list(as_completed(abs, {}, None)) == []
