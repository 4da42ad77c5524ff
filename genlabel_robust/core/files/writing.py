"""Atomic writes: a file is complete or absent."""

import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from genlabel_robust.core.errors import OutputError
from genlabel_robust.core.files.leftovers import sweep_once, writing_prefix
from genlabel_robust.core.files.opening import file_sha256


def write_bytes(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` atomically: no reader sees half of it, even after a kill.

    A link at ``path`` is replaced; its target is not written. Raises ``OutputError`` if ``path`` is
    a pipe or a device such as /dev/null, which would be replaced too.
    """
    write_by(path, lambda file: file.write(content))


def write_by(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Let ``write`` write the file at ``path``, atomically; see ``write_bytes``."""
    _refuse_device(path)
    with _written_beside(path, write) as name:
        os.replace(name, path)


def write_new(path: Path, content: bytes) -> bool:
    """Write ``content`` to ``path`` unless a file is there; return whether it was written.

    If several hosts share the folder, one of them writes and the others see the complete file. On
    file systems without hard links, two that start at the same instant may both write.
    """
    with _written_beside(path, lambda file: file.write(content)) as name:
        try:
            os.link(name, path)
        except FileExistsError:
            return False
        except OSError:
            if path.exists():
                return False
            os.replace(name, path)
    return True


@contextmanager
def _written_beside(path: Path, write: Callable[[IO[bytes]], object]) -> Iterator[str]:
    """Let ``write`` write a file beside ``path``; yield its name, and remove it afterwards.

    If this process is killed in between, the next process of this host that writes in the same
    folder removes the file.
    """
    sweep_once(path.parent)
    descriptor, name = tempfile.mkstemp(prefix=writing_prefix(), dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)  # mkstemp's 0600 would hide results
        yield name
    finally:
        Path(name).unlink(missing_ok=True)


def write_all(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write each of ``contents``, by name in ``folder``, as ``write_bytes`` does.

    Raises ``OutputError`` before anything is written if one of them cannot be written.
    """
    for name in contents:
        _refuse_device(folder / name)
    for name, content in contents.items():
        write_bytes(folder / name, content)


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8, atomically."""
    write_bytes(path, text.encode())


def json_text(value: Any) -> str:
    """Return ``value`` as JSON with sorted keys; NaN and infinity are refused."""
    return json.dumps(value, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False) + "\n"


def own_folder(root: Path, name: str) -> Path:
    """Return the folder ``name`` in ``root``, and create it if it is missing.

    Raises ``OutputError`` if it is a link: the run must not write to its target.
    """
    refuse_links(root, name)
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def refuse_links(root: Path, *names: str) -> None:
    """Raise ``OutputError`` if one of the folders ``names`` in ``root`` is a link."""
    for name in names:
        if (root / name).is_symlink():
            raise OutputError(
                f"{root / name} is a link, and nothing is written through links; replace the link "
                "with a real folder"
            )


def _refuse_device(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return  # it does not exist, or mkstemp will report the error
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise OutputError(f"{path} is a pipe or a device, which is not replaced by a file")


def sha256(content: bytes) -> str:
    """Return the SHA-256 of ``content`` in hex."""
    return hashlib.sha256(content).hexdigest()


def write_checksums(folder: Path) -> None:
    """Write ``SHA256SUMS``, in the format of sha256sum, for every file below ``folder``."""
    sums = folder / "SHA256SUMS"
    files = sorted(
        file
        for file in folder.rglob("*")
        if file.is_file() and file != sums and not file.name.startswith(".")
    )
    write_text(
        sums,
        "".join(f"{file_sha256(file)}  {file.relative_to(folder).as_posix()}\n" for file in files),
    )


def digest(value: Any) -> str:
    """Return the SHA-256 of ``value`` as JSON, independent of the order of keys."""
    return sha256(json.dumps(value, sort_keys=True, allow_nan=False).encode())
