"""The limitations of the numbers."""

from collections.abc import Iterator
from typing import Any

from genlabel_robust.core import plural
from genlabel_robust.reports.page.markup import Markup, element, joined, name
from genlabel_robust.reports.page.parts import bullets, details
from genlabel_robust.reports.page.view import datasets
from genlabel_robust.reports.words.decided import all_exact
from genlabel_robust.reports.words.methods import explained
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.plan.origin import Recipes

#: With fewer test rows, intervals are wider than ten points on each side.
_FEW_ROWS = 100
#: With fewer seeds, little is known about the variation between trainings.
_FEW_SEEDS = 5


def limits(run: StoredRun) -> Markup:
    """Return the limitations of every run, then those of this run, and its interval methods."""
    methods = explained(run.results).items()
    lines = (joined([element("code", method), f": {words}."]) for method, words in methods)
    return joined(
        [
            bullets([*_always(run.results), *_own(run)]),
            details("How the intervals were computed", bullets(lines)) if methods else None,
        ]
    )


def _always(found: Any) -> Iterator[str]:
    if not all_exact(found):
        yield (
            "Attacks search; they do not prove. Another attack, or more steps, may break answers "
            "that are not proved. Checks that pass make this less likely, not impossible."
        )
    yield (
        "Attacks stayed within the stated ball. Changes that matter in practice may have another "
        "shape: correlated features, or changes that cost an attacker differently."
    )
    yield "The test rows represent the population that they were drawn from, and no other."
    yield (
        "Each interval and each comparison stands alone: among many, some miss by chance, and the "
        "best of several looks better than it is."
    )
    if not any(row.certified_accuracy for row in found.rows):
        yield "Nothing is proved in this run."


def _own(run: StoredRun) -> Iterator[Markup | str]:
    found = run.results
    for dataset, about in datasets(found).items():
        if about.n_test < _FEW_ROWS:
            yield joined(
                [
                    name(dataset),
                    f" has {plural(about.n_test, 'test row')}: its intervals are "
                    "wide, and those of its classes are wider.",
                ]
            )
    if run.origin == Recipes():
        yield (
            "This run trained the models, with its settings; a model that is trained otherwise "
            "may be less robust."
        )
        seeds = len(run.manifest["seeds"]["training"])
    else:
        yield (
            "The run does not know how the model was trained: another training may give a model "
            "that is less robust."
        )
        seeds = _FEW_SEEDS
    if seeds < _FEW_SEEDS:
        yield (
            f"Each model was trained {plural(seeds, 'time')}: that says little about how much "
            "training itself varies."
        )
    config = {key: entry["value"] for key, entry in run.manifest["config"].items()}
    if config.get("early_stop"):
        yield (
            "Early stop: attacks skipped the rows that a cheaper attack had broken, so they have "
            "no rate of their own."
        )
    if found.max_seconds is not None:
        yield (
            f"Each attack was limited to {found.max_seconds:g} s on each model, so the results "
            "depend on the machine."
        )
    if found.checks == "off":
        yield "Checks were off."
    if found.threat.unit == "global-range":
        yield (
            "ε is a share of one range over all scaled features, so it is a different share of "
            "each feature’s own range."
        )
    ran = {
        need
        for panel in run.panels.values()
        for index, need in enumerate(panel.needs)
        if panel.applicable(index)
    }
    if config.get("certify_seconds") is not None:
        yield (
            f"Proofs were limited to {config['certify_seconds']:g} s for each model, so what they "
            "decide depends on the machine."
        )
    if ran and "gradients" not in ran and not all_exact(found):
        yield "No attack used gradients: the robust accuracy may be a loose upper bound."
