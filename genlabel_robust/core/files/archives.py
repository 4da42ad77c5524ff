"""ZIP archives: the only place that writes them, and that checks them before unpacking."""

import io
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from genlabel_robust.core.errors import UsageError
from genlabel_robust.core.files.opening import opened

#: The accepted compression methods.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
#: Limits of an archive that is unpacked; no run or baseline comes near them.
_MOST_FILES, _MOST_BYTES = 20_000, 2 * 1024**3
#: How many bytes are unpacked at a time.
_PIECE = 1 << 20
#: The earliest time in ZIP, which has no time zones.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def zipped(content: Mapping[str, bytes]) -> bytes:
    """Return a ZIP archive of ``content``, by relative names; equal content gives equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(content.items()):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


@contextmanager
def unpacking(name: str, what: str, error: type[UsageError]) -> Iterator[None]:
    """Turn any exception that a damaged archive causes into ``error``.

    ``name``: the file's name in messages; ``what``: what the file should be, such as "a baseline".
    """
    try:
        yield
    except error:
        raise
    except MemoryError as problem:
        raise error(f"{name} needs more memory than this machine has") from problem
    except Exception as problem:  # zipfile, zlib and struct raise a dozen different exceptions
        reason = " ".join(str(problem).split())[:200] or type(problem).__name__
        raise error(f"{name} is not {what}, or is damaged: {reason}") from problem


def members(
    archive: zipfile.ZipFile, name: str, most_files: int, most_bytes: int, error: type[UsageError]
) -> dict[str, zipfile.ZipInfo]:
    """Return the files of ``archive`` by name, without unpacking any.

    Raises ``error`` if there are more than ``most_files`` files or more than ``most_bytes`` of
    unpacked content, if a file is encrypted or compressed by an unusual method, and if a name
    occurs twice, leads out of a folder or contains unprintable characters. ``name``: the archive's
    name in messages.
    """
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > most_files or sum(entry.file_size for entry in entries) > most_bytes:
        raise error(
            f"{name} would unpack to more than {most_bytes / 2**30:.3g} GiB or {most_files:,} "
            "files; it is not read"
        )
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            raise error(f"{name} is encrypted, so it cannot be read")
        if entry.compress_type not in _METHODS:
            raise error(
                f"{name} is packed with method {entry.compress_type}, which is not supported"
            )
        if not inside(entry.filename):
            raise error(f"{name} holds the name {entry.filename[:100]!r}; it is not read")
        if entry.filename in found:
            raise error(f"{name} holds {entry.filename[:100]!r} twice; it is not read")
        found[entry.filename] = entry
    return found


def unpack(
    path: Path,
    folder: Path,
    what: str,
    error: type[UsageError],
    check: Callable[[zipfile.ZipFile, Mapping[str, zipfile.ZipInfo]], None] = lambda *_: None,
) -> None:
    """Unpack the ``.zip`` file at ``path`` into ``folder``, a piece at a time.

    ``what``: what the archive should be; ``check``: a function that inspects it before anything is
    unpacked. Raises ``error`` if it is not a ZIP archive, if a name leads out of the folder, or if
    it would unpack to more than 2 GiB or 20,000 files.
    """
    name = str(path)
    with (
        opened(path, error=error) as file,
        unpacking(name, what, error),
        zipfile.ZipFile(file) as archive,
    ):
        entries = members(archive, name, _MOST_FILES, _MOST_BYTES, error)
        check(archive, entries)
        for entry in entries.values():
            target = folder / entry.filename
            target.parent.mkdir(parents=True, exist_ok=True)
            # zipfile never reads more than the announced size
            with archive.open(entry) as packed, target.open("xb") as unpacked:
                shutil.copyfileobj(packed, unpacked, _PIECE)


def inside(name: str) -> bool:
    """Return whether ``name`` leads to a file below a folder on every operating system."""
    parts = PurePosixPath(name).parts
    strange = not name.isprintable() or "\\" in name or ":" in name or name.startswith("/")
    return bool(parts) and not strange and ".." not in parts
