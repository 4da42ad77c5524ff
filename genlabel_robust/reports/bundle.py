"""A run as a zip with what may travel: no model and no rows, unless they are asked for."""

from collections.abc import Iterator
from pathlib import Path

from genlabel_robust.core import OutputError
from genlabel_robust.core.files.archives import zipped
from genlabel_robust.core.files.opening import file_bytes, file_sha256, is_regular
from genlabel_robust.core.files.writing import json_text, sha256
from genlabel_robust.reports import SECTIONS
from genlabel_robust.reports.page.document import html_report
from genlabel_robust.runs.folder.bundle import FOLDERS, NOTE, PARTS, Part, note
from genlabel_robust.runs.folder.stored_run import StoredRun, read_run

_SUMS, _PAGE, _PDF = "SHA256SUMS", "report.html", "report.pdf"
#: The sections of the page that show rows.
_OF_ROWS = ("examples",)
#: Folders that a bundle has in any case. What else somebody put into a run stays at home.
_ALWAYS = ("figures", "gate")
_FILES = ("manifest.json", "results.json", "results.csv", "subgroups.csv", "report.md", _PAGE)


def bundle(path: Path, parts: tuple[Part, ...] = ()) -> bytes:
    """Return the zip of the finished run in ``path``, with ``parts`` of what stays out else.

    Its checksums are its own, so that what is in it can be checked by itself; ``bundle.json`` has
    the digest of the run's. Whole bundles are the run, and can be verified. The same run gives the
    same bytes. Raises ``OutputError`` if there is no finished run.
    """
    run = read_run(path)
    kept = tuple(part for part in PARTS if part in parts)
    content = dict(_files(path, kept))
    if "rows" not in kept:
        content[_PAGE] = _without_rows(run).encode()
        content.pop(_PDF, None)
    if len(kept) == len(PARTS):
        # the run itself: its own checksums hold
        content[_SUMS] = file_bytes(path / _SUMS, error=OutputError)
        return zipped(content)
    sums = path / _SUMS
    digest = file_sha256(sums, error=OutputError) if is_regular(sums) else None
    content[NOTE] = json_text(note(kept, digest)).encode()
    lines = [f"{sha256(data)}  {name}\n" for name, data in sorted(content.items())]
    content[_SUMS] = "".join(lines).encode()
    return zipped(content)


def _files(path: Path, kept: tuple[Part, ...]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of what goes into the bundle as it is."""
    folders = [*_ALWAYS, *(folder for part in kept for folder in FOLDERS[part])]
    found = [path / name for name in (*_FILES, _PDF) if is_regular(path / name)]
    found += [
        file
        for folder in folders
        for file in sorted((path / folder).rglob("*"))
        if file.is_file() and not file.is_symlink() and not file.name.startswith(".")
    ]
    for file in found:
        yield file.relative_to(path).as_posix(), file_bytes(file, error=OutputError)


def _without_rows(run: StoredRun) -> str:
    """Return the page without the sections that show rows, or have nothing to show."""
    chosen = [one for one in SECTIONS if one not in _OF_ROWS]
    return html_report(run, [one for one in chosen if SECTIONS.load(one)(run) is not None])
