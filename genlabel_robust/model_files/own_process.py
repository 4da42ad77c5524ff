"""Somebody's model, asked for its first answers in a process of its own, under limits.

What it takes there is what it would take here: a graph that fills any memory, or never ends, ends
with that process. Nothing of what that answers is used.
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
    """What the other process may take: seconds of a processor and of the clock, and bytes.

    ``memory``: beside what the file and the libraries that read it take.
    """

    processor: int = 10
    clock: int = 45
    memory: int = 2 << 30


LIMITS = Limits()


def try_apart(module: str, content: bytes, limits: Limits = LIMITS) -> None:
    """Have the ``main`` of ``module`` ask the model in ``content``, which it reads from stdin.

    Raises ``ConfigurationError``, half a sentence about the model, if that takes more than
    ``limits``, or ends the process.
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
        done = subprocess.run(  # noqa: S603  our own module, and nothing of the file
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
    """Take no more than ``limits``, as ``try_apart`` gives them, from here on.

    Memory: beside what is taken already, which is that of the libraries.
    """
    try:
        import resource
    except ImportError:  # outside POSIX the clock alone ends it
        return
    seconds, size = limits["processor"], limits["memory"] + _taken()
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def tell_how_it_ends(ask: Callable[[], object], out_of_memory: Sequence[str] = ()) -> None:
    """Call ``ask``, and say on stdout, as ``try_apart`` reads it, whether it ran out of memory.

    ``out_of_memory``: what a library's other exceptions say then, in lower case. Of any other
    fault the caller has words, for it meets it, too.
    """
    try:
        ask()
    except MemoryError:
        print("memory")
    except Exception as error:  # a library's exceptions may have no base of their own
        told = str(error).lower()
        print("memory" if any(sign in told for sign in out_of_memory) else "answered")
    else:
        print("answered")


def _taken() -> int:
    """Return the bytes of addresses that this process has, a guess where that is not told."""
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
