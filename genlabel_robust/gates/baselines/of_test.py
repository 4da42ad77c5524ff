"""The baseline of a test: what its file is called, and the command that makes it."""

import hashlib
import os
import re
import shlex
from pathlib import Path

#: Names that Windows keeps for devices, whatever suffix follows.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


def update_command(test: str, file: Path, called: Path, folder: Path | None) -> str:
    """Return what makes the baseline of ``test``, a node id, from the folder ``called``.

    ``file``: that of the test; ``folder``: of the baselines, None for the usual one.
    """
    inside = test.partition("::")[2]
    words = [f"{_relative(file, called)}::{inside}", "--robustness-update"]
    if folder is not None:
        words += ["--robustness-baseline", _relative(folder, called)]
    return shlex.join(["pytest", *words])


def file_name(text: str) -> str:
    """Return a file's name for ``text`` on every system; different texts get different ones.

    A text that is one already is kept; the others get a digest, and so does one with
    capitals, which some systems do not tell apart, and the name of a device (``aux.zip`` cannot
    be checked out on Windows).
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", text).strip("._-")[:80]
    if plain == text and plain == plain.lower() and not _DEVICES.match(plain):
        return plain
    if _DEVICES.match(plain.lower()):
        plain = f"_{plain}"
    return f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:10]}"


def _relative(path: Path, folder: Path) -> str:
    try:
        return os.path.relpath(path, folder)
    except ValueError:  # on another drive
        return str(path)
