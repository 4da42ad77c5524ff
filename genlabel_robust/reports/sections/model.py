"""The model, where it was given to the run: its file, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Iterator

from genlabel_robust.evaluation.reading import StoredRun
from genlabel_robust.reports.given import about_model
from genlabel_robust.reports.markup import Content, Markup, element, joined, name
from genlabel_robust.reports.parts import bullets, facts

_ASKED = {
    "gradients": "labels, scores and gradients",
    "scores": "labels and scores",
    "decisions": "labels only",
}


def model(run: StoredRun) -> Markup | None:
    """Return what the model is and what was asked of it; None if the run trained its models."""
    record = run.results.get("model")
    if record is None:
        return None
    told = list(about_model(run.results))
    return joined([facts(_facts(run)), bullets(told) if told else None])


def _facts(run: StoredRun) -> Iterator[tuple[Content, Content]]:
    record, files = run.results["model"], run.manifest.get("audit")
    yield "File" if files else "In memory", name(record["name"])
    yield "Format", name(record["format"])
    yield "SHA-256", element("code", record["sha256"]) if record["sha256"] else "not known"
    yield "Attacks could ask for", _ASKED[record["knowledge"]]
    if files is not None:
        yield "Rows", joined([name(files["data"]), ", labels in ", name(files["target"])])
        yield "Reference rows", name(files["reference"]) if files["reference"] else (
            "none: ranges and starting points are those of the test rows"
        )  # fmt: skip
        if files["types"]:
            yield "Types trusted by name", name(", ".join(files["types"]))
