"""A bundle that lacks rows or models: what can be checked without them, and nothing more."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genlabel_robust.core import DataError, GenlabelRobustError
from genlabel_robust.core.files.opening import file_sha256
from genlabel_robust.runs.folder.bundle import BundleNote
from genlabel_robust.runs.folder.stored_run import read_run
from genlabel_robust.verify.checksums import check_checksums, check_given
from genlabel_robust.verify.data_files import ROLES, Elsewhere, named_files
from genlabel_robust.verify.finding import Finding
from genlabel_robust.verify.pages import Pages, Render, check_pages
from genlabel_robust.verify.results_again import RESULTS

#: It lists the digests of the models.
_PAGE = "report.html"


@dataclass(frozen=True)
class SeenBundle:
    """What differs in a bundle, what holds, and what is said of the verifier's files."""

    findings: tuple[Finding, ...]
    held: tuple[str, ...]
    read: tuple[str, ...]


def look_at_bundle(
    folder: Path,
    stored: Mapping[str, Any],
    note: BundleNote,
    render: Render,
    digest: str | None,
    elsewhere: Elsewhere,
) -> SeenBundle:
    """Look at the bundle unpacked in ``folder``, which lacks what ``note`` says.

    ``stored``: its manifest; ``digest``: what that of the whole run should be; ``elsewhere``: the
    verifier's files, whose digests are compared with those that the run names.
    """
    found = [] if digest is None else list(check_given("bundle.json", note.digest, digest))
    sums = list(check_checksums(folder))
    with_rows = "rows" not in note.without
    rates = list(_rates(folder)) if with_rows else []
    pages = check_pages(folder, stored, _made_of_rows(render if with_rows else None))
    if rates:
        pages = Pages((), pages.names)
    held = [
        *([] if sums else ["the checksums"]),
        *([f"{RESULTS} as what the cells give"] if with_rows and not rates else []),
        *pages.fit,
    ]
    findings = (*found, *sums, *rates, *pages.findings)
    return SeenBundle(findings, tuple(held), tuple(_files(stored, elsewhere)))


def _made_of_rows(render: Render | None) -> Render:
    """Return what makes the pages that need no model, none of them if ``render`` is None."""

    def made(folder: Path, content: bytes | None) -> Mapping[str, bytes]:
        pages = {} if render is None else render(folder, content)
        return {name: one for name, one in pages.items() if name != _PAGE}

    return made


def _rates(folder: Path) -> Iterator[Finding]:
    """Name what a command that shows the run would refuse it for."""
    try:
        read_run(folder)
    except GenlabelRobustError as error:
        yield Finding(RESULTS, str(error))


def _files(stored: Mapping[str, Any], elsewhere: Elsewhere) -> Iterator[str]:
    """Say of the files that the verifier named whether they are those that the run names."""
    named = named_files(stored)
    for role in ROLES:
        path = elsewhere.data if role == "data" else elsewhere.reference
        if path is None:
            continue
        found = file_sha256(Path(path).expanduser(), error=DataError)
        wanted = named.get(role)
        if wanted is None:
            yield f"{path} was not compared: the run does not name the SHA-256 of its {role}."
        elif found == wanted:
            yield f"{path} is the run's own {role}, byte for byte (SHA-256 {found})."
        else:
            yield (
                f"{path} is not, byte for byte, the {role} of the run "
                f"(SHA-256 {found}; the run names {wanted})."
            )
