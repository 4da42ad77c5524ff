"""What a reader must know of a model that was audited, and not trained by the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from genlabel_robust.data.rows import NO_REFERENCE_BEGINS
from genlabel_robust.runs.cells.model_record import no_gradients, random_answers
from genlabel_robust.runs.folder.stored_run import Group, StoredRun
from genlabel_robust.runs.results.results import Results

_PROBABILITIES = (
    "The model returns probabilities. Attacks use their logarithms, which hardly change where the "
    "model is very sure; if you can export logits instead, the attacks are stronger."
)


def varying(results: Mapping[str, Any]) -> str | None:
    """Return the sentence on a model whose answers are not its rows' own; None for others."""
    told = random_answers(results.get("model"))
    return None if told is None else f"{told[0].upper()}{told[1:]}."


def about_model(results: Results) -> Iterator[str]:
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


def audited(run: StoredRun) -> bool:
    """Say whether the run attacked a model that it did not train."""
    # a mere function has no fingerprint, and so the identity of its run names no model
    return "model" in run.results or "given" in run.manifest["identity"]


def range_rows(results: Results) -> str:
    """Return which rows the ranges are of: "training", "reference" or "test" rows."""
    if "model" not in results:
        return "training"
    return "reference" if has_reference(results) else "test"


def has_reference(results: Results) -> bool:
    """Say whether an audit had reference rows beside its test rows."""
    notices = [notice for about in results.datasets.values() for notice in about.notices]
    return not any(notice.startswith(NO_REFERENCE_BEGINS) for notice in notices)


def noun(results: Mapping[str, Any]) -> str:
    """Return what the rows of tables are: strategies, or the one model that was given."""
    return "model" if "model" in results else "strategy"


def named_results(results: Mapping[str, Any]) -> Results:
    """Return ``results`` with an audited model under the names that readers know it by."""
    if "model" not in results:
        return Results(results)
    called = _called(results)
    return Results({**results, "rows": [row | called for row in results["rows"]]})


def named_run(run: StoredRun) -> StoredRun:
    """Return ``run`` with a given model under the names that readers know it by."""
    if "model" not in run.results:
        return run
    called = _called(run.results)

    def group(one: Group) -> Group:
        return one[0], called["architecture"], called["strategy"]

    return replace(
        run,
        results=named_results(run.results),
        panels={group(one): panel for one, panel in run.panels.items()},
        cells={group(one): cells for one, cells in run.cells.items()},
    )


def _called(results: Mapping[str, Any]) -> dict[str, str]:
    record = results["model"]
    return {"strategy": record["name"], "architecture": record["format"]}


def in_memory(run: StoredRun) -> bool:
    """Say whether the audited model was an object in memory, which has no file."""
    # earlier runs do not say; those of the command line have a file
    return bool(run.results["model"].get("in_memory", "audit" not in run.manifest))


def _without_rate(results: Results) -> list[str]:
    """Return the attacks that could not work on the model for want of gradients."""
    return [
        attack
        for attack in results["attacks"]
        if all(
            row.outcomes.get(attack, {}).get("not_applicable")
            # earlier runs do not say why
            and "gradients" in row.not_applicable.get(attack, "gradients")
            for row in results.rows
        )
    ]
