"""The record of an audited model: what it is, and how it was interpreted."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from genlabel_robust.core import quoted
from genlabel_robust.core.files.opening import file_sha256
from genlabel_robust.data import Task
from genlabel_robust.model_files.onnx.model import AGREEMENT
from genlabel_robust.model_files.reading import Reading
from genlabel_robust.models import Model
from genlabel_robust.models.adapters.library_model import LibraryModel
from genlabel_robust.models.as_model import named_classes
from genlabel_robust.models.company import Variation
from genlabel_robust.models.digest import model_digest
from genlabel_robust.models.inside import gives_probabilities, notes_of, single_of
from genlabel_robust.runs.cells.model_record import ModelRecord
from genlabel_robust.runs.plan.audit_files import AuditFiles
from genlabel_robust.runs.plan.origin import InMemory, ModelFile

_CONVERTED = (
    "Gradients come from a conversion of the graph to torch, whose scores agree with "
    f"onnxruntime's on all rows to within {AGREEMENT:g}. Scores and decisions come from "
    "onnxruntime."
)


@dataclass(frozen=True, eq=False)
class OpenedFile:
    """A model file that was read: its ``name``, the SHA-256 of its bytes, and its content.

    ``files``: the files of the audit, None if its rows are in memory.
    """

    reading: Reading
    name: str
    sha256: str
    files: AuditFiles | None = None

    @property
    def digests(self) -> dict[str, str]:
        """The SHA-256 of the tables' files, by role."""
        paths = {} if self.files is None else self.files.tables
        return {name: file_sha256(Path(path).expanduser()) for name, path in paths.items()}


def audit_origin(
    model: Any,
    queried: Model,
    task: Task,
    opened: OpenedFile | None,
    *,
    found: Variation | None,
    stated: bool,
) -> ModelFile | InMemory:
    """Return the origin of an audit's ``model``: an ``opened`` file, or an object in memory.

    ``queried``: the model in the form that is queried about ``task``; ``found``: what its answers
    depend on besides the row; ``stated``: whether the user stated its classes.
    """
    single = single_of(queried)
    record = _of_object(model, queried) if opened is None else _of_file(model, queried, opened)
    notes = (*record.notes, *notes_of(queried))
    if single is None and not stated and _numbered(model, queried):
        notes += (
            f"The model does not name its classes, so its {len(task.classes)} scores are read as "
            f"those of {quoted(task.classes)}, in this order.",
        )
    record = replace(
        record,
        probabilities=gives_probabilities(queried, task.x_test),
        output=None if single is None else single.output,
        varies=None if found is None else found.kind,
        notes=notes,
    )
    return InMemory(record) if opened is None else ModelFile(record, opened.files, opened.digests)


def _of_object(model: Any, queried: Model) -> ModelRecord:
    kind = type(model)
    name = f"{kind.__module__}.{kind.__qualname__}"
    return ModelRecord(kind.__name__, name, _fingerprint(model), queried.knowledge, in_memory=True)


def _of_file(model: Any, queried: Model, opened: OpenedFile) -> ModelRecord:
    reading = opened.reading
    notes, library = reading.notes, reading.library
    if isinstance(model, LibraryModel):
        notes = tuple(dict.fromkeys((*notes, *model.notes)))
        if queried.knowledge == "gradients" and model.gradient_note is not None:
            # the note's figure depends on the machine, so it must not be part of the results
            notes += (_CONVERTED,)
            library += f". {model.gradient_note}"
    return ModelRecord(
        opened.name, reading.format, opened.sha256, queried.knowledge, notes=notes, library=library
    )


def _numbered(model: Any, queried: Model) -> bool:
    """Say whether the model returns scores for classes that it does not name."""
    return named_classes(model) is None and queried.knowledge != "decisions"


def _fingerprint(model: Any) -> str | None:
    """Return the digest of a module or an estimator; None for a plain callable."""
    has_digest = hasattr(model, "parameters") or callable(getattr(model, "predict", None))
    return model_digest(model) if has_digest else None
