"""A process that is killed takes those with it that it began."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

DRIVER = """
import os, sys, time
from genlabel_robust.core.parallel import as_completed

def endless(path):
    with open(path, "w") as file:
        file.write(str(os.getpid()))
    while True:
        time.sleep(0.1)

for _ in as_completed(endless, {n: f"{sys.argv[1]}/{n}" for n in range(2)}, 2):
    pass
"""


@pytest.mark.nightly(but=["9"])
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_a_driver_that_is_killed(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "driver.py").write_text(DRIVER, encoding="utf-8")
    out = tmp_path / "out"
    out.mkdir()
    driver = subprocess.Popen(
        [sys.executable, str(tmp_path / "driver.py"), str(out)], start_new_session=True
    )
    try:
        pids = [int(wait_for(out / str(n), driver)) for n in range(2)]
        assert all(running(pid) for pid in pids)
        os.kill(driver.pid, number)
        driver.wait()
        for _ in range(6000):  # five minutes, so that a failure ends
            if not any(running(pid) for pid in pids):
                break
            time.sleep(0.05)
        assert not any(running(pid) for pid in pids)
    finally:
        # whatever went wrong, nothing of this stays; an empty group is no mistake
        with suppress(ProcessLookupError):
            os.killpg(driver.pid, signal.SIGKILL)


def wait_for(path: Path, driver: subprocess.Popen[bytes]) -> str:
    while not path.exists() or not path.read_text(encoding="utf-8"):
        time.sleep(0.05)
        assert driver.poll() is None, "the driver ended"
    return path.read_text(encoding="utf-8")


def running(pid: int) -> bool:
    """Say whether the process is there and no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
