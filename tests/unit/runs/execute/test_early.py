"""Processes that are begun early are those of the next calls, and end where the command fails."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from genlabel_robust.core import DataError
from genlabel_robust.core.parallel import as_completed
from genlabel_robust.runs.config.attack_config import AttackConfig
from genlabel_robust.runs.execute import early
from genlabel_robust.runs.execute.early import begin_processes, end_processes, processes_begun


@pytest.fixture(autouse=True)
def nothing_begun(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # other tests may have begun some, which stay for these
    monkeypatch.setattr(early, "_begun", set())
    yield
    end_processes()


def pid(_: int) -> int:
    return os.getpid()


def test_nothing_is_begun_unless_several_processes_of_this_host_are_named() -> None:
    for config in (
        AttackConfig(),
        AttackConfig(jobs=1),
        AttackConfig(jobs=2, device="cuda"),
        AttackConfig(jobs=2, cluster="tcp://scheduler:8786"),
    ):
        begin_processes(config)
    assert not early._begun


@pytest.mark.nightly
def test_an_error_ends_what_was_begun_and_the_next_calls_have_new_processes() -> None:
    with processes_begun(AttackConfig(jobs=2)):
        assert early._begun == {2}
        first = {answer for _, answer in as_completed(pid, {n: n for n in range(4)}, 2)}
    assert os.getpid() not in first
    with pytest.raises(DataError), processes_begun(AttackConfig(jobs=2)):
        raise DataError("the data do not fit")
    assert not early._begun
    second = {answer for _, answer in as_completed(pid, {n: n for n in range(4)}, 2)}
    assert not first & second
