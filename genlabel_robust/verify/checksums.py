"""Comparison of the files of a run with its ``SHA256SUMS``."""

import re
from collections.abc import Iterator
from pathlib import Path

from genlabel_robust.core import OutputError, UsageError
from genlabel_robust.core.files.opening import LARGEST_TEXT, file_bytes, file_sha256, is_regular
from genlabel_robust.verify.finding import Finding

SUMS = "SHA256SUMS"
#: Verdicts about a run, which are written into its folder after ``SHA256SUMS``.
LATER = "gate/"
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


def run_digest(folder: Path) -> str | None:
    """Return the SHA-256 of ``SHA256SUMS``, the digest of the whole run; None without the file."""
    return file_digest(folder / SUMS)


def file_digest(path: Path) -> str | None:
    """Return the SHA-256 of the file at ``path``, or None if there is no such file."""
    return file_sha256(path, error=OutputError) if is_regular(path) else None


def check_digest(folder: Path, digest: str) -> Iterator[Finding]:
    """Compare the run's digest with ``digest``; raises ``UsageError`` if that is not a SHA-256."""
    return check_users_digest(SUMS, run_digest(folder), digest)


def check_users_digest(where: str, found: str | None, digest: str) -> Iterator[Finding]:
    """Compare ``found``, the digest stored in ``where``, with the ``digest`` of the user.

    Raises ``UsageError`` if ``digest`` is not a SHA-256.
    """
    wanted = digest.strip().lower()
    if not re.fullmatch(r"[0-9a-f]{64}", wanted):
        raise UsageError(
            f"--digest is {digest!r}; it must be a SHA-256 of 64 hex digits, as verify prints it"
        )
    if found is not None and found != wanted:
        yield Finding(where, f"its digest is {found}, but you gave {wanted}")


def check_checksums(folder: Path) -> Iterator[Finding]:
    """Compare every file below ``folder`` with its checksum in ``SHA256SUMS``."""
    sums = folder / SUMS
    if not is_regular(sums):
        yield Finding(SUMS, "it is missing, so nothing protects the files")
        return
    stated: dict[str, str] = {}
    for number, line in enumerate(_lines(sums), 1):
        match = _LINE.fullmatch(line)
        if match is None or match[2] in stated:
            yield Finding(SUMS, f"line {number} is not the one checksum of a file: {line[:80]!r}")
            continue
        stated[match[2]] = match[1]
    present = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != sums and not path.name.startswith(".")
    }
    for name, digest in stated.items():
        # a name outside the folder, such as ../x, is never in ``present``, so it is never opened
        if name not in present:
            yield Finding(name, f"it is missing, and {SUMS} lists it")
        elif file_sha256(present[name], error=OutputError) != digest:
            yield Finding(name, f"it is not the file that {SUMS} vouches for")
    for name in present:
        if name not in stated and not name.startswith(LATER):
            yield Finding(name, f"{SUMS} does not list it")


def _lines(sums: Path) -> list[str]:
    content = file_bytes(sums, most=LARGEST_TEXT, error=OutputError)
    return content.decode(errors="replace").splitlines()
