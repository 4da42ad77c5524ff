"""Finished runs, read back from their folders: results, manifest, and per-example data."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

from genlabel_robust.core import BoolArray, FloatArray, OutputError, RelationError, UsageError
from genlabel_robust.core.files.opening import file_sha256
from genlabel_robust.core.files.writing import sha256
from genlabel_robust.data.columns.encoding import Encoding
from genlabel_robust.data.columns.number_or_category import Number
from genlabel_robust.data.rows import Rows
from genlabel_robust.data.subgroups.grouping import groupings
from genlabel_robust.model_files.reading import Permission, model_bytes, read_model_file
from genlabel_robust.models import Model
from genlabel_robust.models.as_model import as_model
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.config.stored_config import stored_config
from genlabel_robust.runs.folder.checked.by_cells import contradiction
from genlabel_robust.runs.folder.checked.checksums import check_run
from genlabel_robust.runs.folder.checked.coherence import incoherence
from genlabel_robust.runs.folder.checked.group_columns import read_groups
from genlabel_robust.runs.folder.finished import MANIFEST, finished_manifest
from genlabel_robust.runs.folder.inputs import FOLDER, read_inputs
from genlabel_robust.runs.folder.store import RunFolder
from genlabel_robust.runs.folder.weights import read_model
from genlabel_robust.runs.plan.audit_files import AuditFiles
from genlabel_robust.runs.plan.origin import ModelFile, Origin, stored_origin
from genlabel_robust.runs.results.dataset import Dataset
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row
from genlabel_robust.runs.results.schema import read_document
from genlabel_robust.threat.relations.bound import Relations
from genlabel_robust.threat.relations.stored_tables import relations_of_tables

#: Data set, architecture, strategy: the key that the cells of a panel share.
Group: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True, eq=False)
class StoredCell:
    """A cell as described in its files; ``settings`` as in ``Cell``."""

    key: str
    dataset: str
    architecture: str
    strategy: str
    seed: int
    settings: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, eq=False)
class StoredRun:
    """A run as read from its folder; ``panels`` by group, with their ``cells`` in the same order.

    ``digest``: the SHA-256 of the bytes of ``results.json`` from which ``results`` was read,
    None if it was not read from a file. It stays the same if rows are renamed.
    """

    path: Path
    manifest: dict[str, Any]
    results: Results
    panels: dict[Group, Panel]
    cells: dict[Group, tuple[StoredCell, ...]] = field(default_factory=dict)
    digest: str | None = None

    @cached_property
    def origin(self) -> Origin:
        """The origin of the run's models."""
        return stored_origin(self.manifest, self.results.get("model"))

    @property
    def title(self) -> str | None:
        """The user's title of the run, None if there is none."""
        return self._said("title")

    @property
    def purpose(self) -> str | None:
        """The user's statement of the run's purpose, None if there is none."""
        return self._said("purpose")

    def _said(self, setting: str) -> str | None:
        # runs from before the setting existed
        found = self.manifest["config"].get(setting, {}).get("value")
        return None if found is None else str(found)

    def weights(self, cell: StoredCell) -> Path:
        """Return the file of a cell's weights; raise ``OutputError`` if there is none."""
        path = RunFolder(self.path).weights(cell.key)
        if path is None:
            raise OutputError(f"{self.path}: the weights of a model are missing (cell {cell.key})")
        return path

    def weights_digest(self, cell: StoredCell) -> str | None:
        """Return the SHA-256 of the file of a cell's weights, None if there is none."""
        path = RunFolder(self.path).weights(cell.key)
        return None if path is None else file_sha256(path, error=OutputError)

    def model(self, cell: StoredCell, *, trust: bool = False) -> Model:
        """Return a cell's model; raise ``UsageError`` if its file is damaged or missing.

        ``trust``: for an audited model file, see ``Permission``.
        """
        about = self.results.datasets[cell.dataset]
        path = self.weights(cell)
        match self.origin:
            case ModelFile(files=AuditFiles() as files, record=record):
                return self._audited(path, about, files, record.output, trust=trust)
        features = len(self.encoding(about).feature_names)
        return read_model(path, cell, features, len(about.classes))

    def _audited(
        self,
        path: Path,
        about: Dataset,
        files: AuditFiles,
        output: str | None,
        *,
        trust: bool,
    ) -> Model:
        """Return the model in ``path``, queried as in the audit of ``files``.

        ``about``: its data set; ``output``: the meaning of its single output.
        Raises ``ConfigurationError`` for a file that cannot be read, or only with trust.
        """
        x = self.inputs(about.content_hash)
        if x is None:
            raise OutputError(f"{self.path} does not contain its test rows")
        permission = Permission(files.architecture, trust, files.types)
        reading = read_model_file(path, model_bytes(path, permission), permission)
        rows = Rows(x, None, self.encoding(about), framed=True)
        return as_model(reading.model, rows, about.classes, output)

    def encoding(self, about: Dataset) -> Encoding:
        """Return how the columns of the table ``about`` are encoded as features."""
        by_name = self.manifest.get("encodings") or {}
        stored = self.manifest.get("encoding") or by_name.get(self._name(about))
        if stored is None:
            return Encoding(tuple(Number(feature.name) for feature in about.features))
        return Encoding.from_dict(stored)

    def relations(self, about: Dataset) -> Relations:
        """Return the relations between the features of ``about``.

        Raises ``OutputError`` if the run does not contain a table that one of them looks up.
        """
        stored = self.manifest.get("tables", {})
        try:
            return relations_of_tables(
                self.results.threat.constraints.relations,
                tuple(feature.name for feature in about.features),
                self.encoding(about),
                [feature.mutable for feature in about.features],
                stored.get(self._name(about), ()),
            )
        except RelationError as error:
            raise OutputError(f"{self.path}: {error}") from error

    def _name(self, about: Dataset) -> str:
        """Return the name of the data set ``about`` in the results."""
        names = [name for name, one in self.results.datasets.items() if one is about]
        return next(iter(names), "")

    def inputs(self, content_hash: str) -> FloatArray | None:
        """Return the test rows (n, d) of the data with that hash, None if they are not stored."""
        return read_inputs(self.path, content_hash)

    def subgroup_rows(self, dataset: str) -> dict[str, BoolArray]:
        """Mark the test rows (n,) of each group by ``--by``, under its label, as "sex=Female".

        Empty for a run without groups. Raises ``OutputError`` if the groups do not fit the rows.
        """
        about = self.results.datasets[dataset]
        columns = read_groups(self.path / FOLDER, about.content_hash)
        if any(len(column) != about.n_test for column in columns):
            raise OutputError(f"{self.path}: the groups of {dataset!r} are not of its test rows")
        return {
            label: one.rows(name)
            for one in groupings(columns)
            for label, name in zip(one.labels, one.names, strict=True)
        }

    def rows(self, group: Group) -> list[Row]:
        """Return the rows of the results for a group, one for each ε."""
        return [row for row in self.results.rows if row.group == group]


