"""Writing a set of files atomically as a folder or a ``.zip``, and reading an untrusted one."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

from genlabel_robust.core import OutputError
from genlabel_robust.core.files.archives import unpack, zipped
from genlabel_robust.core.files.opening import LARGEST_TEXT
from genlabel_robust.core.files.whole_folder import write_folder
from genlabel_robust.core.files.writing import write_bytes
from genlabel_robust.runs.folder.checked.checksums import SUMS, listed


def write_archive(out: Path, content: Mapping[str, bytes]) -> None:
    """Write ``content``, relative name -> bytes, to ``out`` atomically.

    ``out``: an archive if it ends in .zip, else a folder. An existing file or folder is replaced
    by one of the same kind. The same content gives the same bytes. Raises ``OutputError`` if
    ``out`` cannot be written.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if out.is_file() or (out.suffix.lower() == ".zip" and not out.is_dir()):
            write_bytes(out, zipped(content))
        else:
            write_folder(out, content)
    except OSError as error:
        raise unwritable(out, error) from error


def unwritable(out: Path, error: OSError) -> OutputError:
    """Build the error for an unwritable ``out``; it names no option, as commands differ."""
    return OutputError(
        f"cannot write {out}: {error.strerror}; make its folder writable, or choose another"
    )


def read_archive(path: Path, folder: Path, *, sums: bool = False) -> None:
    """Unpack the ``.zip`` at ``path`` into ``folder``.

    ``sums``: refuse an archive with a file that its own checksums do not name. Raises
    ``OutputError`` like ``unpack``.
    """

    def listing(archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo]) -> None:
        if sums:
            _refuse_unlisted(archive, entries, str(path))

    unpack(path, folder, "a baseline", OutputError, listing)


def _refuse_unlisted(
    archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo], name: str
) -> None:
    """Raise ``OutputError`` if the archive has a file that its own checksums do not name."""
    if SUMS not in entries:
        raise OutputError(f"{name} is not a baseline: it has no {SUMS}")
    if entries[SUMS].file_size > LARGEST_TEXT:
        raise OutputError(f"{name} is damaged: its {SUMS} is too large")
    named = listed(archive.read(entries[SUMS]), name)
    for file in entries:
        if file != SUMS and file not in named:
            raise OutputError(f"{name} is damaged: {SUMS} does not name {file}")
