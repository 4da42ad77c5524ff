from __future__ import annotations

import sys
from types import ModuleType

import pytest
import threadpoolctl
import torch

from genlabel_robust.core.machine import threads
from genlabel_robust.core.machine.threads import one_thread


@pytest.fixture
def limits(monkeypatch):
    """The limits passed to BLAS libraries, in order."""
    asked = []
    plain = threadpoolctl.ThreadpoolController.limit

    def told(self, *, limits):
        asked.append(limits)
        return plain(self, limits=limits)

    monkeypatch.setattr(threadpoolctl.ThreadpoolController, "limit", told)
    return asked


@pytest.fixture
def looked(monkeypatch):
    """The number of loaded modules at each search for libraries."""
    found = []
    plain = threadpoolctl.ThreadpoolController.__init__

    def told(self):
        found.append(len(sys.modules))
        plain(self)

    monkeypatch.setattr(threadpoolctl.ThreadpoolController, "__init__", told)
    threads._libraries.cache_clear()
    return found


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def blas_threads():
    return {found["num_threads"] for found in threadpoolctl.threadpool_info()}


def test_inside_there_is_one_thread_and_after_it_as_many_as_before(two_threads):
    before = blas_threads()
    with one_thread():
        assert torch.get_num_threads() == 1
        assert blas_threads() == {1}
        with one_thread():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 1
        assert blas_threads() == {1}
    assert torch.get_num_threads() == 2
    assert blas_threads() == before


def test_an_error_inside_gives_the_threads_back(two_threads, limits):
    with pytest.raises(ValueError, match="inside"), one_thread():
        raise ValueError("inside")
    assert torch.get_num_threads() == 2
    with one_thread():
        pass
    assert limits == [1, 1]


def test_libraries_are_limited_again_only_where_something_was_imported(limits, monkeypatch):
    with one_thread():
        with one_thread():
            assert limits == [1]
        monkeypatch.setitem(sys.modules, "brings_a_library", ModuleType("brings_a_library"))
        with one_thread():
            assert limits == [1, 1]
            with one_thread():
                assert limits == [1, 1]
    with one_thread():
        assert limits == [1, 1, 1]


def test_libraries_are_looked_for_again_only_where_something_was_imported(looked, monkeypatch):
    modules = len(sys.modules)
    for _ in range(2):
        with one_thread():
            assert looked == [modules]
    monkeypatch.setitem(sys.modules, "brings_a_library", ModuleType("brings_a_library"))
    for _ in range(2):
        with one_thread():
            assert looked == [modules, modules + 1]


def test_threads_that_were_raised_inside_are_lowered_again():
    with one_thread():
        torch.set_num_threads(2)
        with one_thread():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
