"""The origin of a run's models: recipes, weights for a recipe, a model file, or memory.

Code matches on these types wherever the origin matters. Manifest and results store it under the
keys that are defined here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from genlabel_robust.runs.cells.model_record import ModelRecord
from genlabel_robust.runs.plan.audit_files import AuditFiles

#: The key in a manifest's identity for the SHA-256 of a model that the run did not train.
_SHA256 = "given"


@dataclass(frozen=True)
class Recipes:
    """Models that the run trained itself, each by its recipe."""


@dataclass(frozen=True)
class RecipeWeights:
    """Weights from a file with this ``sha256``, instead of those that a recipe would train."""

    sha256: str


@dataclass(frozen=True)
class ModelFile:
    """An audited model from a file.

    ``files``: the model's and the tables', None if the rows came from memory; ``digests``: the
    SHA-256 of the tables' files, by role.
    """

    record: ModelRecord
    files: AuditFiles | None = None
    digests: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class InMemory:
    """An audited model that was an object in memory."""

    record: ModelRecord


Origin: TypeAlias = Recipes | RecipeWeights | ModelFile | InMemory


def record_of(origin: Origin) -> ModelRecord | None:
    """Return the record of an audited model; None for models of recipes."""
    match origin:
        case ModelFile(record=record) | InMemory(record=record):
            return record
        case Recipes() | RecipeWeights():
            return None


def varies(origin: Origin) -> bool:
    """Say whether the model's answers depend on chance or on other rows."""
    record = record_of(origin)
    return record is not None and record.varies is not None


def sha256_of(origin: Origin) -> str | None:
    """Return the digest of the model; None if it was trained here or cannot be identified.

    The digest is of a file's bytes, or of the content of an object in memory; a plain function has
    none.
    """
    match origin:
        case RecipeWeights(sha256=sha256):
            return sha256
        case ModelFile(record=record) | InMemory(record=record):
            return record.sha256
        case Recipes():
            return None


def identity_of(origin: Origin) -> dict[str, str]:
    """Return what ``origin`` adds to the identity of a run.

    The meaning of a single output is part of it, because another meaning is another model.
    """
    sha256, record = sha256_of(origin), record_of(origin)
    if sha256 is None:
        return {}
    output = None if record is None else record.output
    return {_SHA256: sha256} | ({} if output is None else {"output": output})


def manifest_of(origin: Origin) -> dict[str, Any]:
    """Return the entries of a manifest for ``origin``, besides the identity."""
    record = record_of(origin)
    if record is None:
        return {}
    entries: dict[str, Any] = {"library": record.library, "output": record.output}
    match origin:
        case ModelFile(files=AuditFiles() as files, digests=digests):
            entries |= {"audit": files.as_dict(), "files": dict(digests)}
    return entries


def stored_sha256(manifest: Mapping[str, Any]) -> str | None:
    """Return the digest of a stored run's model, as ``sha256_of``."""
    identity = manifest["identity"]
    sha256 = identity.get(_SHA256) if isinstance(identity, dict) else None
    return None if sha256 is None else str(sha256)


def stored_source(manifest: Mapping[str, Any]) -> Recipes | RecipeWeights | AuditFiles | None:
    """Return the source to recompute a run from; None if its rows were only in memory.

    Raises ``OutputError`` for a manifest that does not name the files of an audit.
    """
    if "audit" in manifest:
        return AuditFiles.of(manifest["audit"])
    return None if "library" in manifest else _of_recipes(manifest)


def stored_origin(manifest: Mapping[str, Any], record: Mapping[str, Any] | None) -> Origin:
    """Return the origin of a stored run; ``record``: of an audited model, from its results.

    Raises the errors of ``stored_source``.
    """
    if record is None:
        return _of_recipes(manifest)
    files = AuditFiles.of(manifest["audit"]) if "audit" in manifest else None
    # earlier runs do not record whether it was in memory; those of the command line have files
    read = ModelRecord.of({"in_memory": files is None, **record}, manifest.get("library", ""))
    return InMemory(read) if read.in_memory else ModelFile(read, files, manifest.get("files", {}))


def _of_recipes(manifest: Mapping[str, Any]) -> Recipes | RecipeWeights:
    sha256 = stored_sha256(manifest)
    return Recipes() if sha256 is None else RecipeWeights(sha256)
