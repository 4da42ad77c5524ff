"""The run folder: complete cells only, and the run's manifest."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genlabel_robust.core import OutputError
from genlabel_robust.core.files.exclusive import exclusive
from genlabel_robust.core.files.leftovers import sweep
from genlabel_robust.core.files.npz import read_npz_file
from genlabel_robust.core.files.npz_writing import write_npz
from genlabel_robust.core.files.opening import file_sha256
from genlabel_robust.core.files.parsing import parsed_json, read_json
from genlabel_robust.core.files.writing import (
    json_text,
    own_folder,
    refuse_links,
    write_bytes,
    write_new,
    write_text,
)
from genlabel_robust.core.machine.software import difference, software_of
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.config.stored_config import stored_identity
from genlabel_robust.runs.folder.cell_files import stored_about, stored_arrays, stored_result
from genlabel_robust.runs.folder.changes.changed_parts import (
    only_sources_changed,
    remove_superseded,
)
from genlabel_robust.runs.folder.changes.differing import differing
from genlabel_robust.runs.folder.stored_arrays import check_arrays
from genlabel_robust.runs.results.schema import read_document

#: The folders within a run's folder, and those that every run has.
FOLDERS = ("cells", "models", "inputs", "figures", "pieces")
_NEEDED = ("cells", "models")


@dataclass(frozen=True)
class RunFolder:
    """One run folder, to read and write; see DESIGN for the format."""

    path: Path

    def open(self, manifest: Mapping[str, Any], *, resume: bool = True) -> bool:
        """Create the folder, or check that it belongs to this run, and write ``manifest.json``.

        ``manifest``: its "identity" identifies the run; ``resume``: whether to resume a run of the
        same identity. A run whose parts from outside have changed their source is resumed too,
        after the results of the old source are removed. Returns whether the folder contained no run
        before. If two processes open one folder at the same time, the second sees the first one's
        run. Raises ``OutputError`` if the folder cannot be written, or contains anything else.
        """
        with ExitStack() as stack:
            with _writable(self.path):
                stack.enter_context(exclusive(self.path))
                self._check_owner(manifest["identity"], other_sources=True)
                existing = self._manifest.is_file()
                if existing and not resume:
                    raise OutputError(
                        f"{self.path} contains the run of a model in memory, and it is not known "
                        "whether it was this model; choose another folder, or remove this one"
                    )
                self._make(shared=False)
                sweep(self.path / "figures")
                if existing:
                    self._keep_only(manifest)
            self.write_json(self._manifest.name, manifest)
        return not existing

    def join(self, manifest: Mapping[str, Any]) -> None:
        """Create the folder, or join other hosts that compute the same run in it.

        ``manifest``: as for ``open``; the first host's stays. Raises ``OutputError`` if the folder
        cannot be written, contains anything else, or was begun with other versions.
        """
        with _writable(self.path), exclusive(self.path):
            self._check_owner(manifest["identity"])
            self._make(shared=True)
            # another host may have begun another run at the same moment
            if not write_new(self._manifest, json_text(manifest).encode()):
                self._check_owner(manifest["identity"])
        begun = read_json(self._manifest, error=OutputError).get("environment", {})
        differing = difference(software_of(begun), software_of(manifest["environment"]))
        if differing is not None:
            raise OutputError(
                f"{self.path} was begun on another host with other versions: this host has "
                f"{differing}; install the same versions on all hosts"
            )

    def _keep_only(self, manifest: Mapping[str, Any]) -> None:
        """Remove the results that another source of the parts from outside made."""
        stored = read_json(self._manifest, error=OutputError)
        if stored["identity"].get("parts") != manifest["identity"].get("parts"):
            remove_superseded(self.path, stored.get("cells", ()), manifest["cells"])

    def _make(self, *, shared: bool) -> None:
        """Create the folders that every run has, and remove leftovers in them."""
        refuse_links(self.path, *FOLDERS)
        for folder in (self.path, *(own_folder(self.path, name) for name in _NEEDED)):
            sweep(folder, shared=shared)

    def refuse_other(self, identity: Mapping[str, Any]) -> None:
        """Raise ``OutputError`` if the folder contains anything but this run; write nothing."""
        if self.path.is_dir():
            self._check_owner(identity, other_sources=True)

    def _check_owner(self, identity: Mapping[str, Any], *, other_sources: bool = False) -> None:
        manifest = self._manifest
        # checked first: another host that begins meanwhile writes its manifest before any cells
        foreign = any(_foreign(entry) for entry in self.path.iterdir())
        if not manifest.exists():
            if foreign:
                raise OutputError(
                    f"{self.path} is not empty and contains no run; choose another folder with "
                    "--out"
                )
            return
        stored = read_json(manifest, error=OutputError)
        known = stored.get("identity") if isinstance(stored, dict) else None
        if not isinstance(known, dict):
            raise OutputError(f"{manifest} cannot be read as a run's manifest")
        wanted = parsed_json(json_text(identity).encode(), "the identity of this run")
        known = stored_identity(known, wanted)
        if known != wanted and not (other_sources and only_sources_changed(known, wanted)):
            raise OutputError(
                f"{self.path} contains a run with another configuration (it differs in "
                f"{differing(known, wanted)}); choose another folder with --out, or remove this one"
            )

    def save_cell(
        self,
        key: str,
        about: Mapping[str, Any],
        result: CellResult,
        weights: tuple[str, bytes] | None,
    ) -> None:
        """Write a cell: weights and arrays first, then the JSON that marks it as finished.

        ``weights``: the suffix and the content of the model's file, None if it has none.
        """
        self.save_weights(key, weights)
        write_npz(self._arrays(key), stored_arrays(result))
        digest = file_sha256(self._arrays(key), error=OutputError)
        write_bytes(self._json(key), json_text(stored_about(about, result, digest)).encode())

    def save_weights(self, key: str, weights: tuple[str, bytes] | None) -> None:
        """Write the model's file of a cell; ``weights`` as of ``save_cell``."""
        if weights is not None:
            write_bytes(self.path / f"models/{key}{weights[0]}", weights[1])

    def save_tables(self, tables: Mapping[str, bytes]) -> None:
        """Write the ``tables`` that an audit keeps, by their paths in the folder."""
        for name, content in tables.items():
            own_folder(self.path, Path(name).parts[0])
            write_bytes(self.path / name, content)

    def write_cell(self, files: Mapping[str, bytes]) -> None:
        """Write the files of a cell in the order of ``cell_files``."""
        for name, content in files.items():
            write_bytes(self.path / name, content)

    def load_cell(self, key: str) -> CellResult | None:
        """Return a finished cell, None if it is absent or damaged."""
        try:
            return self.read_cell(key)[1]
        except OutputError:
            return None

    def read_cell(self, key: str) -> tuple[dict[str, Any], CellResult]:
        """Return the content of a cell's JSON file, and its result.

        Raises ``OutputError``, which names the file, if one is missing or damaged.
        """
        about = read_document(self._json(key), "cell", error=OutputError)
        name = str(self._arrays(key))
        if about["arrays_sha256"] != file_sha256(self._arrays(key), error=OutputError):
            raise OutputError(f"{name} is not the file that was written with {key}.json")
        arrays = read_npz_file(self._arrays(key), error=OutputError)
        check_arrays(arrays, len(about["attacks"]), name)
        if len(about["needs"]) != len(about["attacks"]):
            raise OutputError(f"{self._json(key)} does not say what each of its attacks needs")
        return about, stored_result(about, arrays)

    def holds(self, key: str) -> bool:
        """Say whether the cell is finished, and the weights of its model are present."""
        cell = self.load_cell(key)
        return cell is not None and (
            self.weights(key) is not None or cell.not_applicable is not None
        )

    def weights(self, key: str) -> Path | None:
        """Return the file of the cell's weights, None if there is none."""
        return next((self.path / "models").glob(f"{key}.*"), None)

    def withdraw_reports(self) -> None:
        """Remove the checksums, because the files that they cover are about to change."""
        (self.path / "SHA256SUMS").unlink(missing_ok=True)

    def write_json(self, name: str, value: Any) -> None:
        """Write ``value`` to the folder as JSON."""
        write_text(self.path / name, json_text(value))

    @property
    def _manifest(self) -> Path:
        return self.path / "manifest.json"

    def _json(self, key: str) -> Path:
        return self.path / "cells" / f"{key}.json"

    def _arrays(self, key: str) -> Path:
        return self.path / "cells" / f"{key}.npz"


@contextmanager
def _writable(path: Path) -> Iterator[None]:
    """Turn an ``OSError`` into an ``OutputError`` with advice for the folder ``path``."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"cannot write to {path}: {error.strerror}; choose another folder with --out"
        ) from error


def _foreign(entry: Path) -> bool:
    """Say whether ``entry`` cannot be a leftover of a run that was killed before its manifest."""
    if entry.name in ("cells", "models") and entry.is_dir():
        return any(not inside.name.startswith(".") for inside in entry.iterdir())
    return not entry.name.startswith(".")
