from __future__ import annotations

import math

import pytest
import torch

from genlabel_robust.paper.parallel import each

#: Measured for minutes, and seldom changed.
pytestmark = pytest.mark.nightly

# the first takes a thousand times longer than the others: with two jobs it ends last
WORK = {"long": range(3_000_000), "short": range(5), "other": range(100), "last": range(7)}


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_order_is_that_of_the_arguments_whatever_ends_first(jobs):
    ended = []
    found = each(sum, WORK, jobs, lambda *told: ended.append(told))
    assert list(found.items()) == [(key, sum(numbers)) for key, numbers in WORK.items()]
    assert {key for key, _, _ in ended} == set(WORK)
    assert [(done, of) for _, done, of in ended] == [(i, 4) for i in range(1, 5)]


def test_one_job_and_two_give_the_same():
    arguments = {(i, "row"): i for i in range(6)}
    assert each(math.factorial, arguments, 1, None) == each(math.factorial, arguments, 2, None)


def test_a_key_of_several_words_is_told_as_one_line():
    told = []
    each(abs, {("openml:1", "mixup"): -1}, None, lambda *what: told.append(what))
    assert told == [("openml:1 mixup", 1, 1)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_work_runs_on_one_thread(jobs):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        found = each(
            eval, dict.fromkeys(range(2), "__import__('torch').get_num_threads()"), jobs, None
        )
        assert found == {0: 1, 1: 1}
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_ends_all_of_it(jobs):
    with pytest.raises(ValueError, match="math domain error"):
        each(math.sqrt, {"good": 4.0, "bad": -1.0, "other": 9.0}, jobs, None)


def test_nothing_to_do_is_done():
    assert each(sum, {}, None, None) == {}
