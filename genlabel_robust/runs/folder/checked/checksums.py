"""Checks that a run is unchanged, by the checksums of the files that are read."""

from collections.abc import Mapping
from pathlib import Path

from genlabel_robust.core import InputError, OutputError
from genlabel_robust.core.files.archives import inside
from genlabel_robust.core.files.opening import LARGEST_TEXT, file_bytes, file_sha256, is_regular
from genlabel_robust.runs.folder.checked.group_columns import SUFFIX

SUMS = "SHA256SUMS"
#: The files of a run that are read again; reports and figures are not.
_FILES = (
    "manifest.json",
    "results.json",
    "cells/*.json",
    "cells/*.npz",
    "models/*",
    f"inputs/*{SUFFIX}",
)


def compared_files(folder: Path) -> list[str]:
    """Return the relative names of a run's files that are read again, as by comparisons."""
    found = [file for pattern in _FILES for file in sorted(folder.glob(pattern))]
    return [f.relative_to(folder).as_posix() for f in found if not f.name.startswith(".")]


def check_run(path: Path) -> None:
    """Check the files of the run in ``path`` that are read again, if it has checksums.

    A run made in Python has none until its reports are written. Raises ``OutputError``.
    """
    if is_regular(path / SUMS):
        names = set(compared_files(path))
        _, named = listed_in(path, path)
        compare_files(path, path, {name: named[name] for name in names & named.keys()})


def listed(content: bytes, name: str) -> dict[str, str]:
    """Return the SHA-256 of each file in ``content``, a list of checksums.

    ``name``: the name of the run in messages. Raises ``OutputError`` if it is not such a list, or
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


def listed_in(folder: Path, path: Path, what: str = "a run") -> tuple[bytes, dict[str, str]]:
    """Return the checksums in ``folder``, as bytes and as ``listed`` parses them.

    ``path``: the user's name for the folder; ``what``: what it should contain. Raises
    ``OutputError`` if there are none.
    """
    try:
        content = file_bytes(folder / SUMS, most=LARGEST_TEXT, name=SUMS)
    except InputError as error:
        raise OutputError(f"{path} does not hold {what}: {error}") from error
    return content, listed(content, str(path))


def compare_files(path: Path, folder: Path, named: Mapping[str, str]) -> None:
    """Raise ``OutputError`` unless each file ``named`` in ``folder`` has its SHA-256.

    ``path``: the user's name for the folder.
    """
    for name, wanted in named.items():
        try:
            found = file_sha256(folder / name)
        except InputError as error:
            raise OutputError(f"{path} is damaged: {error}") from error
        if found != wanted:
            raise OutputError(f"{path} is damaged: {name} does not match {SUMS}")
