"""Run the command line in forks of one process: importing torch and ART takes seconds.

Reads requests from stdin, one JSON object a line: ``arguments`` of the command,
``log`` for what it prints, ``plant`` a fault. Answers with the child's process group,
then with its exit code.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import sys
import traceback
from contextlib import suppress
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import genlabel_robust


def main() -> None:
    for module in walk_packages(genlabel_robust.__path__, "genlabel_robust."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    import torch

    torch.set_num_threads(1)
    _answer("ready")
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            # where the tests run in the background, a shell may have had it ignored
            signal.signal(signal.SIGINT, signal.default_int_handler)
            _command(request)
        # in both processes, for whichever comes first
        with suppress(OSError):
            os.setpgid(child, child)
        _answer(child)
        _answer(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _answer(value: object) -> None:
    print(json.dumps(value), flush=True)


def _command(request: dict[str, Any]) -> None:
    from genlabel_robust.cli.main import run

    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    # the old objects remember whether what they wrote to could be sought in
    sys.stdout, sys.stderr = (os.fdopen(n, "w", buffering=1, encoding="utf-8") for n in (1, 2))
    code = 99
    try:
        _plant(request["plant"])
        code = run(request["arguments"])
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _plant(fault: dict[str, Any]) -> None:
    if "host" in fault:
        socket.gethostname = lambda: fault["host"]
    if "largest_file" in fault:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (fault["largest_file"],) * 2)
    if fault.get("keep_all_pieces"):
        finished_pieces: Any = import_module("genlabel_robust.runs.folder.finished_pieces")
        finished_pieces._WORTH = 0
    if "interrupt_at" in fault:
        _interrupt_a_write(fault["interrupt_at"])
    if "kill_at" in fault:
        _die_in_a_write(fault["moment"], fault["kill_at"])


def _interrupt_a_write(at: int) -> None:
    """Send Ctrl-C to this process group in the ``at``-th write."""
    from genlabel_robust.core.files import writing as files

    replace, count = files.os.replace, 0

    def interrupted(*arguments: Any, **options: Any) -> None:
        nonlocal count
        count += 1
        if count == at:
            os.killpg(0, signal.SIGINT)
        replace(*arguments, **options)

    files.os.replace = interrupted


def _die_in_a_write(moment: str, at: int) -> None:
    """Kill this process in the ``at``-th write: half written, unsynced, or around the move."""
    from genlabel_robust.core.files import writing as files

    name = {"half": "fdopen", "synced": "fsync"}.get(moment, "replace")
    original = getattr(files.os, name)
    count = 0

    def fatal(*arguments: Any, **options: Any) -> Any:
        nonlocal count
        if moment == "half" and "wb" not in arguments:  # what opens a file to read it
            return original(*arguments, **options)
        count += 1
        if count < at:
            return original(*arguments, **options)
        if moment == "half":
            file = original(*arguments, **options)
            write = file.write

            class Half:
                def __enter__(self) -> Half:
                    return self

                def __exit__(self, *ended: object) -> None:
                    pass

                def __getattr__(self, name: str) -> Any:
                    return getattr(file, name)

                def write(self, content: bytes) -> None:
                    write(content[: len(content) // 2])
                    file.flush()
                    os.kill(os.getpid(), signal.SIGKILL)

            return Half()
        if moment == "moved":
            original(*arguments, **options)
        os.kill(os.getpid(), signal.SIGKILL)
        return None

    setattr(files.os, name, fatal)


if __name__ == "__main__":
    main()
