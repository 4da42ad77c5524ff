"""Files that are whole or absent: every write is atomic."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

_PREFIX = ".writing-"


def write_bytes(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` so that no reader, nor a kill, meets half of it."""
    descriptor, name = tempfile.mkstemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)  # mkstemp's 0600 would hide results
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8, atomically."""
    write_bytes(path, text.encode())


def json_text(value: Any) -> str:
    """Return ``value`` as JSON with sorted keys; NaN and infinity are refused."""
    return json.dumps(value, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False) + "\n"


def sweep(folder: Path) -> None:
    """Remove what an interrupted write left behind in ``folder``.

    What a running process is writing is left alone; where that cannot be known
    (outside POSIX), everything is.
    """
    for leftover in folder.glob(f"{_PREFIX}*"):
        writer = leftover.name.removeprefix(_PREFIX).partition("-")[0]
        if os.name == "posix" and not (writer.isdigit() and _runs(int(writer))):
            leftover.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        # not permitted to ask, so there is such a process
        return True
    return process != os.getpid()


def sha256(content: bytes) -> str:
    """Return the SHA-256 of ``content`` in hex."""
    return hashlib.sha256(content).hexdigest()


def write_checksums(folder: Path) -> None:
    """Write ``SHA256SUMS``, the format of sha256sum, of every file below ``folder``."""
    sums = folder / "SHA256SUMS"
    files = sorted(
        file
        for file in folder.rglob("*")
        if file.is_file() and file != sums and not file.name.startswith(".")
    )
    write_text(
        sums,
        "".join(
            f"{sha256(file.read_bytes())}  {file.relative_to(folder).as_posix()}\n"
            for file in files
        ),
    )


def digest(value: Any) -> str:
    """Return the SHA-256 of a JSON-able value, independent of key order."""
    return sha256(json.dumps(value, sort_keys=True, allow_nan=False).encode())
