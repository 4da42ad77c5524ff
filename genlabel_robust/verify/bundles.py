"""Verification of a bundle without rows or models, as far as is possible without them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genlabel_robust.core import DataError, GenlabelRobustError
from genlabel_robust.core.files.opening import file_sha256
from genlabel_robust.runs.folder.bundle import BundleNote
from genlabel_robust.runs.folder.stored_run import read_run
from genlabel_robust.verify.checksums import check_checksums, check_users_digest
from genlabel_robust.verify.data_files import ROLES, Elsewhere, named_files
from genlabel_robust.verify.finding import Finding
from genlabel_robust.verify.pages import Pages, Render, check_pages
from genlabel_robust.verify.results_again import RESULTS

#: Not rendered again, as it lists the digests of the models.
_PAGE = "report.html"


@dataclass(frozen=True)
class SeenBundle:
    """The result of checking a bundle.

    ``findings``: what differs. ``agreeing``: names of what was confirmed. ``read``: sentences about
    the verifier's own files.
    """

    findings: tuple[Finding, ...]
    agreeing: tuple[str, ...]
    read: tuple[str, ...]


def look_at_bundle(
    folder: Path,
    stored: Mapping[str, Any],
    note: BundleNote,
    render: Render,
    digest: str | None,
    elsewhere: Elsewhere,
) -> SeenBundle:
    """Check the bundle unpacked in ``folder``; ``note`` says what was left out of it.

    ``stored``: the bundle's manifest. ``digest``: the expected digest of the whole run, or None.
    ``elsewhere``: the verifier's files, whose SHA-256 are compared with those in the manifest.
    """
    found = [] if digest is None else list(check_users_digest("bundle.json", note.digest, digest))
    sums = list(check_checksums(folder))
    with_rows = "rows" not in note.without
    rates = list(_rates(folder)) if with_rows else []
    pages = check_pages(folder, stored, _made_of_rows(render if with_rows else None))
    if rates:
        pages = Pages((), pages.names)
    agreeing = [
        *([] if sums else ["the checksums"]),
        *([f"{RESULTS} as what the cells give"] if with_rows and not rates else []),
        *pages.fit,
    ]
    findings = (*found, *sums, *rates, *pages.findings)
    return SeenBundle(findings, tuple(agreeing), tuple(_files(stored, elsewhere)))


def _made_of_rows(render: Render | None) -> Render:
    """Return a ``Render`` of the pages that need no model, or of no pages for None."""

    def made(folder: Path, content: bytes | None) -> Mapping[str, bytes]:
        pages = {} if render is None else render(folder, content)
        return {name: one for name, one in pages.items() if name != _PAGE}

    return made


def _rates(folder: Path) -> Iterator[Finding]:
    """Yield a finding if ``read_run`` refuses the run."""
    try:
        read_run(folder)
    except GenlabelRobustError as error:
        yield Finding(RESULTS, str(error))


def _files(stored: Mapping[str, Any], elsewhere: Elsewhere) -> Iterator[str]:
    """Yield a sentence for each file of the verifier: whether it is the file that the run used."""
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
