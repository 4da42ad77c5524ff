"""Processes: what they have imported, whom they end with, and what they leave alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from genlabel_robust.core.parallel import as_completed, end_processes

#: Without a guard: a process that ran it again would begin processes itself.
SCRIPT = """
import os, sys
from genlabel_robust.core.parallel import as_completed, import_early

class OwnError(Exception):
    pass

def ran(number):
    if number == 3:
        raise OwnError(number)
    return os.getpid(), "statistics" in sys.modules, os.environ["OMP_NUM_THREADS"]

print("begins")
import_early("statistics")
found = dict(as_completed(ran, {n: n for n in range(3)}, 2))
print(os.getpid() in {pid for pid, *_ in found.values()})
print({tuple(rest) for _, *rest in found.values()})
try:
    dict(as_completed(ran, {n: n for n in range(4)}, 2))
except OwnError as error:
    print("own error", error)
"""
#: What is imported early takes long, and the script fails at once.
FAILS = """
import pathlib, sys
from genlabel_robust.core.parallel import import_early

pathlib.Path("slow_to_import.py").write_text("import time; time.sleep(300)")
import_early("slow_to_import")
sys.exit(7)
"""
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


def pid(_: int) -> int:
    return os.getpid()


def test_processes_stay_for_the_next_calls_until_they_are_ended() -> None:
    def used() -> set[int]:
        return {answer for _, answer in as_completed(pid, {n: n for n in range(8)}, 2)}

    first = used()
    assert os.getpid() not in first
    assert len(first | used()) <= 2
    end_processes()
    assert not first & used()


def test_a_script_without_a_guard_runs_once_and_its_own_errors_come_back(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    early = sys.platform == "linux"
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "begins",
        "False",
        f"{{({early}, '1')}}",
        "own error 3",
    ]


def test_nobody_waits_for_early_imports_of_a_script_that_fails(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(FAILS, encoding="utf-8")
    # its output is read to the end, which what still imports would hold open
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, timeout=120
    )
    assert done.returncode == 7


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
