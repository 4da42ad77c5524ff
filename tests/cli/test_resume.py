"""A run that was killed, interrupted or out of disk space resumes, and ends with the same bytes."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from genlabel_robust.core.files import writing as files
from genlabel_robust.runs.folder.store import RunFolder
from genlabel_robust.runs.folder.stored_run import read_run

if TYPE_CHECKING:
    from tests.cli.conftest import Call, Finished, ForkServer

#: Twelve cells: less than a second in one process that has imported everything.
TWELVE = (
    "evaluate",
    "--dataset",
    "iris",
    "--strategy",
    "vanilla",
    "--strategy",
    "mixup",
    "--arch",
    "logistic",
    "--arch",
    "mlp",
    "--seeds",
    "3",
    "--suite",
    "quick",
    "--set",
    "train.epochs=5",
    "--checks",
    "off",
    "--certify",
    "off",
    "--max-examples",
    "20",
    "-v",
)
CELLS = 12


class Uninterrupted:
    """The result of an uninterrupted run, and its duration in seconds."""

    def __init__(self, results: bytes, csv: bytes, seconds: float) -> None:
        self.results, self.csv, self.seconds = results, csv, seconds


def finished_cells(folder: Path) -> int:
    """Count the readable cells; a cell that has counted must never become unreadable."""
    names = [path.stem for path in (folder / "cells").glob("*.json")]
    for name in names:
        assert RunFolder(folder).load_cell(name) is not None, f"cell {name} was damaged"
    return len(names)


def leftovers(folder: Path) -> list[Path]:
    return list(folder.rglob(".writing-*"))


def assert_same(folder: Path, expected: Uninterrupted) -> None:
    assert (folder / "results.json").read_bytes() == expected.results
    assert (folder / "results.csv").read_bytes() == expected.csv
    assert finished_cells(folder) == CELLS
    assert leftovers(folder) == []


@pytest.fixture(scope="module")
def uninterrupted(
    fork_server: ForkServer, tmp_path_factory: pytest.TempPathFactory
) -> Uninterrupted:
    from time import perf_counter

    folder = tmp_path_factory.mktemp("uninterrupted")
    started = perf_counter()
    code = fork_server.run([*TWELVE, "--jobs", "1", "--out", folder / "run"], folder / "log")
    seconds = perf_counter() - started
    assert code == 0, (folder / "log").read_text()
    content = [(folder / "run" / name).read_bytes() for name in ("results.json", "results.csv")]
    return Uninterrupted(*content, seconds)


@pytest.mark.nightly
def test_two_processes_give_the_bytes_of_one(
    fork_server: ForkServer, uninterrupted: Uninterrupted, tmp_path: Path
) -> None:
    code = fork_server.run([*TWELVE, "--jobs", "2", "--out", tmp_path / "run"], tmp_path / "log")
    assert code == 0, (tmp_path / "log").read_text()
    assert_same(tmp_path / "run", uninterrupted)


def test_the_same_seed_gives_the_same_bytes_in_a_fresh_folder_and_process(
    fork_server: ForkServer, small: tuple[str, ...], finished: Finished, tmp_path: Path
) -> None:
    assert fork_server.run([*small, "--out", tmp_path / "run"], tmp_path / "log") == 0
    for name in ("results.json", "results.csv", "report.md", "figures/margins.svg"):
        assert (tmp_path / "run" / name).read_bytes() == (finished.path / name).read_bytes(), name
    for name in read_run(finished.path).manifest["cells"]:
        for file in (f"cells/{name}.npz", f"models/{name}.safetensors"):
            assert (tmp_path / "run" / file).read_bytes() == (finished.path / file).read_bytes()


def test_another_seed_gives_other_results(
    call: Callable[..., Call], small: tuple[str, ...], finished: Finished, tmp_path: Path
) -> None:
    assert call(*small, "--seed", "7", "--out", tmp_path / "run").code == 0
    other = json.loads((tmp_path / "run/results.json").read_bytes())
    assert other["rows"] != finished.results["rows"]


def kill_at_random(
    server: ForkServer,
    folder: Path,
    jobs: str,
    kills: int,
    seconds: float,
    expected: Uninterrupted,
) -> None:
    """Kill ``kills`` runs, each at a random moment of its remaining time.

    The last moment is when all cells but one are finished, on a machine of any speed. A run that
    ends before its kill is compared, and a fresh one is started.
    """
    rng = np.random.default_rng([20, int(jobs)])
    hits, attempt, tries = 0, 0, 0
    run = folder / "run-0"
    while hits < kills and tries < 4 * kills:
        tries += 1
        finished = finished_cells(run)
        moment = rng.uniform(0.02, 0.95) * seconds * (1 - 0.7 * finished / CELLS)
        count = CELLS - 1 if finished < CELLS - 1 else CELLS
        command = [*TWELVE, "--jobs", jobs, "--out", run]
        group = server.start(command, folder / "log")
        if not server.ends_before(partial(holds, run, count), moment):
            os.killpg(group, signal.SIGKILL)
        code = server.wait()
        hits += code == -signal.SIGKILL
        if code != -signal.SIGKILL:
            assert code == 0, (folder / "log").read_text()
        if code == 0 or finished_cells(run) == CELLS:
            assert server.run(command, folder / "log") == 0, (folder / "log").read_text()
            assert_same(run, expected)
            attempt += 1
            run = folder / f"run-{attempt}"
    assert server.run([*TWELVE, "--jobs", jobs, "--out", run], folder / "log") == 0
    assert_same(run, expected)
    assert hits == kills, f"only {hits} of {tries} tries met a running process"


def holds(run: Path, count: int) -> bool:
    return len(list((run / "cells").glob("*.json"))) >= count


@pytest.mark.nightly(but=["3"])
@pytest.mark.parametrize("kills", [3, 15])
def test_killed_at_random_moments_with_one_job_the_results_are_the_same(
    fork_server: ForkServer, uninterrupted: Uninterrupted, tmp_path: Path, kills: int
) -> None:
    kill_at_random(fork_server, tmp_path, "1", kills, uninterrupted.seconds, uninterrupted)


@pytest.mark.nightly
def test_killed_at_random_moments_with_two_jobs_the_results_are_the_same(
    fork_server: ForkServer, uninterrupted: Uninterrupted, tmp_path: Path
) -> None:
    # the workers import torch and ART anew: 3 s that a second process does not save
    kill_at_random(fork_server, tmp_path, "2", 5, uninterrupted.seconds + 3.0, uninterrupted)


#: Moments of a kill, and the cells gained until then. The manifest is the first write; each cell
#: then has three: weights, arrays, JSON.
MOMENTS = (
    ("half", 1, 0),  # in the manifest
    ("half", 3, 0),  # in the first arrays
    ("half", 4, 0),  # in the JSON that makes the first cell count
    ("moved", 4, 1),
    ("synced", 6, 1),
    ("replaced", 7, 1),
    ("moved", 7, 2),
    ("half", 7 + 3 * 7, 0),  # past the cells that are left: in the report
)


@pytest.mark.nightly(but=["few"])
@pytest.mark.parametrize("moments", [MOMENTS[2:5], MOMENTS], ids=["few", "all"])
def test_a_kill_in_the_middle_of_a_write_leaves_earlier_cells_readable(
    fork_server: ForkServer,
    uninterrupted: Uninterrupted,
    tmp_path: Path,
    moments: tuple[tuple[str, int, int], ...],
) -> None:
    run, log = tmp_path / "run", tmp_path / "log"
    command = [*TWELVE, "--jobs", "1", "--out", run]
    cells = 0
    for moment, kill_at, gained in moments:
        code = fork_server.run(command, log, moment=moment, kill_at=kill_at)
        assert code == -signal.SIGKILL, f"{moment} {kill_at}: {log.read_text()}"
        now = finished_cells(run)
        assert now - cells == gained or kill_at > 7, (moment, kill_at)
        cells = now
    assert cells == (CELLS if moments == MOMENTS else 2)
    assert fork_server.run(command, log) == 0
    assert ("done" in log.read_text()) == (cells < CELLS)
    assert_same(run, uninterrupted)


def test_what_a_killed_write_left_behind_is_swept(
    fork_server: ForkServer, small: tuple[str, ...], tmp_path: Path
) -> None:
    command = [*small, "--checks", "off", "--out", tmp_path / "run"]
    assert fork_server.run(command, tmp_path / "log") == 0
    # in a complete folder the writes are manifest, inputs, results, table, manifest, figures
    for kill_at, folder in ((2, "inputs"), (3, "."), (6, "figures")):
        killed = fork_server.run(command, tmp_path / "log", moment="half", kill_at=kill_at)
        assert killed == -signal.SIGKILL
        (left,) = leftovers(tmp_path / "run")
        assert left.parent == tmp_path / "run" / folder
    assert fork_server.run(command, tmp_path / "log") == 0
    assert leftovers(tmp_path / "run") == []


def test_ctrl_c_keeps_finished_cells_and_exits_130(
    fork_server: ForkServer, uninterrupted: Uninterrupted, tmp_path: Path
) -> None:
    command = [*TWELVE, "--jobs", "1", "--out", tmp_path / "run"]
    # in the ninth write, the second of the third cell: however fast the machine is
    assert fork_server.run(command, tmp_path / "log", interrupt_at=9) == 130
    told = (tmp_path / "log").read_text()
    assert told.startswith("[1/12] ")
    assert "Traceback" not in told
    assert told.splitlines()[-1].startswith("interrupted; finished cells are kept")
    kept = finished_cells(tmp_path / "run")
    assert kept == 2
    assert leftovers(tmp_path / "run") == []
    assert fork_server.run(command, tmp_path / "log") == 0
    assert (tmp_path / "log").read_text().count(": already in the folder") == kept
    assert_same(tmp_path / "run", uninterrupted)


#: The command line; where the tests run in the background, a shell may have had Ctrl-C ignored.
_INTERRUPTIBLE = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from genlabel_robust.__main__ import main
main()
"""