def read_run(
    path: Path,
    *,
    mend: str = "repeat the command of the run, which makes it again",
    content: bytes | None = None,
    checked: bool = True,
) -> StoredRun:
    """Return the run in folder ``path``; ``mend``: the advice if a cell is damaged.

    ``content``: of its ``results.json``, to use instead of the file. ``checked``: whether to check
    its files against its checksums, and the rates of its results against its cells. Every command
    that shows or judges a run does so; only ``verify``, which reports differences itself, does not.
    No model is queried.

    Raises ``UnfinishedRunError`` if the run is not finished, ``OutputError`` if there is none, or
    if one of its files is damaged.
    """
    manifest = finished_manifest(path)
    with _as_written(path / MANIFEST):
        stored_config(manifest, RunConfig)
    with _as_written(path / "results.json"):
        found = read_document(path / "results.json", "results", error=OutputError, content=content)
        results = Results(found)
        _ = results.threat
    if content is None:
        digest = file_sha256(path / "results.json", error=OutputError)
    else:
        digest = sha256(content)
    members: dict[Group, list[tuple[StoredCell, CellResult]]] = {}
    for key in manifest["cells"]:
        cell, result = _cell(path, key, mend)
        members.setdefault((cell.dataset, cell.architecture, cell.strategy), []).append(
            (cell, result)
        )
    wrong = incoherence(results, {name: [r for _, r in one] for name, one in members.items()})
    if wrong is not None:
        raise OutputError(f"{path / 'results.json'} contradicts the run's other files: {wrong}")
    # in the order of the rows, because the manifest's order is that of the hashes
    order = dict.fromkeys(row.group for row in results.rows)
    groups = {name: sorted(members[name], key=lambda one: one[0].seed) for name in order}
    panels = {name: Panel([result for _, result in cells]) for name, cells in groups.items()}
    cells = {name: tuple(cell for cell, _ in cells) for name, cells in groups.items()}
    if checked:
        check_run(path)
        _check_rates(path, results, panels)
    return StoredRun(path, manifest, results, panels, cells, digest)


def _check_rates(path: Path, results: Results, panels: Mapping[Group, Panel]) -> None:
    wrong = contradiction(results, panels)
    if wrong is not None:
        raise OutputError(
            f"{path / 'results.json'} contradicts the run's cells, so one of them was altered: "
            f"{wrong}; `verify` says which"
        )


@contextmanager
def _as_written(file: Path) -> Iterator[None]:
    """Report invalid values as damage of ``file``, instead of as errors in the user's settings."""
    try:
        yield
    except OutputError:
        raise
    except UsageError as error:
        raise OutputError(f"{file} is not as a run writes it: {error}") from error


def _cell(path: Path, key: str, mend: str) -> tuple[StoredCell, CellResult]:
    try:
        about, result = RunFolder(path).read_cell(key)
    except OutputError as error:
        raise OutputError(f"{error}; {mend}") from error
    names = ("dataset", "architecture", "strategy", "seed", "settings")
    return StoredCell(key, **{name: about["cell"][name] for name in names}), result
