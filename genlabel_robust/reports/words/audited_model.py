"""Sentences on a model that was audited, not trained by the run."""

from collections.abc import Iterator
from dataclasses import replace

from genlabel_robust.reports.words.decided import all_exact
from genlabel_robust.runs.cells.model_record import ModelRecord, no_gradients, random_answers
from genlabel_robust.runs.folder.stored_run import Group, StoredRun
from genlabel_robust.runs.results.results import Results

_PROBABILITIES = (
    "The model returns probabilities. Attacks use their logarithms, which hardly change where the "
    "model is very sure; if you can export logits instead, the attacks are stronger."
)


def varying(results: Results) -> str | None:
    """Return the sentence on a model with random or batch-dependent predictions, or None."""
    reason = random_answers(results.model)
    return None if reason is None else f"{reason[0].upper()}{reason[1:]}."


def about_model(results: Results) -> Iterator[str]:
    """Yield the sentences on an audited model; nothing if the run trained its models."""
    record = results.model
    if record is None:
        return
    why = no_gradients(record)
    if why is not None:
        skipped = _without_rate(results)
        attacks = f" ({', '.join(skipped)})" if skipped else ""
        yield f"White-box attacks{attacks} did not run: {why}."
    if record.probabilities:
        yield _PROBABILITIES
    yield from record.notes


def about_model_first(results: Results) -> Iterator[str]:
    """Yield the sentences that come before the results.

    If every row is decided, the limits of attacks do not matter and are left out.
    """
    if results.model is not None and all_exact(results):
        yield from results.model.notes
    else:
        yield from about_model(results)


def range_rows(results: Results) -> str:
    """Return which rows set the ranges: "training", "reference" or "test"."""
    if results.model is None:
        return "training"
    return "reference" if has_reference(results) else "test"


def has_reference(results: Results) -> bool:
    """Return whether an audit had reference rows besides its test rows."""
    return all(about.ranges == "reference" for about in results.datasets.values())


def noun(results: Results) -> str:
    """Return the noun for the rows of tables: "strategy", or "model" for an audit."""
    return "strategy" if results.model is None else "model"


def named_results(results: Results) -> Results:
    """Return ``results`` with the audited model's own name in place of placeholders."""
    if results.model is None:
        return results
    return results.with_names(**_called(results.model))


def named_run(run: StoredRun) -> StoredRun:
    """Return ``run`` with the audited model's own name in place of placeholders."""
    if run.results.model is None:
        return run
    called = _called(run.results.model)

    def group(one: Group) -> Group:
        return one[0], called["architecture"], called["strategy"]

    return replace(
        run,
        results=named_results(run.results),
        panels={group(one): panel for one, panel in run.panels.items()},
        cells={group(one): cells for one, cells in run.cells.items()},
    )


def _called(record: ModelRecord) -> dict[str, str]:
    return {"strategy": record.name, "architecture": record.format}


def _without_rate(results: Results) -> list[str]:
    """Return the attacks that were not applicable because the model has no gradients."""
    return [
        attack
        for attack in results.attacks
        if all(
            row.outcomes.get(attack, {}).get("not_applicable")
            # older runs do not store the reason
            and row.lacking.get(attack, "gradients") == "gradients"
            for row in results.rows
        )
    ]
