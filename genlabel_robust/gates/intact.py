"""Whether a run or a baseline is as it was written: checksums of what a comparison rests on."""

from __future__ import annotations

from pathlib import Path

from genlabel_robust.core.errors import OutputError
from genlabel_robust.core.files import sha256

ABOUT, SUMS = "baseline.json", "SHA256SUMS"
#: What of a run a comparison needs; reports and figures are not among it.
_FILES = ("manifest.json", "results.json", "cells/*.json", "cells/*.npz", "models/*")


def compared_files(folder: Path) -> list[str]:
    """Return the relative names of a run's files that a comparison needs."""
    found = [file for pattern in _FILES for file in sorted(folder.glob(pattern))]
    return [f.relative_to(folder).as_posix() for f in found if not f.name.startswith(".")]


def check_sums(path: Path, folder: Path) -> str:
    """Check the baseline unpacked in ``folder``, and return the digest of its checksums.

    ``path``: what the user calls it. Raises ``OutputError`` if a file is not what was
    saved, is missing, or was not saved with the others.
    """
    content, listed = _listed(path, folder)
    for name in (ABOUT, *compared_files(folder)):
        if name not in listed:
            raise OutputError(f"{path} is damaged: {SUMS} does not name {name}")
    _compare(path, folder, listed)
    return sha256(content)


def check_run(path: Path) -> None:
    """Check what a comparison needs of the run in ``path``, if it has checksums.

    A run that Python made has none before its reports are written. Raises ``OutputError``.
    """
    if (path / SUMS).is_file():
        names = set(compared_files(path))
        _, listed = _listed(path, path)
        _compare(path, path, {name: listed[name] for name in names & listed.keys()})


def _listed(path: Path, folder: Path) -> tuple[bytes, dict[str, str]]:
    try:
        content = (folder / SUMS).read_bytes()
        pairs = [line.split("  ", 1) for line in content.decode("utf-8").splitlines()]
        return content, {name: wanted for wanted, name in pairs}
    except OSError as error:
        raise OutputError(f"{path} does not hold a baseline: {SUMS} cannot be read") from error
    except ValueError as error:
        raise OutputError(f"{path} is damaged: {SUMS} is no list of checksums") from error


def _compare(path: Path, folder: Path, listed: dict[str, str]) -> None:
    for name, wanted in listed.items():
        try:
            found = sha256((folder / name).read_bytes())
        except (OSError, ValueError) as error:
            raise OutputError(f"{path} is damaged: {name} cannot be read") from error
        if found != wanted:
            raise OutputError(f"{path} is damaged: {name} is not what was saved")
