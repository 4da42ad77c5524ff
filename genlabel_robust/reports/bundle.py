"""A bundle: a zip of a run for other people, without model and rows unless requested."""

from collections.abc import Iterator
from pathlib import Path

from genlabel_robust.core import OutputError
from genlabel_robust.core.files.archives import zipped
from genlabel_robust.core.files.opening import file_bytes, file_sha256, is_regular
from genlabel_robust.core.files.writing import json_text, sha256
from genlabel_robust.reports import SECTIONS
from genlabel_robust.reports.page.document import html_report
from genlabel_robust.runs.folder.bundle import FOLDERS, NOTE, PARTS, Part, lacks, note
from genlabel_robust.runs.folder.stored_run import StoredRun, read_run

_SUMS, _PAGE, _PDF = "SHA256SUMS", "report.html", "report.pdf"
#: The sections of the page that show rows.
_OF_ROWS = ("examples",)
#: Folders that every bundle includes. Files that a user added to the run folder are left out.
_ALWAYS = ("figures", "gate")
_FILES = ("manifest.json", "results.json", "results.csv", "subgroups.csv", "report.md", _PAGE)


def bundle(path: Path, parts: tuple[Part, ...] = ()) -> bytes:
    """Return the zip of the finished run in ``path``; ``parts``: optional parts to include.

    A bundle has its own checksums, so it can be checked by itself; ``bundle.json`` has the digest
    of the run. A bundle with all parts is the run itself, and can be verified. The same run gives
    the same bytes. Raises ``OutputError`` if there is no finished run.
    """
    run = read_run(path)
    kept = tuple(part for part in PARTS if part in parts)
    content = dict(_files(path, kept))
    if len(kept) == len(PARTS):
        # all parts: the run's own checksums are valid
        content[_SUMS] = file_bytes(path / _SUMS, error=OutputError)
        return zipped(content)
    content[_PAGE] = _page(run, kept).encode()
    if "rows" not in kept:
        content.pop(_PDF, None)
    sums = path / _SUMS
    digest = file_sha256(sums, error=OutputError) if is_regular(sums) else None
    content[NOTE] = json_text(note(kept, digest)).encode()
    lines = [f"{sha256(data)}  {name}\n" for name, data in sorted(content.items())]
    content[_SUMS] = "".join(lines).encode()
    return zipped(content)


def _files(path: Path, kept: tuple[Part, ...]) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the files that the bundle includes unchanged."""
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


def _page(run: StoredRun, kept: tuple[Part, ...]) -> str:
    """Return the page of a bundle, with a remark on what the bundle lacks.

    Without rows, it leaves out the sections that show rows.
    """
    chosen = [one for one in SECTIONS if "rows" in kept or one not in _OF_ROWS]
    sections = [one for one in chosen if SECTIONS.load(one)(run) is not None]
    lacking = lacks(part for part in PARTS if part not in kept)
    return html_report(
        run,
        [] if "rows" in kept else sections,
        f"The run came in a bundle without {lacking}: not all files that this page names are in "
        "it. verify checks what it can of a bundle, and names the rest.",
    )
