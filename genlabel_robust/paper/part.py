"""What a part of the paper is: how it is measured, how it is told, and its rows as results."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

#: What every row of results has; null where a part does not measure it.
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
    """``run(out, seed, on_progress, ...)`` measures, ``markdown(results)`` tells.

    ``run`` returns JSON values with ``rows``, and writes its figures into ``out``.
    ``rows_are_results``: whether these are rows of a strategy on a data set. ``check``
    takes settings of ``run`` and raises what is wrong with them, before anything is measured.
    """

    run: Callable[..., dict[str, Any]]
    markdown: Callable[[Mapping[str, Any]], str]
    rows_are_results: bool
    check: Callable[..., None] | None = None


def results_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``row`` with every field of a row of results; its own fields stay beside them."""
    whole = dict.fromkeys(FIELDS) | _EMPTY | dict(row)
    if whole["robust_accuracy"] is None and whole["reason"] is None:
        whole["reason"] = "no attack at a fixed ε is part of this table"
    return whole
