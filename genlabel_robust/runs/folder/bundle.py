"""Bundles: the parts of a run that may be shared, with a note of what was left out."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from genlabel_robust.core import GenlabelRobustError, OutputError, UnfinishedRunError
from genlabel_robust.core.files.archives import unpack
from genlabel_robust.core.files.opening import is_regular
from genlabel_robust.core.files.parsing import read_json
from genlabel_robust.core.files.scratch import scratch_folder

#: The parts that a bundle contains only on request.
Part: TypeAlias = Literal["rows", "model"]
PARTS: tuple[Part, ...] = get_args(Part)

NOTE = "bundle.json"
#: The folders of a run for each part. Cells contain adversarial rows.
FOLDERS: dict[Part, tuple[str, ...]] = {"rows": ("cells", "inputs"), "model": ("models",)}
_WORDS: dict[Part, str] = {"rows": "its rows", "model": "its models"}


def note(parts: tuple[Part, ...], digest: str | None) -> dict[str, Any]:
    """Return the content of ``bundle.json``; ``digest``: of the run's own checksums."""
    return {
        "schema_version": "1.0",
        "with": list(parts),
        "without": [part for part in PARTS if part not in parts],
        "run_digest": digest,
    }


def lacks(without: Iterable[Part]) -> str:
    """Return a phrase for the missing parts, such as "its rows and its models"."""
    return " and ".join(_WORDS[part] for part in without)


@dataclass(frozen=True)
class BundleNote:
    """The content of ``bundle.json``: the parts left out, and the digest of the whole run."""

    without: tuple[Part, ...]
    digest: str | None

    @property
    def lacks(self) -> str:
        """A phrase for the parts that were left out."""
        return lacks(self.without)

    @property
    def whose(self) -> str:
        """A phrase for the run of which this is a bundle."""
        return "a run" if self.digest is None else f"the run with the digest {self.digest}"

    @property
    def options(self) -> str:
        """A phrase that says how to make a complete bundle."""
        added = " ".join(f"--with {part}" for part in PARTS)
        return f"ask for one made with `report RUN --bundle FILE.zip {added}`"


def bundle_note(folder: Path) -> BundleNote | None:
    """Return the note of the bundle in ``folder``; None for a whole run or for no run at all."""
    if not is_regular(folder / NOTE):
        return None
    found = read_json(folder / NOTE, error=OutputError)
    missing = found.get("without") if isinstance(found, dict) else None
    if not isinstance(missing, list):
        raise OutputError(f"{folder / NOTE} was not written by report --bundle")
    digest = found.get("run_digest")
    parts = tuple(part for part in PARTS if part in missing)
    valid = isinstance(digest, str) and re.fullmatch("[0-9a-f]{64}", digest)
    return BundleNote(parts, digest if valid else None)


def refuse_without(folder: Path, part: Part) -> None:
    """Raise ``OutputError`` if ``folder`` is a bundle without ``part``."""
    found = bundle_note(folder)
    if found is not None and part in found.without:
        raise OutputError(
            f"{folder} is a bundle of {found.whose}, without {_WORDS[part]}, which this command "
            f"needs; ask for a bundle made with `report RUN --bundle FILE.zip --with {part}`"
        )


@contextmanager
def opened_run(path: Path) -> Iterator[Path]:
    """Yield the folder of the run at ``path``, or a temporary folder with its unpacked ``.zip``.

    Errors name ``path`` instead of the temporary folder, which is removed afterwards. Raises the
    ``OutputError`` of ``unpack``.
    """
    if path.suffix.lower() != ".zip" or not is_regular(path):
        yield path
        return
    with scratch_folder() as where:
        unpack(path, where, "a bundle", OutputError)
        try:
            yield where
        except GenlabelRobustError as error:
            if str(where) not in str(error):
                raise
            kind = UnfinishedRunError if isinstance(error, UnfinishedRunError) else OutputError
            raise kind(str(error).replace(str(where), str(path))) from error
