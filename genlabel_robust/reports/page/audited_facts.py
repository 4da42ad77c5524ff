"""What the page says of an audited model, fact by fact."""

from __future__ import annotations

from collections.abc import Iterator

from genlabel_robust.reports.page.markup import Content, Markup, element, joined, name
from genlabel_robust.reports.page.parts import facts
from genlabel_robust.reports.words.audited_model import in_memory
from genlabel_robust.runs.folder.stored_run import StoredRun

_ASKED = {
    "gradients": "predicted labels, scores and gradients",
    "scores": "predicted labels and scores",
    "decisions": "predicted labels only",
}


def model_facts(run: StoredRun) -> Markup | None:
    """Return what the model is and what it was read from; None if the run trained its models."""
    return facts(_facts(run)) if "model" in run.results else None


def _facts(run: StoredRun) -> Iterator[tuple[Content, Content]]:
    record, files = run.results["model"], run.manifest.get("audit")
    yield (
        "Model",
        joined([name(record["name"]), ", an object in memory" if in_memory(run) else None]),
    )
    yield "Class" if in_memory(run) else "Format", name(record["format"])
    if record["sha256"]:
        said = "Fingerprint of the object" if in_memory(run) else "SHA-256 of the model file"
        yield said, element("code", record["sha256"])
    yield "What attacks can query", _ASKED[record["knowledge"]]
    if files is not None:
        yield (
            "Test rows",
            joined([name(files["data"]), ", labels in the column ", name(files["target"])]),
        )
        yield "Reference rows", name(files["reference"]) if files["reference"] else "none"
        for what, digest in run.manifest["files"].items():
            yield f"SHA-256 of the {what} file", element("code", digest)
        if files["types"]:
            yield "Types trusted by name", name(", ".join(files["types"]))
