"""The backend that the caller selects with ``parallel_config`` executes the calls."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from joblib import parallel_config

from genlabel_robust.core.parallel import as_completed, workers
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.evaluate import evaluate


def where(number: int) -> tuple[int, bool, int]:
    """Return the process, whether this is its main thread, and torch's number of threads."""
    main = threading.current_thread() is threading.main_thread()
    return os.getpid(), main, torch.get_num_threads()


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_threads_of_this_process_have_one_thread_of_torch_each(two_threads: None) -> None:
    with parallel_config("threading", n_jobs=3):
        assert workers(None) == 3
        assert workers(2) == 2
        found = dict(as_completed(where, {n: n for n in range(9)}, None))
    assert set(found.values()) == {(os.getpid(), False, 1)}
    assert torch.get_num_threads() == 2


@pytest.mark.nightly
def test_a_backend_that_gives_results_by_rounds_gives_them_all() -> None:
    numbers = {n: -n for n in range(20)}
    with parallel_config("multiprocessing", n_jobs=2):
        assert dict(as_completed(abs, numbers, None)) == {n: n for n in range(20)}


@pytest.mark.nightly
def test_a_number_of_jobs_alone_is_that_of_processes_here() -> None:
    with parallel_config(n_jobs=2):
        assert workers(None) == 2
        found = dict(as_completed(where, {n: n for n in range(6)}, None))
    assert os.getpid() not in {process for process, _, _ in found.values()}
    with parallel_config("sequential"):
        assert workers(None) == 1


def beside_others(number: int) -> list[tuple[int, int]]:
    return list(as_completed(abs, {number: -number}, 4))


def test_calls_in_a_call_stay_where_they_are() -> None:
    with parallel_config("threading", n_jobs=2):
        found = dict(as_completed(beside_others, {1: 1, 2: 2}, None))
    assert found == {1: [(1, 1)], 2: [(2, 2)]}


@pytest.mark.nightly
def test_a_run_in_threads_has_the_bytes_of_one_process(tmp_path: Path) -> None:
    def made(name: str, jobs: int | None) -> bytes:
        config = RunConfig(
            datasets=("iris",),
            strategies=("vanilla", "mixup"),
            seeds=3,
            suite="quick",
            max_examples=20,
            settings={"train": {"epochs": 2}},
            jobs=jobs,
            out=str(tmp_path / name),
        )
        return (evaluate(config).path / "results.json").read_bytes()

    one = made("one", 1)
    with parallel_config("threading", n_jobs=3):
        assert made("threads", None) == one
