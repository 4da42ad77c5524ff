"""An audit killed at any moment can be resumed, and ends with the same bytes."""

from __future__ import annotations

import math
import os
import signal
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.ensemble import RandomForestClassifier

if TYPE_CHECKING:
    from tests.cli.conftest import ForkServer

ROWS, FEATURES = 96, 5
#: What the work on them is done in: three blocks of rows under each attack.
PIECES = 6


class Whole:
    """The command of an audit, its result without interruptions, and its duration."""

    def __init__(self, server: ForkServer, folder: Path) -> None:
        rng = np.random.default_rng(0)
        x = rng.uniform(0, 1, (2 * ROWS, FEATURES)).round(3)
        y = np.where(x[:, 0] + x[:, 1] + 0.2 * rng.normal(size=len(x)) > 1, "yes", "no")
        table = pd.DataFrame(x, columns=[f"f{i}" for i in range(FEATURES)])
        forest = RandomForestClassifier(12, max_depth=5, random_state=0)
        skops.io.dump(forest.fit(table[ROWS:], y[ROWS:]), folder / "forest.skops")
        table.assign(label=y)[:ROWS].to_csv(folder / "test.csv", index=False)
        self.arguments = [
            *("audit", folder / "forest.skops", "--data", folder / "test.csv"),
            *("--target", "label", "--eps", "0.05", "--attack", "sign-bisect"),
            *("--attack", "square", "--set", "attack.square.trials=2"),
        ]
        started = perf_counter()
        run = folder / "run"
        code = server.run([*self.arguments, "--jobs", "1", "--out", run], folder / "log")
        assert code == 0, (folder / "log").read_text()
        self.seconds = perf_counter() - started
        self.files = files(run)


def files(run: Path) -> dict[str, bytes]:
    (arrays,) = (run / "cells").glob("*.npz")
    names = ("results.json", "results.csv")
    return {name: (run / name).read_bytes() for name in names} | {"npz": arrays.read_bytes()}


def pieces(run: Path) -> list[Path]:
    return list((run / "pieces").rglob("*.npz"))


@pytest.fixture(scope="module")
def whole(fork_server: ForkServer, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    return Whole(fork_server, tmp_path_factory.mktemp("whole"))


def kill_at_random(server: ForkServer, whole: Whole, folder: Path, kills: int) -> None:
    """Kill ``kills`` runs, the first after it kept a piece, the others at random moments.

    The last moment is when all pieces but one are kept, on a machine of any speed. A run that ends
    before its kill is compared, and another one is started.
    """
    rng = np.random.default_rng(20)
    hits, number, log = 0, 0, folder / "log"
    for _ in range(4 * kills):
        run = folder / f"run-{number}"
        count = PIECES - 1 if len(pieces(run)) < PIECES - 1 else PIECES
        group = start(server, whole, run, log, "1")
        if hits:
            ended = ends_before(server, run, count, rng.uniform(0.05, 0.9) * whole.seconds)
        else:
            ended = ends_before(server, run, 1)
        if not ended:
            os.killpg(group, signal.SIGKILL)
        code = server.wait()
        if code == -signal.SIGKILL:
            hits += 1
        else:
            assert code == 0, log.read_text()
            assert_whole(run, whole)
            number += 1
        if hits == kills:
            break
    end(server, whole, folder / f"run-{number}", log, "1")
    assert hits == kills, f"only {hits} of {kills} kills met a running process"


def start(server: ForkServer, whole: Whole, run: Path, log: Path, jobs: str) -> int:
    """Start a run that keeps every piece, however short, on a machine of any speed."""
    arguments = [*whole.arguments, "--jobs", jobs, "--out", run]
    return server.start(arguments, log, keep_all_pieces=1)


def ends_before(server: ForkServer, run: Path, count: int, seconds: float = math.inf) -> bool:
    """Wait until ``count`` pieces are kept, or for a time; return whether the run ended first."""
    return server.ends_before(lambda: len(pieces(run)) >= count, seconds)


def end(server: ForkServer, whole: Whole, run: Path, log: Path, jobs: str) -> None:
    code = server.run([*whole.arguments, "--jobs", jobs, "--out", run], log)
    assert code == 0, log.read_text()
    assert_whole(run, whole)


def assert_whole(run: Path, whole: Whole) -> None:
    assert files(run) == whole.files
    assert not (run / "pieces").exists()
    assert list(run.rglob(".writing-*")) == []


@pytest.mark.nightly(but=["3"])
@pytest.mark.parametrize("kills", [3, 20])
def test_an_audit_that_is_killed_at_random_moments_ends_in_the_same_bytes(
    fork_server: ForkServer, whole: Whole, tmp_path: Path, kills: int
) -> None:
    kill_at_random(fork_server, whole, tmp_path, kills)


@pytest.mark.nightly
def test_an_audit_in_two_processes_that_is_killed_goes_on_in_any_number(
    fork_server: ForkServer, whole: Whole, tmp_path: Path
) -> None:
    run, log = tmp_path / "run", tmp_path / "log"
    for count in (1, 3):
        group = start(fork_server, whole, run, log, "2")
        assert not ends_before(fork_server, run, count), f"it ended before {count} pieces"
        os.killpg(group, signal.SIGKILL)
        assert fork_server.wait() == -signal.SIGKILL
    end(fork_server, whole, run, log, "3")
