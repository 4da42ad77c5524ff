"""Explanations of the interval methods of a run, in plain words."""

from collections.abc import Iterator, Mapping
from typing import Any

from genlabel_robust.runs.results.results import Results

#: Beginning of the name of an ``Estimate``'s method -> explanation; longer ones come first.
METHODS = {
    "wilson": "Wilson's interval of a share, for one training: only the test rows are uncertain",
    "two-level (seeds, rows)": (
        "a share over several trainings: Wilson's formula, with the variance of test rows and that "
        "of training seeds added up"
    ),
    "tango": "Tango's interval of a paired difference, for one training on each side",
    "two-level t (seeds, rows), floored at tango without discordance": (
        "a paired difference over several trainings whose answers hardly differ. So few differing "
        "answers underestimate the variance, so the interval is as wide as Tango's for models that "
        "agree on every row"
    ),
    "two-level t (seeds, rows)": (
        "a paired difference over several trainings: Student's t, with the variance of test rows "
        "and that of training seeds added up"
    ),
    "newcombe": "Newcombe's interval of a difference between two groups of different rows",
    "mover of": (
        "a figure computed from several shares, such as the mean over classes; its interval is "
        "computed from theirs"
    ),
    "order statistics": (
        "a median of margins: its ends are margins of the sample, chosen by their rank; “of the "
        "bounds” takes the lower end from what is proved and the upper end from adversarial "
        "examples"
    ),
}


def explained(results: Results) -> dict[str, str]:
    """Return method -> explanation, for all methods in the estimates of ``results``."""
    named = dict.fromkeys(_named({"rows": results["rows"], "of": results["differences"]}))
    return {
        one: words
        for one in named
        if (words := next((METHODS[m] for m in METHODS if one.startswith(m)), None))
    }


def _named(found: Any) -> Iterator[str]:
    if isinstance(found, Mapping):
        if isinstance(found.get("method"), str) and "low" in found:
            yield found["method"]
        for value in found.values():
            yield from _named(value)
    elif isinstance(found, list | tuple):
        for value in found:
            yield from _named(value)
