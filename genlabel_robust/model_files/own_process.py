"""A trial run of a model in a separate process with limits on time and memory.

A model that crashes, runs forever or fills the memory harms only that process. The predictions of
the trial are not used.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from genlabel_robust.core import ConfigurationError, InputError
from genlabel_robust.core.files.opening import opened

_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "


@dataclass(frozen=True)
class Limits:
    """The limits of the separate process.

    ``processor``: CPU time in seconds. ``clock``: elapsed time in seconds. ``memory``: bytes in
    addition to those that the file and the libraries take.
    """

    processor: int = 10
    clock: int = 45
    memory: int = 2 << 30


LIMITS = Limits()


def try_apart(module: str, content: bytes, limits: Limits = LIMITS) -> None:
    """Run ``main`` of ``module`` in a separate process; it reads ``content`` from stdin.

    Raises ``ConfigurationError``, with a clause about the model, if the trial exceeds ``limits``
    or crashes the process.
    """
    within = asdict(limits) | {"memory": limits.memory + 4 * len(content)}
    command = [
        sys.executable,
        "-I",
        "-c",
        f"{_START}from {module} import main; main()",
        json.dumps(sys.path),
        json.dumps(within),
    ]
    try:
        done = subprocess.run(  # noqa: S603  runs a module of this package; the file is only data
            command, input=content, capture_output=True, timeout=limits.clock, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ConfigurationError(_too_long(limits)) from error
    except OSError as error:
        raise ConfigurationError(
            f"it must be tried in a separate process, which cannot be started: {error.strerror}"
        ) from error
    said = done.stdout.decode(errors="replace").strip().rpartition("\n")[2]
    if done.returncode in (-int(getattr(signal, "SIGXCPU", 24)), -9):
        raise ConfigurationError(_too_long(limits))
    if said == "memory":
        raise ConfigurationError(
            f"its first predictions take more than {limits.memory / 2**30:.2g} GiB of memory, far "
            "more than a classifier of rows needs"
        )
    if done.returncode or said != "answered":
        raise ConfigurationError("it crashes the process in which it makes its first predictions")


def limit_this_process(limits: dict[str, int]) -> None:
    """Limit this process from here on; ``limits``: the fields of ``Limits``.

    The memory that the process already uses, which is that of the libraries, does not count.
    """
    try:
        import resource
    except ImportError:  # outside POSIX only the limit on elapsed time works
        return
    seconds, size = limits["processor"], limits["memory"] + _taken()
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def tell_how_it_ends(ask: Callable[[], object], out_of_memory: Sequence[str] = ()) -> None:
    """Call ``ask`` and print for ``try_apart`` whether memory ran out.

    ``out_of_memory``: texts, in lower case, that identify such errors besides ``MemoryError``.
    Any other error counts as an answer: the caller meets it again and reports it.
    """
    try:
        ask()
    except MemoryError:
        print("memory")
    except Exception as error:  # a library's exceptions may have no common base class
        message = str(error).lower()
        print("memory" if any(sign in message for sign in out_of_memory) else "answered")
    else:
        print("answered")


def _taken() -> int:
    """Return the size of this process's address space in bytes, or a guess outside Linux."""
    try:
        with opened(Path("/proc/self/statm")) as file:
            return int(file.read(64).split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (InputError, ValueError):  # not Linux
        return 2 << 30


def _too_long(limits: Limits) -> str:
    return (
        f"its first predictions, for a few rows, take more than {limits.processor} s; a classifier "
        "of rows makes them at once"
    )
