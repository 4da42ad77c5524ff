"""Whether a run or a baseline is as it was written: checksums of what a comparison rests on."""

from pathlib import Path

from genlabel_robust.core import InputError, OutputError
from genlabel_robust.core.files.archives import inside
from genlabel_robust.core.files.opening import LARGEST_TEXT, file_bytes, file_sha256, is_regular
from genlabel_robust.core.files.writing import sha256
from genlabel_robust.runs.folder.group_columns import SUFFIX

ABOUT, SUMS = "baseline.json", "SHA256SUMS"
#: What of a run a comparison needs; reports and figures are not among it.
_FILES = (
    "manifest.json",
    "results.json",
    "cells/*.json",
    "cells/*.npz",
    "models/*",
    f"inputs/*{SUFFIX}",
)


def compared_files(folder: Path) -> list[str]:
    """Return the relative names of a run's files that a comparison needs."""
    found = [file for pattern in _FILES for file in sorted(folder.glob(pattern))]
    return [f.relative_to(folder).as_posix() for f in found if not f.name.startswith(".")]


def check_sums(path: Path, folder: Path) -> str:
    """Check the baseline unpacked in ``folder``, and return the digest of its checksums.

    ``path``: what the user calls it. Raises ``OutputError`` if a file is not what was
    saved, is missing, or was not saved with the others.
    """
    content, named = _listed(path, folder)
    for name in (ABOUT, *compared_files(folder)):
        if name not in named:
            raise OutputError(f"{path} is damaged: {SUMS} does not name {name}")
    _compare(path, folder, named)
    return sha256(content)


def check_run(path: Path) -> None:
    """Check what a comparison needs of the run in ``path``, if it has checksums.

    A run that Python made has none before its reports are written. Raises ``OutputError``.
    """
    if is_regular(path / SUMS):
        names = set(compared_files(path))
        _, named = _listed(path, path)
        _compare(path, path, {name: named[name] for name in names & named.keys()})


def listed(content: bytes, name: str) -> dict[str, str]:
    """Return the SHA-256 of each file that ``content``, a list of checksums, names.

    ``name``: what a message calls what it belongs to. Raises ``OutputError`` if it is none, or
    names a file outside of the folder.
    """
    try:
        pairs = [line.split("  ", 1) for line in content.decode("utf-8").splitlines()]
        found = {file: wanted for wanted, file in pairs}
    except ValueError as error:
        raise OutputError(f"{name} is damaged: {SUMS} is no list of checksums") from error
    for file in found:
        if not inside(file):
            raise OutputError(f"{name} is damaged: {SUMS} names {file[:100]!r}")
    return found


def _listed(path: Path, folder: Path) -> tuple[bytes, dict[str, str]]:
    try:
        content = file_bytes(folder / SUMS, most=LARGEST_TEXT, name=SUMS)
    except InputError as error:
        raise OutputError(f"{path} does not hold a baseline: {error}") from error
    return content, listed(content, str(path))


def _compare(path: Path, folder: Path, listed: dict[str, str]) -> None:
    for name, wanted in listed.items():
        try:
            found = file_sha256(folder / name)
        except InputError as error:
            raise OutputError(f"{path} is damaged: {error}") from error
        if found != wanted:
            raise OutputError(f"{path} is damaged: {name} is not what was saved")
