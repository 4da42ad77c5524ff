"""A worker's error, exit or half-sent result blocks nobody."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from genlabel_robust.core.errors import UnfinishedRunError
from genlabel_robust.core.parallel import as_completed

#: Processes of which one sends half of a result, and is then killed or goes no further. In the
#: second case another one fails, so that all are ended.
HALF = """
import os, signal, sys, time
from genlabel_robust.core.parallel import as_completed

class OwnError(Exception):
    pass

def half(descriptor, content):
    os.write(descriptor, bytes(content)[: len(content) // 2])
    open(sys.argv[2], "w").close()
    if sys.argv[1] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(300)

def work(argument):
    number, ends, file = argument
    sys.argv[1:] = ends, file
    if number == 0:
        from multiprocessing.connection import Connection
        Connection._send.__defaults__ = (half,)
    elif ends == "stays":
        while not os.path.exists(file):
            time.sleep(0.01)
        raise OwnError
    return bytes(1000)

try:
    dict(as_completed(work, {n: (n, *sys.argv[1:]) for n in range(8)}, 2))
except Exception as error:
    print(type(error).__name__)
"""
#: Ctrl-C while the process that is copied still imports; it goes on when it was not noticed.
INTERRUPTED = """
import os, pathlib, signal, time
from genlabel_robust.core.parallel import as_completed, import_early

def wait_for(name):
    while not pathlib.Path(name).exists():
        time.sleep(0.01)

pathlib.Path("slow_to_import.py").write_text('''
import pathlib, time
pathlib.Path("begun").touch()
while not pathlib.Path("interrupted").exists():
    time.sleep(0.01)
''')
signal.signal(signal.SIGINT, signal.default_int_handler)
import_early("slow_to_import")
try:
    wait_for("begun")
    os.killpg(0, signal.SIGINT)
    time.sleep(300)
except KeyboardInterrupt:
    print("interrupted")
pathlib.Path("interrupted").touch()
print(dict(as_completed(abs, {-1: -1, 2: 2}, 2)) == {-1: 1, 2: 2})
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends half as POSIX does")
@pytest.mark.parametrize(
    ("ends", "error"), [("killed", "UnfinishedRunError"), ("stays", "OwnError")]
)
def test_nobody_waits_for_the_rest_of_a_result_that_a_process_sent_half(
    tmp_path: Path, ends: str, error: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HALF, ends, str(tmp_path / "half")],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.stdout, done.stderr) == (f"{error}\n", "")


@pytest.mark.skipif(sys.platform != "linux", reason="processes are copies on Linux alone")
def test_ctrl_c_while_processes_begin_reaches_the_command_alone(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        start_new_session=True,
    )
    assert (done.stdout, done.stderr) == ("interrupted\nTrue\n", "")


def interrupts(_: int) -> set[signal.Signals]:
    return {*signal.pthread_sigmask(signal.SIG_BLOCK, ())}


@pytest.mark.skipif(sys.platform != "linux", reason="processes are copies on Linux alone")
def test_a_process_lets_no_ctrl_c_through_from_its_first_moment() -> None:
    kept_from = dict(as_completed(interrupts, {n: n for n in range(2)}, 2))
    assert all(signal.SIGINT in signals for signals in kept_from.values())
    assert signal.SIGINT not in interrupts(0)


class _LockedError(Exception):
    """An error that contains something that cannot be pickled."""

    def __init__(self) -> None:
        super().__init__("it was locked")
        self.lock = threading.Lock()


def fail(_: int) -> None:
    raise _LockedError


def leave(_: int) -> None:
    sys.exit(7)


def test_an_error_that_cannot_be_sent_is_told() -> None:
    with pytest.raises(UnfinishedRunError, match=r"_LockedError: it was locked"):
        dict(as_completed(fail, {n: n for n in range(2)}, 2))


def test_a_call_that_ends_the_process_does_what_it_would_do_here() -> None:
    for jobs in (1, 2):
        with pytest.raises(SystemExit, match="7"):
            dict(as_completed(leave, {n: n for n in range(2)}, jobs))