@pytest.mark.nightly
def test_ctrl_c_stops_two_workers_of_a_real_process_and_exits_130(
    fork_server: ForkServer, uninterrupted: Uninterrupted, tmp_path: Path
) -> None:
    command = [*TWELVE, "--out", str(tmp_path / "run"), "--jobs"]
    with subprocess.Popen(
        [sys.executable, "-c", _INTERRUPTIBLE, *command, "2"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        os.killpg(process.pid, signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 130, rest
    assert line.startswith("[1/12] ")
    assert "interrupted; finished cells are kept" in rest
    assert "Traceback" not in rest
    assert finished_cells(tmp_path / "run") >= 1
    assert fork_server.run([*command, "1"], tmp_path / "log") == 0
    assert_same(tmp_path / "run", uninterrupted)


def test_a_full_disk_leaves_earlier_cells_and_the_run_goes_on_later(
    call: Callable[..., Call],
    small: tuple[str, ...],
    finished: Finished,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, synced, sync = tmp_path / "run", 0, os.fsync

    def full_after_six(descriptor: int) -> None:
        nonlocal synced
        synced += 1
        if synced > 6:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(files.os, "fsync", full_after_six)
        failed = call(*small, "--out", run)
    assert failed.code == 3
    assert "No space left on device" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert failed.stdout == ""
    assert finished_cells(run) == 1
    assert leftovers(run) == []
    assert not (run / "results.json").exists()
    assert call(*small, "--out", run).code == 0
    assert (run / "results.json").read_bytes() == (finished.path / "results.json").read_bytes()


@pytest.mark.nightly(but=["0", "14"])
@pytest.mark.parametrize("writes", [0, 13, 14, 17])
def test_a_full_disk_beside_the_cells_is_one_message(
    writes: int,
    call: Callable[..., Call],
    small: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # 1 manifest and 12 files of cells; then the results, the table, the manifest, the reports
    done, move = 0, os.replace

    def full(*paths: Any) -> None:
        nonlocal done
        done += 1
        if done > writes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), *paths)
        move(*paths)

    monkeypatch.setattr(files.os, "replace", full)
    failed = call(*small, "--out", tmp_path / "run")
    assert failed.code == 3
    (line,) = failed.stderr.splitlines()
    assert line.startswith("error: ")
    assert "No space left on device" in line
    assert failed.stdout == ""
    assert finished_cells(tmp_path / "run") == (4 if writes else 0)
    assert leftovers(tmp_path / "run") == []


def test_a_limit_on_the_size_of_files_is_one_message(
    fork_server: ForkServer, small: tuple[str, ...], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    code = fork_server.run([*small, "--out", tmp_path / "run"], log, largest_file=1024)
    assert code == 3
    (line,) = log.read_text().splitlines()
    assert line.startswith("error: ")
    assert "File too large" in line
    assert leftovers(tmp_path / "run") == []
