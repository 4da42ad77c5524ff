"""The paper's cells as rows of ``results.json``: the same fields as those of ``evaluate``."""

from collections.abc import Mapping
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


def results_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``row`` with every field of a row of results; its own fields stay beside them."""
    whole = dict.fromkeys(FIELDS) | _EMPTY | dict(row)
    if whole["robust_accuracy"] is None and whole["reason"] is None:
        whole["reason"] = "no attack at a fixed ε is part of this table"
    return whole
