"""A small finished run that all command-line tests may read, and a way to make others."""

from __future__ import annotations

import io
import json
import math
import select
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from genlabel_robust.cli.main import run

#: A run of four cells that takes about a second.
SMALL = (
    "evaluate",
    "--dataset",
    "iris",
    "--strategy",
    "vanilla",
    "--strategy",
    "mixup",
    "--arch",
    "logistic",
    "--seeds",
    "2",
    "--suite",
    "quick",
    "--set",
    "train.epochs=5",
    "--jobs",
    "1",
)


@dataclass(frozen=True)
class Call:
    """The result of a command: its exit code and its output."""

    code: int
    stdout: str
    stderr: str


def _call(*arguments: str | Path) -> Call:
    stdout, stderr = io.StringIO(), io.StringIO()
    with redirect_stdout(stdout), redirect_stderr(stderr):
        code = run([str(argument) for argument in arguments])
    return Call(code, stdout.getvalue(), stderr.getvalue())


def _snapshot(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture(scope="module", autouse=True)
def canaries_once(known_canaries: None) -> None:
    """Reuse the results on canaries, which every run attacks but no command test is about."""


@pytest.fixture(scope="session")
def call() -> Callable[..., Call]:
    """Run a command in this process."""
    return _call


@pytest.fixture(scope="session")
def snapshot() -> Callable[[Path], dict[str, bytes | None]]:
    """Return every path below a folder, with the bytes of its files."""
    return _snapshot


@pytest.fixture(scope="session")
def small() -> tuple[str, ...]:
    """The arguments of the small run, without its folder."""
    return SMALL


@dataclass(frozen=True)
class Finished:
    """The small run: its folder, which tests must not change, and its output."""

    path: Path
    call: Call

    @property
    def results(self) -> Any:
        return json.loads((self.path / "results.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    path = tmp_path_factory.mktemp("finished") / "run"
    return Finished(path, _call(*SMALL, "-v", "--out", path))


class ForkServer:
    """Starts the command line in forks of a process that has already imported everything."""

    def __init__(self, python: Path) -> None:
        script = str(Path(__file__).with_name("fork_server.py"))
        code = f"import runpy; runpy.run_path({script!r}, run_name='__main__')"
        self._process = subprocess.Popen(
            [python, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self.replies = self._process.stdin, self._process.stdout
        assert self._reply() == "ready"

    def start(self, arguments: Sequence[str | Path], log: Path, **plant: int | str) -> int:
        """Start a run in its own process group, which has the number that is returned."""
        request = {"arguments": [str(a) for a in arguments], "log": str(log), "plant": plant}
        self._requests.write(json.dumps(request).encode() + b"\n")
        group = self._reply()
        assert isinstance(group, int)
        return group

    def wait(self) -> int:
        """Return the exit code of the run that was started, minus the signal if it was killed."""
        code = self._reply()
        assert isinstance(code, int)
        return code

    def ends_before(self, reached: Callable[[], bool], seconds: float = math.inf) -> bool:
        """Wait until ``reached`` is true or ``seconds`` have passed; say whether the run ended."""
        until = perf_counter() + seconds
        while not reached() and perf_counter() < until:
            if select.select([self.replies], [], [], min(seconds, 0.01))[0]:
                return True
        return False

    def run(self, arguments: Sequence[str | Path], log: Path, **plant: int | str) -> int:
        self.start(arguments, log, **plant)
        return self.wait()

    def close(self) -> None:
        self._requests.close()
        self._process.wait()
        self.replies.close()

    def _reply(self) -> int | str:
        reply: int | str = json.loads(self.replies.readline())
        return reply


@pytest.fixture(scope="session")
def fork_server(quick_python: Path) -> Iterator[ForkServer]:
    server = ForkServer(quick_python / "python")
    yield server
    server.close()
