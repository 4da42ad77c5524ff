"""What a run is of: models of recipes, the weights of one, a model file, or a model in memory.

Matched on wherever that matters. Manifest and results keep it under the keys that are named here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from genlabel_robust.runs.cells.model_record import ModelRecord
from genlabel_robust.runs.plan.audit_files import AuditFiles

#: In a manifest's identity, the SHA-256 of a model that the run did not train.
_SHA256 = "given"


@dataclass(frozen=True)
class Recipes:
    """Models that the run trained itself, each by its recipe."""


@dataclass(frozen=True)
class RecipeWeights:
    """Weights, of a file of this ``sha256``, in the place of those that a recipe would train."""

    sha256: str


@dataclass(frozen=True)
class ModelFile:
    """An audited model from a file.

    ``files``: that and the tables, None where the rows came from memory; ``digests``: the
    SHA-256 of the tables' files, by what they are.
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
    """Return what results say of an audited model; None for models of recipes."""
    match origin:
        case ModelFile(record=record) | InMemory(record=record):
            return record
        case Recipes() | RecipeWeights():
            return None


def varies(origin: Origin) -> bool:
    """Say whether the model's answers are not its rows' own: by chance, or by other rows."""
    record = record_of(origin)
    return record is not None and record.varies is not None


def sha256_of(origin: Origin) -> str | None:
    """Return the digest of the model; None where it was trained, or nothing tells it from others.

    Of a file's bytes, or of what an object in memory holds: a mere function has none.
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

    What the model's one output was taken to be is part of it: it is another model.
    """
    sha256, record = sha256_of(origin), record_of(origin)
    if sha256 is None:
        return {}
    output = None if record is None else record.output
    return {_SHA256: sha256} | ({} if output is None else {"output": output})


def manifest_of(origin: Origin) -> dict[str, Any]:
    """Return what a manifest says of ``origin`` besides the identity."""
    record = record_of(origin)
    if record is None:
        return {}
    told: dict[str, Any] = {"library": record.library, "output": record.output}
    match origin:
        case ModelFile(files=AuditFiles() as files, digests=digests):
            told |= {"audit": files.as_dict(), "files": dict(digests)}
    return told


def stored_sha256(manifest: Mapping[str, Any]) -> str | None:
    """Return the digest of a stored run's model, as of ``sha256_of``."""
    identity = manifest["identity"]
    sha256 = identity.get(_SHA256) if isinstance(identity, dict) else None
    return None if sha256 is None else str(sha256)


def stored_source(manifest: Mapping[str, Any]) -> Recipes | RecipeWeights | AuditFiles | None:
    """Return what a run can be computed again from; None where its rows were in memory only.

    Raises ``OutputError`` for a manifest that does not name the files of an audit.
    """
    if "audit" in manifest:
        return AuditFiles.of(manifest["audit"])
    return None if "library" in manifest else _of_recipes(manifest)


def stored_origin(manifest: Mapping[str, Any], record: Mapping[str, Any] | None) -> Origin:
    """Return what a stored run is of; ``record``: what its results say of an audited model.

    Raises as ``stored_source``.
    """
    if record is None:
        return _of_recipes(manifest)
    files = AuditFiles.of(manifest["audit"]) if "audit" in manifest else None
    # earlier runs do not say whether it was in memory; those of the command line have a file
    read = ModelRecord.of({"in_memory": files is None, **record}, manifest.get("library", ""))
    return InMemory(read) if read.in_memory else ModelFile(read, files, manifest.get("files", {}))


def _of_recipes(manifest: Mapping[str, Any]) -> Recipes | RecipeWeights:
    sha256 = stored_sha256(manifest)
    return Recipes() if sha256 is None else RecipeWeights(sha256)
