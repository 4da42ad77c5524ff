"""A ``python`` that has imported everything already: a command line in tenths of a second.

``python quick_python.py FOLDER`` leaves a process behind that listens at a socket in ``FOLDER``,
beside which a program named ``python`` hands its arguments, its place and its three files over;
a fork of the listening process runs them. It ends when the last of those has gone that are
connected to the socket ``stay``. What the tests ask is what a command does, not how Python starts.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import select
import socket
import stat
import sys
import traceback
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

#: The program: what it cannot hand over, it leaves to Python itself.
CLIENT = """#!{python} -SI
import json, os, socket, sys
if sys.argv[1:2] != ["-c"] and sys.argv[1:3] != ["-m", "genlabel_robust"]:
    os.execv({python!r}, [{python!r}, *sys.argv[1:]])
request = {{"arguments": sys.argv[1:], "folder": os.getcwd(), "environ": dict(os.environ)}}
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    socket.send_fds(server, [b"f"], [0, 1, 2])
    server.sendall(json.dumps(request).encode() + b"\\n")
    code = json.loads(server.makefile().readline() or "99")
if code < 0:
    os.kill(os.getpid(), -code)
sys.exit(code)
"""


def main(folder: Path) -> None:
    import genlabel_robust

    for module in walk_packages(genlabel_robust.__path__, "genlabel_robust."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    for library in ("skops.io", "sklearn.ensemble", "sklearn.datasets"):
        import_module(library)
    import torch

    torch.set_num_threads(1)
    os.fsync = lambda fd: None  # as in the tests' own processes
    address, program = folder / "socket", folder / "python"
    program.write_text(CLIENT.format(python=sys.executable, address=str(address)))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    listening, stay = (_listening(path) for path in (address, folder / "stay"))
    gc.freeze()
    if os.fork():
        os._exit(0)  # who waits for this process knows that the other listens
    os.setsid()
    connected: list[socket.socket] = []
    while True:
        ready, _, _ = select.select([listening, stay, *connected], [], [])
        for one in ready:
            if one is stay:
                connected.append(stay.accept()[0])
            elif one is listening:
                _serve(listening)
            else:
                connected.remove(one)
                one.close()
                if not connected:
                    return


def _listening(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    made = socket.socket(socket.AF_UNIX)
    made.bind(str(path))
    made.listen()
    return made


def _serve(listening: socket.socket) -> None:
    client, _ = listening.accept()
    if os.fork() == 0:
        listening.close()
        _answer(client)
    client.close()
    while _ended():
        pass


def _ended() -> bool:
    """Take note of one command that came to its end."""
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


def _answer(client: socket.socket) -> None:
    """Run the command of a client in a fork, and send its exit code."""
    _, files, _, _ = socket.recv_fds(client, 1, 3)
    request = json.loads(client.makefile().readline())
    child = os.fork()
    if child == 0:
        client.close()
        code = 1
        try:
            code = _run(request, files)
        finally:
            # to take all that was imported apart would take seconds
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    client.sendall(json.dumps(code).encode() + b"\n")
    os._exit(0)


def _run(request: dict[str, Any], files: list[int]) -> int:
    """Run the command, and return its exit code."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    # the old objects remember whether what they wrote to could be sought in
    sys.stdin = os.fdopen(0, encoding="utf-8")
    sys.stdout, sys.stderr = (
        os.fdopen(n, "w", buffering=1, encoding="utf-8", closefd=False) for n in (1, 2)
    )
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environ"])
    option, what, *rest = request["arguments"]
    sys.argv, sys.path[0] = [option, *rest], ""
    try:
        if option == "-m":
            runpy.run_module(what, run_name="__main__", alter_sys=True)
        else:
            exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102
    except SystemExit as ended:
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    main(Path(sys.argv[1]))
