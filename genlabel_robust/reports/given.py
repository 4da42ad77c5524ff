"""What a reader must know of a model that was given to the run, in whole sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from genlabel_robust.evaluation.model_record import no_gradients

_PROBABILITIES = (
    "Its scores are probabilities: attacks use their logarithms. Where it is sure of itself these "
    "still flatten out; give a model of logits if there is one."
)


def about_model(results: Mapping[str, Any]) -> Iterator[str]:
    """Yield the sentences; none for models that the run trained itself."""
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


def _without_rate(results: Mapping[str, Any]) -> list[str]:
    """Return the attacks that could not work on the model."""
    return [
        attack
        for attack in results["attacks"]
        if all(row["outcomes"].get(attack, {}).get("not_applicable") for row in results["rows"])
    ]
