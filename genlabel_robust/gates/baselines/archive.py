"""A folder of files, or the same in one ``.zip``; written whole, and read without trust."""

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
    """Write ``content``, by relative names, to ``out``: a file if it ends in .zip, else a folder.

    Whole or not at all; what stood there before is replaced by its like. The same content gives the
    same bytes. Raises ``OutputError`` if it cannot be written.
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
    """Build the error for a place that cannot be written; not every command calls it ``--out``."""
    return OutputError(
        f"cannot write {out}: {error.strerror}; make its folder writable, or choose another"
    )


def read_archive(path: Path, folder: Path, *, sums: bool = False) -> None:
    """Unpack the ``.zip`` at ``path`` into ``folder``, a piece at a time.

    ``sums``: its checksums name all that it holds, or nothing is unpacked. Raises
    ``OutputError`` as of ``unpack``.
    """

    def listing(archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo]) -> None:
        if sums:
            _refuse_unlisted(archive, entries, str(path))

    unpack(path, folder, "a baseline", OutputError, listing)


def _refuse_unlisted(
    archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo], name: str
) -> None:
    """Raise ``OutputError`` for a file that the archive's own checksums do not name."""
    if SUMS not in entries:
        raise OutputError(f"{name} is not a baseline: it has no {SUMS}")
    if entries[SUMS].file_size > LARGEST_TEXT:
        raise OutputError(f"{name} is damaged: its {SUMS} is too large")
    named = listed(archive.read(entries[SUMS]), name)
    for file in entries:
        if file != SUMS and file not in named:
            raise OutputError(f"{name} is damaged: {SUMS} does not name {file}")
