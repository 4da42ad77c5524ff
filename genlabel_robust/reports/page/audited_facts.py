"""The list of facts about an audited model on the page."""

from collections.abc import Iterator
from typing import TypeAlias

from genlabel_robust.reports.page.markup import Content, Markup, element, joined, name
from genlabel_robust.reports.page.parts import facts
from genlabel_robust.runs.cells.model_record import ModelRecord
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.plan.origin import InMemory, ModelFile

Fact: TypeAlias = tuple[Content, Content]

_ASKED = {
    "gradients": "predicted labels, scores and gradients",
    "scores": "predicted labels and scores",
    "decisions": "predicted labels only",
}


def model_facts(run: StoredRun) -> Markup | None:
    """Return what the model is and where it comes from, or None if the run trained its models."""
    match run.origin:
        case InMemory(record=record):
            return facts(_in_memory(record))
        case ModelFile() as origin:
            return facts(_of_file(origin))
    return None


def _in_memory(record: ModelRecord) -> Iterator[Fact]:
    yield "Model", joined([name(record.name), ", an object in memory"])
    yield "Class", name(record.format)
    if record.sha256:
        yield "Fingerprint of the object", element("code", record.sha256)
    yield "What attacks can query", _ASKED[record.knowledge]


def _of_file(origin: ModelFile) -> Iterator[Fact]:
    record, files = origin.record, origin.files
    yield "Model", name(record.name)
    yield "Format", name(record.format)
    if record.sha256:
        yield "SHA-256 of the model file", element("code", record.sha256)
    yield "What attacks can query", _ASKED[record.knowledge]
    if files is None:
        return
    yield "Test rows", joined([name(files.data), ", labels in the column ", name(files.target)])
    yield "Reference rows", name(files.reference) if files.reference else "none"
    for table, digest in origin.digests.items():
        yield f"SHA-256 of the {table} file", element("code", digest)
    if files.types:
        yield "Types trusted by name", name(", ".join(files.types))
