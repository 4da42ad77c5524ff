"""What a reader must know of a model that was given to the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from genlabel_robust.evaluation.model_record import no_gradients
from genlabel_robust.evaluation.reading import StoredRun
from genlabel_robust.reports.markup import Content, Markup, element, joined, name
from genlabel_robust.reports.parts import facts

_ASKED = {
    "gradients": "labels, scores and gradients",
    "scores": "labels and scores",
    "decisions": "labels only",
}

_PROBABILITIES = (
    "Its scores are probabilities: attacks use their logarithms. Where it is sure of itself these "
    "still flatten out; give a model of logits if there is one."
)


def about_model(results: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is to be said of it, in sentences; nothing if the run trained its models."""
    record = results.get("model")
    if record is None:
        return
    why = no_gradients(record)
    if why is not None:
        skipped = _without_rate(results)
        attacks = f" ({', '.join(skipped)})" if skipped else ""
        yield f"White-box attacks{attacks} did not run: {why}."
    if record["probabilities"]:
        yield _PROBABILITIES
    yield from record["notes"]


def model_name(results: Mapping[str, Any], architecture: str) -> str:
    """Return what readers know the model by: a given one's own name, or the architecture."""
    return str(results["model"]["name"]) if "model" in results else architecture


def given_facts(run: StoredRun) -> Markup | None:
    """Return what the model is and what it was read from; None if the run trained its models."""
    return facts(_facts(run)) if "model" in run.results else None


def _facts(run: StoredRun) -> Iterator[tuple[Content, Content]]:
    record, files = run.results["model"], run.manifest.get("audit")
    yield "Model", name(record["name"]) if files else joined([name(record["name"]), ", in memory"])
    yield "Format", name(record["format"])
    yield "SHA-256", element("code", record["sha256"]) if record["sha256"] else "not known"
    yield "Attacks could ask for", _ASKED[record["knowledge"]]
    if files is not None:
        yield "Rows", joined([name(files["data"]), ", labels in ", name(files["target"])])
        yield "Reference rows", name(files["reference"]) if files["reference"] else "none"
        if files["types"]:
            yield "Types trusted by name", name(", ".join(files["types"]))


def _without_rate(results: Mapping[str, Any]) -> list[str]:
    """Return the attacks that could not work on the model."""
    return [
        attack
        for attack in results["attacks"]
        if all(row["outcomes"].get(attack, {}).get("not_applicable") for row in results["rows"])
    ]
