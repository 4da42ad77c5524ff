"""Worker processes: their imports, when they end, and what they do not touch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
#: Calls without an end, which have some bytes in common.
DRIVER = """
import os, sys, time
from genlabel_robust.core.parallel import as_completed_with

def endless(path, data):
    with open(path, "w") as file:
        file.write(str(os.getpid()))
    while True:
        time.sleep(0.1)

data = bytes(int(sys.argv[2]))
for _ in as_completed_with(
    endless, {n: f"{sys.argv[1]}/{n}" for n in range(2)}, {n: data for n in range(2)}, 2
):
    pass
"""
NEXT = """
from genlabel_robust.core.parallel import as_completed

print(dict(as_completed(abs, {n: n for n in range(2)}, 2)) == {0: 0, 1: 1})
"""
#: A fork that has calls of its own, and ends as a script does, while its parent's are under way.
FORKS = """
import os, sys, warnings
from genlabel_robust.core.parallel import as_completed_with

warnings.simplefilter("ignore")  # Python warns of any fork beside threads

def read(number, data):
    return os.getpid(), len(data)

def all_read():
    data = bytes(2 << 20)
    yield from as_completed_with(
        read, {n: n for n in range(9)}, {n: data for n in range(9)}, 2
    )

calls = all_read()
first = next(calls)
if (child := os.fork()) == 0:
    sys.exit(len(dict(all_read())))
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
found = [result for _, result in [first, *calls]]
print(len(found), {size for _, size in found})
later = {pid for _, (pid, _) in all_read()}
print(later <= {pid for pid, _ in found})
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


@pytest.mark.nightly(but=["9-0", "9-2097152"])
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
@pytest.mark.parametrize("size", [0, 2 << 20])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_a_driver_that_is_killed(
    tmp_path: Path, number: signal.Signals, size: int
) -> None:
    with driving(tmp_path, size) as (driver, temporary, pids):
        # for the socket of what processes are copied from, and for what they have in common
        assert len(list(temporary.iterdir())) == (2 if size else 1)
        os.kill(driver.pid, number)
        driver.wait()
        for _ in range(6000):  # five minutes, so that a failure ends
            if not any(running(pid) for pid in pids):
                break
            time.sleep(0.05)
        assert not any(running(pid) for pid in pids)
        assert driver.stderr is not None
        # until all that it began have ended: none of them has anything to say of the kill
        assert driver.stderr.read() == b""
        assert next_command(temporary) == "True\n"
        assert list(temporary.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_of_a_driver_killed_with_all_its_processes_the_next_one_removes_the_files(
    tmp_path: Path,
) -> None:
    with driving(tmp_path, 2 << 20) as (driver, temporary, _):
        left = set(temporary.iterdir())
        assert len(left) == 2
        assert next_command(temporary) == "True\n"
        # what is in use stays
        assert set(temporary.iterdir()) == left
        os.killpg(driver.pid, signal.SIGKILL)
        driver.wait()
        assert next_command(temporary) == "True\n"
        assert list(temporary.iterdir()) == []


@contextmanager
def driving(tmp_path: Path, size: int) -> Iterator[tuple[subprocess.Popen[bytes], Path, list[int]]]:
    """Yield a driver at work, its folder of temporary files, and its two processes.

    ``size``: the number of bytes that its calls share.
    """
    (tmp_path / "driver.py").write_text(DRIVER, encoding="utf-8")
    out, temporary = tmp_path / "out", tmp_path / "temporary"
    out.mkdir()
    temporary.mkdir()
    driver = subprocess.Popen(
        [sys.executable, str(tmp_path / "driver.py"), str(out), str(size)],
        start_new_session=True,
        stderr=subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(temporary)},
    )
    assert driver.stderr is not None
    try:
        pids = [int(wait_for(out / str(n), driver)) for n in range(2)]
        assert all(running(pid) for pid in pids)
        yield driver, temporary, pids
    finally:
        # whatever went wrong, nothing of this stays; an empty group is no mistake
        with suppress(ProcessLookupError):
            os.killpg(driver.pid, signal.SIGKILL)
        driver.wait()
        driver.stderr.close()


def next_command(temporary: Path) -> str:
    return script(NEXT, temporary).stdout


def script(text: str, temporary: Path) -> subprocess.CompletedProcess[str]:
    """Run the script ``text`` with its own folder of temporary files."""
    return subprocess.run(
        [sys.executable, "-c", text],
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"TMPDIR": str(temporary)},
    )


def test_the_path_of_temporary_files_may_be_longer_than_that_of_a_socket(tmp_path: Path) -> None:
    long = tmp_path / ("long" * 25)
    long.mkdir()
    done = script(NEXT, long)
    assert (done.stdout, done.stderr) == ("True\n", "")
    assert list(long.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="forks beside threads are safe on Linux alone")
def test_a_fork_that_ends_takes_nothing_from_its_parent(tmp_path: Path) -> None:
    done = script(FORKS, tmp_path)
    assert done.stdout.splitlines() == ["9", "9 {2097152}", "True"], done.stderr
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


def wait_for(path: Path, driver: subprocess.Popen[bytes]) -> str:
    while not path.exists() or not path.read_text(encoding="utf-8"):
        time.sleep(0.05)
        assert driver.poll() is None, "the driver ended"
    return path.read_text(encoding="utf-8")


def running(pid: int) -> bool:
    """Return whether the process exists and is not a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):  # it has ended, perhaps since it was opened
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
