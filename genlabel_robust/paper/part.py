"""A part of the reproduction: how to measure it and how to report it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

#: The fields of every row of results; null if a part does not measure them.
FIELDS = (
    "dataset",
    "strategy",
    "architecture",
    "eps",
    "norm",
    "unit",
    "n_examples",
    "n_seeds",
    "clean_accuracy",
    "robust_accuracy",
    "exact_robust_accuracy",
    "certified_accuracy",
    "balanced_clean_accuracy",
    "balanced_robust_accuracy",
    "margin",
    "logit_margin",
    "reason",
)
_EMPTY: dict[str, Any] = {"attacks": {}, "outcomes": {}, "per_class": [], "checks": []}


@dataclass(frozen=True)
class Part:
    """A part: ``run(out, seed, on_progress, ...)`` measures, ``markdown(results)`` reports.

    ``run``: returns JSON values with ``rows``, and writes figures into ``out``.
    ``rows_are_results``: whether each row is about a strategy on a data set. ``check``: takes
    settings of ``run``, and raises an error for invalid ones before anything is measured.
    """

    run: Callable[..., dict[str, Any]]
    markdown: Callable[[Mapping[str, Any]], str]
    rows_are_results: bool
    check: Callable[..., None] | None = None


def results_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``row`` with all fields of a row of results added; its own fields are kept."""
    whole = dict.fromkeys(FIELDS) | _EMPTY | dict(row)
    if whole["robust_accuracy"] is None and whole["reason"] is None:
        whole["reason"] = "no attack at a fixed ε is part of this table"
    return whole
