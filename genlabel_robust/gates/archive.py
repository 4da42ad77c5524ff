"""A folder of files, or the same in one ``.zip``; written whole, and read without trust."""

from __future__ import annotations

import io
import lzma
import os
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from genlabel_robust.core.errors import OutputError
from genlabel_robust.core.files import write_bytes

#: More than any baseline has; an archive beyond it is not unpacked.
_MOST_FILES, _MOST_BYTES = 20_000, 2 * 1024**3
#: ZIP knows no time zones and no time before this.
_EPOCH = (1980, 1, 1, 0, 0, 0)
#: What zipfile raises for what is no archive, or a damaged, encrypted or foreign one.
_UNREADABLE = (
    OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error, struct.error,
    lzma.LZMAError,
)  # fmt: skip


def write_archive(out: Path, content: Mapping[str, bytes]) -> None:
    """Write ``content``, by relative names, to ``out``: a file if it ends in .zip, else a folder.

    Whole or not at all; what stood there before is replaced by its like. The same content gives the
    same bytes. Raises ``OutputError`` if it cannot be written.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if out.is_file() or (out.suffix.lower() == ".zip" and not out.is_dir()):
            write_bytes(out, _zipped(content))
        else:
            _write_folder(out, content)
    except OSError as error:
        raise OutputError(f"cannot write {out}: {error.strerror}; choose another --out") from error


def _zipped(content: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(content.items()):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _write_folder(out: Path, content: Mapping[str, bytes]) -> None:
    made = Path(tempfile.mkdtemp(prefix=f".writing-{os.getpid()}-", dir=out.parent))
    try:
        for name, data in content.items():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            write_bytes(made / name, data)
        made.chmod(0o755)  # mkdtemp's 0700 would hide it
        if out.exists():
            before = made.with_name(f"{made.name}-before")
            out.rename(before)
            made.rename(out)
            shutil.rmtree(before)
        else:
            made.rename(out)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def read_archive(path: Path, folder: Path) -> None:
    """Unpack the ``.zip`` at ``path`` into ``folder``.

    Raises ``OutputError`` if it is none, if a name leads out of the folder, or if it would
    unpack to more than 2 GiB or 20,000 files.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > _MOST_FILES or sum(e.file_size for e in entries) > _MOST_BYTES:
                raise OutputError(
                    f"{path} would unpack to more than {_MOST_BYTES // 1024**3} GiB or "
                    f"{_MOST_FILES:,} files; it is not read"
                )
            for entry in entries:
                target = (folder / entry.filename).resolve()
                if not target.is_relative_to(folder.resolve()):
                    raise OutputError(f"{path} holds the name {entry.filename!r}; it is not read")
                target.parent.mkdir(parents=True, exist_ok=True)
                # no more than was announced: zipfile stops there
                target.write_bytes(archive.read(entry))
    except _UNREADABLE as error:
        raise OutputError(f"{path} is not a baseline, or is damaged: {error}") from error
