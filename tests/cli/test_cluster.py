"""A run on a real dask cluster has the same bytes as in one process, even if workers are killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import skops.io
from sklearn.datasets import load_iris
from sklearn.tree import DecisionTreeClassifier

pytest.importorskip("distributed")

from genlabel_robust.core.parallel import cluster as connection
from tests.cli.dask_cluster import DaskCluster, dask_cluster

if TYPE_CHECKING:
    from tests.cli.conftest import Call

#: Tiny cells, four for each seed.
TINY = (
    "evaluate",
    *("--dataset", "iris", "--dataset", "wine", "--strategy", "vanilla", "--strategy", "mixup"),
    *("--arch", "logistic", "--suite", "quick", "--checks", "off", "--certify", "off"),
    *("--max-examples", "20", "--set", "train.epochs=2"),
)
#: Five trainings, of which a gate takes its part.
GATED = (
    *("evaluate", "--dataset", "iris", "--strategy", "vanilla", "--arch", "logistic"),
    *("--suite", "quick", "--max-examples", "20", "--set", "train.epochs=2", "--seeds", "5"),
)
QUICK, FORTY = (*TINY, "--seeds", "3"), (*TINY, "--seeds", "10")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path_factory.mktemp("dask"), workers=3) as running:
        yield running


class Driver:
    """The command line as a process, whose progress lines are read as they arrive."""

    def __init__(self, arguments: Sequence[str | Path]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "genlabel_robust", *map(str, arguments), "-v"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        self._lines = self.process.stderr

    def until(self, cells: int) -> None:
        """Wait until so many cells have been computed."""
        while cells:
            line = self._lines.readline()
            assert line, "it ended too early"
            cells -= line.rstrip().endswith(": done")

    def end(self) -> tuple[int, str]:
        """Return the exit code, and the remaining output on stderr."""
        with self._lines:
            rest = self._lines.read()
        return self.process.wait(), rest


def of_one_process(call: Callable[..., Call], arguments: Sequence[str], out: Path) -> bytes:
    assert call(*arguments, "--jobs", "1", "-q", "--out", out).code == 0
    return (out / "results.json").read_bytes()


def kill_a_worker(cluster: DaskCluster, arguments: Sequence[str], out: Path) -> None:
    driver = Driver((*arguments, "--cluster", cluster.address, "--out", out))
    driver.until(2)
    lost = cluster.workers.pop()
    lost.kill()
    lost.wait()
    cluster.add_worker()
    code, told = driver.end()
    assert code == 0, told


def kill_the_driver(cluster: DaskCluster, arguments: Sequence[str], out: Path) -> None:
    driver = Driver((*arguments, "--cluster", cluster.address, "--out", out))
    driver.until(2)
    driver.process.send_signal(signal.SIGKILL)
    assert driver.end()[0] == -signal.SIGKILL
    assert not (out / "results.json").exists()
    again = Driver((*arguments, "--cluster", cluster.address, "--out", out))
    code, told = again.end()
    assert code == 0, told
    assert "already in the folder" in told


@pytest.mark.nightly
def test_a_killed_worker_changes_no_byte(
    cluster: DaskCluster, call: Callable[..., Call], tmp_path: Path
) -> None:
    expected = of_one_process(call, QUICK, tmp_path / "one")
    kill_a_worker(cluster, QUICK, tmp_path / "worker")
    assert (tmp_path / "worker" / "results.json").read_bytes() == expected
    assert len(list((tmp_path / "worker" / "cells").glob("*.json"))) == 12
    assert call("verify", tmp_path / "worker", "--cluster", cluster.address, "-q").code == 0


@pytest.mark.nightly
def test_forty_cells_survive_a_killed_worker_and_a_killed_driver(
    cluster: DaskCluster, call: Callable[..., Call], tmp_path: Path
) -> None:
    expected = of_one_process(call, FORTY, tmp_path / "one")
    kill_a_worker(cluster, FORTY, tmp_path / "worker")
    kill_the_driver(cluster, FORTY, tmp_path / "driver")
    for name in ("worker", "driver"):
        assert (tmp_path / name / "results.json").read_bytes() == expected
        assert len(list((tmp_path / name / "cells").glob("*.json"))) == 40


@pytest.mark.nightly
def test_gate_audit_and_reproduce_have_the_bytes_of_one_process(
    cluster: DaskCluster, call: Callable[..., Call], tmp_path: Path
) -> None:
    one = ("--jobs", "1", "-q", "--out")
    several = ("--cluster", cluster.address, "-q", "--out")
    assert call(*GATED, *one, tmp_path / "run").code == 0
    base = tmp_path / "base.zip"
    assert call("baseline", "save", tmp_path / "run", "--out", base).code == 0
    x, y = load_iris(return_X_y=True, as_frame=True)
    x.assign(label=y).to_csv(tmp_path / "rows.csv", index=False)
    model = tmp_path / "model.skops"
    skops.io.dump(DecisionTreeClassifier(max_depth=4, random_state=0).fit(x, y), model)
    for name, command in (
        ("gate", ("gate", "--baseline", base, "--max-drop", "0.5")),
        ("audit", ("audit", model, "--data", tmp_path / "rows.csv", "--target", "label")),
        ("reproduce", ("reproduce", "toy", "--trials", "1")),
    ):
        folders = [tmp_path / f"{name}-{way}" for way in ("one", "several")]
        for way, folder in zip((one, several), folders, strict=True):
            assert call(*command, *way, folder).code == 0, name
        first, second = ((folder / "results.json").read_bytes() for folder in folders)
        assert first == second, name


@pytest.mark.nightly
def test_a_lost_scheduler_is_an_error_after_which_the_command_goes_on(
    call: Callable[..., Call], tmp_path: Path
) -> None:
    out = tmp_path / "run"
    with dask_cluster(tmp_path, workers=1) as lost:
        driver = Driver((*FORTY, "--cluster", lost.address, "--out", out))
        driver.until(1)
        lost.scheduler.kill()
        code, told = driver.end()
    assert code == 3
    assert told.splitlines()[-1].startswith(f"error: the scheduler at {lost.address} was lost; ")
    assert list((out / "cells").glob("*.json"))
    assert call(*FORTY, "--jobs", "1", "-q", "--out", out).code == 0


def test_a_scheduler_that_does_not_answer_is_named_and_nothing_is_written(
    call: Callable[..., Call], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_PATIENCE", 0.5)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        for where in (address, "tcp://127.0.0.1:1", "tcp://127.0.0.1:none", "nonsense"):
            done = call(*QUICK, "--cluster", where, "--out", tmp_path / "run")
            assert done.code == 2
            assert f"no dask scheduler answers at {where} within 0.5 seconds; " in done.stderr
            assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.nightly
def test_workers_without_the_package_are_named_and_nothing_is_written(
    call: Callable[..., Call], tmp_path: Path
) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        "import sys\nsys.modules['genlabel_robust'] = None\n", encoding="utf-8"
    )
    with dask_cluster(tmp_path, workers=0) as bare:
        done = call(*QUICK, "--cluster", bare.address, "--out", tmp_path / "run")
        assert done.code == 2
        assert "has no workers; start some with `dask worker" in done.stderr
        path = os.pathsep.join((str(hidden), os.environ.get("PYTHONPATH", "")))
        bare.add_worker({"PYTHONPATH": path})
        done = call(*QUICK, "--cluster", bare.address, "--out", tmp_path / "run")
    assert done.code == 2
    assert done.stderr.startswith("error: a worker of tcp://127.0.0.1:")
    assert "lacks genlabel-robust, or a library that it needs; install it there" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "run").exists()
